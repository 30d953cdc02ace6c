import SluiceRecords

/// An index of the files that may hold events of a time range, by the times seen in them.
///
/// Times were sampled by the hour. A file is near a range if its hours, widened by ``slack`` milliseconds on both
/// sides, overlap the range. A file without any seen time is always near.
struct TimeIndex {
  static let slack: Int64 = 3_600_000

  /// Time ranges that may contain a file's events, by ascending file number; nil if no time was seen.
  private let spans: [(file: Int, span: ClosedRange<EventTime>?)]
  private let starts: [EventTime]
  private let ends: [EventTime]

  /// - Parameter hours: numbering of the hours in `times`.
  init(_ times: FileTimeRanges, _ hours: CoveredHours = CoveredHours()) {
    spans = times.files.sorted { $0.key < $1.key }.map { file, times in
      (file, times.span?.widened(hours))
    }
    starts = spans.compactMap(\.span?.lowerBound).sorted()
    ends = spans.compactMap(\.span?.upperBound).sorted()
  }

  /// Returns the number of files near a range.
  func count(_ range: ClosedRange<EventTime>) -> Int {
    let endBefore = ends.partitioningIndex(where: { $0 >= range.lowerBound })
    let startAfter = starts.count - starts.partitioningIndex(where: { $0 > range.upperBound })
    return spans.count - endBefore - startAfter
  }

  /// Returns the files near any of the ranges, which are ascending and disjoint.
  func files(_ ranges: [ClosedRange<EventTime>]) -> [Int] {
    if ranges.isEmpty { return [] }
    return spans.filter { $0.span?.meets(ranges) ?? true }.map(\.file)
  }
}

extension TriageBlockSelection {
  /// Selects the blocks of a file that may contain events near any of some ranges.
  ///
  /// - Parameters:
  ///   - ranges: ascending and disjoint.
  ///   - hours: numbering of the hours in `times`.
  init(_ times: FileTimeRanges.File, _ ranges: [ClosedRange<EventTime>], _ hours: CoveredHours) {
    self.init(times.zones.map { ($0.offset, $0.span?.widened(hours).meets(ranges) ?? true) })
  }
}

extension HourRange {
  fileprivate func widened(_ hours: CoveredHours) -> ClosedRange<EventTime> {
    let start = hours.start(of: first).milliseconds - TimeIndex.slack
    let end = hours.start(of: last + 1).milliseconds - 1 + TimeIndex.slack
    return EventTime(milliseconds: start)...EventTime(milliseconds: end)
  }
}

extension ClosedRange<EventTime> {
  /// Returns whether the range overlaps any of some ranges.
  fileprivate func meets(_ ranges: [ClosedRange<EventTime>]) -> Bool {
    let index = ranges.partitioningIndex(where: { $0.upperBound >= lowerBound })
    return index < ranges.count && ranges[index].lowerBound <= upperBound
  }
}
