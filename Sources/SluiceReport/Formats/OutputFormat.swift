import SluiceEngine
import SluiceRecords
import SluiceRules

/// The formats of a run's detections: the only mapping from names to writers.
///
/// All formats except ``table`` and ``navigator`` write one record per detection and mark suppressed ones. Those two
/// omit suppressed detections. The output depends only on the result and on ``RenderOptions``.
public enum OutputFormat: String, CaseIterable, Sendable {
  case ndjson, table, csv, ocsf, ecs, navigator, html

  public static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

  public func render(_ result: ScanResult, _ options: RenderOptions = RenderOptions()) -> [UInt8] {
    switch self {
    case .ndjson: lines(result.detections.lazy.map(\.ndjson))
    case .table: Array(Table(result, options).text.utf8)
    case .csv: CSV(isRaw: options.isRawCSV).text(result.detections)
    case .ocsf: lines(result.detections.lazy.map(\.ocsf))
    case .ecs: lines(result.detections.lazy.map(\.ecs))
    case .navigator: NavigatorLayer(result.shown).json + [UInt8(ascii: "\n")]
    case .html: Report(result, options.rulebook).html
    }
  }

  private func lines(_ records: some Sequence<[UInt8]>) -> [UInt8] {
    records.reduce(into: []) { text, record in
      text += record
      text.append(UInt8(ascii: "\n"))
    }
  }
}

/// Options of the formats; each concerns one format.
public struct RenderOptions: Sendable {
  /// CSV: cells without escapes, for programs; a spreadsheet may take them for formulas.
  public var isRawCSV = false
  /// Table: the terminal's columns, to which rows are cut; nil if rows are not cut.
  public var width: Int?
  public var hasColours = false
  /// Table: the maximum number of rows; nil for all.
  public var rowCountMax: Int?
  /// HTML: the rulebook from which the page takes what it says about rules.
  public var rulebook = Rulebook.builtIn

  public init() {}
}

/// The program's name and version in the formats.
package enum Product {
  package static let name = "sluice"
  package static let version = "0.2.0"
}

extension JSONWriter {
  /// Writes a member unless it has no value: other schemas require that the field is absent then.
  mutating func memberIfAny(_ name: String, _ value: Value?) {
    guard let value, value != .null, value != .list([]) else { return }
    member(name, value)
  }

  /// Writes members of a detection that only this program has.
  mutating func ownMembers(_ detection: Detection) {
    member("vendor", detection.rule.vendor)
    member("vendor_rule_id", detection.rule.vendorRuleID)
    member("episode", detection.episode)
    member("incident", detection.incident)
    member("also_seen_by", detection.alsoSeenBy)
    member("window_start", .time(detection.windowStart))
    member("window_end", .time(detection.windowEnd))
    member("event_count", detection.eventCount)
    if let users = detection.compromisedUsers {
      member("compromised_users", .list(users.map { .text($0) }))
    }
    key("columns")
    write(detection.columns)
    if let suppressed = detection.suppressed {
      key("suppressed")
      suppressed.write(to: &self)
    }
  }
}
