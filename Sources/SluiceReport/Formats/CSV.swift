import SluiceRecords
import SluiceRules

/// Detections as comma-separated values: RFC 4180, UTF-8, a header, one row per detection.
///
/// The columns are those that all rules share. The rule's own columns are one cell of JSON, which keeps exact values.
/// Lists are joined by `; `. Absent values are empty cells.
///
/// Attackers control some of the cells. People open them in spreadsheets, which run text that looks like a formula, or
/// read them on a terminal. A cell therefore gets a leading apostrophe if it begins with `=`, `+`, `-`, `@`, or with a
/// character that a spreadsheet may skip or take for one of these. Control characters and invisible characters become
/// escapes such as `\u{1b}`, so a row is one line. Raw output has neither.
struct CSV {
  var isRaw: Bool

  static let header = [
    "id", "rule", "vendor", "vendor_rule_id", "title", "severity", "risk_score", "tactics", "techniques",
    "client_ip", "window_start", "window_end", "first_seen", "last_seen", "event_count", "user_count",
    "users",
    "compromised_count", "compromised_users", "episode", "incident", "also_seen_by", "suppressed_by",
    "suppressed_owner", "suppressed_reason", "message", "columns",
  ]

  func text(_ detections: [Detection]) -> [UInt8] {
    var text = row(Self.header)
    for detection in detections {
      // JSON has its own escapes and begins with a brace.
      text += row(cells(detection).map { isRaw ? $0 : Self.safe($0) } + [Self.json(detection.columns)])
    }
    return text
  }

  private func cells(_ detection: Detection) -> [String] {
    let rule = detection.rule
    let suppressed = detection.suppressed
    return [
      detection.id, rule.id, rule.vendor, rule.vendorRuleID, rule.title, rule.severity,
      Self.text(rule.riskScore), Self.list(rule.tactics), Self.list(rule.techniques),
      Self.text(detection.clientIP),
      "\(detection.windowStart)", "\(detection.windowEnd)", "\(detection.firstSeen)", "\(detection.lastSeen)",
      "\(detection.eventCount)", Self.text(detection.userCount), Self.list(detection.users ?? []),
      Self.text(detection.compromisedCount), Self.list(detection.compromisedUsers ?? []), detection.episode,
      detection.incident, Self.list(detection.alsoSeenBy), suppressed?.exception ?? "",
      suppressed?.owner ?? "", suppressed?.reason ?? "", "\(detection.message)",
    ]
  }

  private static func json(_ columns: [Detection.Column]) -> String {
    var json = JSONWriter()
    json.write(columns)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  private static func text(_ value: (some CustomStringConvertible)?) -> String { value?.description ?? "" }

  private static func list(_ values: [some CustomStringConvertible]) -> String {
    values.map(\.description).joined(separator: "; ")
  }

  /// Returns a row with its line end.
  private func row(_ cells: [String]) -> [UInt8] {
    Array((cells.map(quoted).joined(separator: ",") + "\r\n").utf8)
  }

  /// Characters that begin a formula in some spreadsheet, or that it skips before one.
  ///
  /// Besides the four signs these are their full-width forms, tab and line ends.
  private static let formulaStarts: Set<Unicode.Scalar> = [
    "=", "+", "-", "@", "\t", "\r", "\n", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}",
  ]

  private static func safe(_ cell: String) -> String {
    var safe = ""
    if let first = cell.unicodeScalars.first, formulaStarts.contains(first) { safe = "'" }
    for scalar in cell.unicodeScalars {
      if SafeText.isPlain(scalar) {
        safe.unicodeScalars.append(scalar)
      } else {
        safe += "\\u{\(String(scalar.value, radix: 16))}"
      }
    }
    return safe
  }

  private func quoted(_ cell: String) -> String {
    // Search by scalars, because "\r\n" is one character.
    guard cell.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return cell }
    var quoted = "\""
    for scalar in cell.unicodeScalars {
      if scalar == "\"" { quoted += "\"" }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }
}
