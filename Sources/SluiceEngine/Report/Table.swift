import SluiceRecords

/// Detections that are to be looked at, a summary of the run, and what exceptions did, for people.
public struct Table {
  private let detections: [Detection]
  private let figures: Figures

  public init(_ result: ScanResult) {
    detections = result.shown
    figures = result.figures
  }

  private static let headings: [SafeText] = [
    "COMPROMISED", "FIRST SEEN (UTC)", "LAST SEEN", "CLIENT IP", "EVENTS", "USERS", "RULE",
  ]
  /// Columns that stand to the right.
  private static let numbers: Set = [0, 4, 5]

  public var text: SafeText {
    var lines: [SafeText] = []
    if detections.isEmpty {
      let areSuppressed = figures.suppressed.contains { $0.count > 0 }
      lines.append(areSuppressed ? "No detections but those that exceptions cover." : "No detections.")
    } else {
      lines += SafeText.aligned(
        [Self.headings] + detections.sorted { $0.firstSeen < $1.firstSeen }.map(row), toTheRight: Self.numbers
      )
    }
    lines.append("")
    lines += Summary(figures).lines
    lines += ExceptionSummary(figures).lines
    return SafeText.joined(lines.map { "\($0)\n" })
  }

  private func row(_ detection: Detection) -> [SafeText] {
    [
      "\(detection.triage.map { String($0.compromisedUsers.count) } ?? "-")",
      "\(Self.minute(detection.firstSeen))", "\(Self.minute(detection.lastSeen))",
      "\(detection.clientIP?.description ?? "none")", "\(detection.eventCount)", "\(Self.users(detection))",
      "\(detection.rule.id)",
    ]
  }

  /// `2026-01-05 10:00:07`.
  private static func minute(_ time: EventTime) -> String {
    String(time.description.prefix(19).map { $0 == "T" ? " " : $0 })
  }

  private static func users(_ detection: Detection) -> String {
    for name in ["Esql.unique_users", "distinct_users"] {
      if case .integer(let count) = detection[column: name] { return String(count) }
    }
    return "-"
  }
}
