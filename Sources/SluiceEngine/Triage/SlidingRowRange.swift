import SluiceRecords

/// What lies in a range of time that moves over rows in order of time.
///
/// Both ends may move either way; a step costs as many rows as it passes. So the ranges of detections that follow each other, each of
/// a day and more, are not gone over from the start for each.
struct SlidingRowRange {
  let times: [EventTime]
  private(set) var rows = 0..<0

  /// - Parameter times: ascending.
  init(_ times: [EventTime]) { self.times = times }

  /// Moves to another range. - Returns: the rows that leave it, and those that come in.
  mutating func move(to range: ClosedRange<EventTime>) -> (left: [Range<Int>], come: [Range<Int>]) {
    let before = rows
    let start = times.partitioningIndex(where: { $0 >= range.lowerBound })
    let end = times.partitioningIndex(where: { $0 > range.upperBound })
    rows = start..<end
    // What both have in common stays.
    let low = max(before.lowerBound, start)
    let high = min(before.upperBound, end)
    guard low < high else { return ([before], [rows]) }
    return ([before.lowerBound..<low, high..<before.upperBound], [start..<low, high..<end])
  }
}

/// How many rows of a range have each value; values are numbers.
struct ValueCounts {
  private(set) var counts: [Int: Int] = [:]

  mutating func add(_ value: Int, _ change: Int) {
    let count = counts[value, default: 0] + change
    counts[value] = count == 0 ? nil : count
  }

  var values: Dictionary<Int, Int>.Keys { counts.keys }
}
