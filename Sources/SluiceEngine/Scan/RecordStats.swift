import SluiceRecords

/// The statistics of the records that one worker scanned.
package struct RecordStats {
  var lines = 0
  var blankLines = 0
  /// Lines that are not blank and on which no record begins: brackets, and the inner lines of an event spread over
  /// several.
  var linesWithoutRecord = 0
  /// Records that begin on a line on which another record has begun.
  var recordsBeyondLines = 0
  var records = 0
  var events = 0
  package var rejected: [Reason.Word: Int] = [:]
  /// Number of records that were parsed and recognised, by the shape's number.
  var shapes = Shape.allCases.map { _ in 0 }

  mutating func reject(_ reason: Reason, _ count: Int = 1) { rejected[reason.word, default: 0] += count }

  mutating func add(_ other: RecordStats) {
    lines += other.lines
    blankLines += other.blankLines
    linesWithoutRecord += other.linesWithoutRecord
    recordsBeyondLines += other.recordsBeyondLines
    records += other.records
    events += other.events
    rejected.merge(other.rejected, uniquingKeysWith: +)
    for shape in shapes.indices { shapes[shape] += other.shapes[shape] }
  }
}
