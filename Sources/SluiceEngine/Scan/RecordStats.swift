/// What one worker counted while it scanned.
struct RecordStats {
  var lines = 0
  var blankLines = 0
  /// Lines that are not blank, on which no record begins: the inner ones of an event spread over several, brackets.
  var linesWithoutRecord = 0
  /// Records that begin on a line on which another has begun.
  var recordsBeyondLines = 0
  var records = 0
  var events = 0
  var rejected: [String: Int] = [:]
  /// By number of the shape: records that were read and recognised.
  var shapes = Shape.allCases.map { _ in 0 }

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
