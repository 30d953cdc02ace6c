import SluiceRecords

/// The statistics of records that were scanned.
public struct RecordStats: NamedCounts, Sendable {
  package var lines = 0
  package var blankLines = 0
  /// Lines that are not blank and on which no record begins: brackets, and the inner lines of an event spread over
  /// several.
  package var linesWithoutRecord = 0
  /// Records that begin on a line on which another record has begun.
  package var recordsBeyondLines = 0
  /// Number of records.
  public var count = 0
  public var events = 0
  /// Rejected records by reason.
  package var rejected: [Reason.Word: Int] = [:]
  /// Number of records that were parsed and recognised, by the shape's number.
  var shapeCounts = Shape.allCases.map { _ in 0 }

  mutating func reject(_ reason: Reason, _ count: Int = 1) { rejected[reason.word, default: 0] += count }

  package static let counts: [(name: String, path: CountPath)] = [
    ("lines", \.lines), ("blank_lines", \.blankLines), ("lines_without_record", \.linesWithoutRecord),
    ("records_beyond_lines", \.recordsBeyondLines), ("records", \.count), ("events", \.events),
  ]

  static func += (stats: inout RecordStats, other: RecordStats) {
    stats.addCounts(other)
    stats.rejected.merge(other.rejected, uniquingKeysWith: +)
    for shape in stats.shapeCounts.indices { stats.shapeCounts[shape] += other.shapeCounts[shape] }
  }

  package var rejectedCount: Int { rejected.values.reduce(0, +) }

  package var rejectedByReason: [NamedCount] {
    rejected.sorted { $0.key < $1.key }.map { ($0.key.text, $0.value) }
  }

  /// Records by the outermost shape in which they were found, without shapes that do not occur.
  package var shapes: [NamedCount] {
    zip(Shape.allCases.map(\.name), shapeCounts).filter { $0.1 > 0 }.map { ($0.0, $0.1) }
  }

  /// Whether every record and every line is accounted for. Every run checks this.
  var isBalanced: Bool {
    count == events + rejectedCount && count == lines - blankLines - linesWithoutRecord + recordsBeyondLines
  }
}
