import SluiceRecords

/// Which files of an archive may hold events of a range of time, by the times that were seen in them.
///
/// Times were sampled by the hour, so a file is near if its hours, widened by ``slack`` on either side, meet the range. One in
/// which no time was seen is always near.
struct TimeIndex {
  static let slack: Int64 = 3_600_000

  /// From when to when events of a file may be; by number of the file, ascending.
  private let spans: [(file: Int, span: ClosedRange<EventTime>?)]
  private let starts: [EventTime]
  private let ends: [EventTime]

  /// - Parameter hours: by whose numbers times were noted.
  init(_ times: FileTimeRanges, _ hours: CoveredHours = CoveredHours()) {
    spans = times.files.sorted { $0.key < $1.key }.map { file, times in
      (file, times.span?.widened(hours))
    }
    starts = spans.compactMap(\.span?.lowerBound).sorted()
    ends = spans.compactMap(\.span?.upperBound).sorted()
  }

  /// How many files are near.
  func count(_ range: ClosedRange<EventTime>) -> Int {
    let endBefore = ends.partitioningIndex(where: { $0 >= range.lowerBound })
    let startBehind = starts.count - starts.partitioningIndex(where: { $0 > range.upperBound })
    return spans.count - endBefore - startBehind
  }

  /// The files that are near some of the ranges, which are in order and apart from each other.
  func files(_ ranges: [ClosedRange<EventTime>]) -> [Int] {
    if ranges.isEmpty { return [] }
    return spans.filter { $0.span?.meets(ranges) ?? true }.map(\.file)
  }
}

/// The same of a file's blocks. - Parameter ranges: in order and apart from each other.
extension BlockTimeIndex {
  init(_ times: FileTimeRanges.File, _ ranges: [ClosedRange<EventTime>], _ hours: CoveredHours) {
    self.init(times.parts.map { ($0.offset, $0.span?.widened(hours).meets(ranges) ?? true) })
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
  /// Whether it has a moment in common with one of some ranges.
  fileprivate func meets(_ ranges: [ClosedRange<EventTime>]) -> Bool {
    let index = ranges.partitioningIndex(where: { $0.upperBound >= lowerBound })
    return index < ranges.count && ranges[index].lowerBound <= upperBound
  }
}
