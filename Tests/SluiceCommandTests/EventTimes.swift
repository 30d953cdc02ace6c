import SluiceRecords

enum EventTimes {
  /// 2026-01-05T10:00:00Z, where windows of every rule begin.
  static let base = EventTime(milliseconds: 1_767_607_200_000)
}
