import SluiceRecords

/// The rows in a range of time that moves over rows in order of time.
///
/// Both ends may move either way. A move costs as many steps as it passes rows, so the overlapping ranges of successive
/// detections, each of a day or more, are not counted from the start.
struct SlidingRowRange {
  let times: [EventTime]
  private(set) var rows = 0..<0

  /// - Parameter times: times of the rows, ascending.
  init(_ times: [EventTime]) { self.times = times }

  /// Moves to another range. - Returns: the rows that leave it and the rows that enter it.
  mutating func move(to range: ClosedRange<EventTime>) -> (left: [Range<Int>], come: [Range<Int>]) {
    let before = rows
    let start = times.partitioningIndex(where: { $0 >= range.lowerBound })
    let end = times.partitioningIndex(where: { $0 > range.upperBound })
    rows = start..<end
    // Rows in both ranges stay.
    let low = max(before.lowerBound, start)
    let high = min(before.upperBound, end)
    guard low < high else { return ([before], [rows]) }
    return ([before.lowerBound..<low, high..<before.upperBound], [start..<low, high..<end])
  }
}

/// Numbers of rows in a range by value; values are numbers.
struct ValueCounts {
  private(set) var counts: [Int: Int] = [:]

  mutating func add(_ value: Int, _ change: Int) {
    let count = counts[value, default: 0] + change
    counts[value] = count == 0 ? nil : count
  }

  var values: Dictionary<Int, Int>.Keys { counts.keys }
}
