import SluiceRecords

/// How a run's detections are written: the one place that maps names to writers, but for `html`, which the command adds.
///
/// All but ``table`` and ``navigator`` write one record a detection, suppressed ones too, which are marked; those two leave
/// them out. What is written depends on the result and on ``RenderOptions`` alone.
public enum OutputFormat: String, CaseIterable, Sendable {
  case ndjson, table, csv, ocsf, ecs, navigator

  public static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

  public func render(_ result: ScanResult, _ options: RenderOptions = RenderOptions()) -> [UInt8] {
    switch self {
    case .ndjson: lines(result.detections.lazy.map(\.ndjson))
    case .table: Array(Table(result, options).text.utf8)
    case .csv: CSV(isRaw: options.isRawCSV).text(result.detections)
    case .ocsf: lines(result.detections.lazy.map(\.ocsf))
    case .ecs: lines(result.detections.lazy.map(\.ecs))
    case .navigator: NavigatorLayer(result.shown).json + [UInt8(ascii: "\n")]
    }
  }

  private func lines(_ records: some Sequence<[UInt8]>) -> [UInt8] {
    records.reduce(into: []) { text, record in
      text += record
      text.append(UInt8(ascii: "\n"))
    }
  }
}

/// What a format may be told beside the result; each concerns one of them.
public struct RenderOptions: Sendable {
  /// CSV: cells as they are, for programs; a spreadsheet may take them for formulas.
  public var isRawCSV = false
  /// Table: columns of the terminal, to which rows are cut; nil cuts nothing.
  public var width: Int?
  public var hasColours = false
  /// Table: rows at most; nil for all.
  public var rowCountMax: Int?

  public init() {}
}

/// The program, as the formats name it.
public enum Product {
  public static let name = "sluice"
  public static let version = "0.2.0"
}

extension JSONWriter {
  /// Nothing if there is no value: schemas of others want a field to be absent then.
  mutating func memberIfAny(_ name: String, _ value: Value?) {
    guard let value, value != .null, value != .list([]) else { return }
    member(name, value)
  }

  /// Writes what only this program knows of a detection, under a name of its own.
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
