/// The forms in which Okta events lie in archives (shared/INPUTS.md): a wrapper around events, a naming of their fields, or both.
enum Shape: Int, CaseIterable {
  case raw
  /// An array, as the System Log API answers.
  case page
  case concatenated
  case eventBridge
  case eventHook
  case splunkHEC
  case cribl
  case elasticInput
  case elasticDocument
  case datadog
  case panther
  case pantherLowercase

  var name: String {
    switch self {
    case .raw: "raw"
    case .page: "page"
    case .concatenated: "concatenated"
    case .eventBridge: "eventbridge"
    case .eventHook: "event-hook"
    case .splunkHEC: "splunk-hec"
    case .cribl: "cribl"
    case .elasticInput: "elastic-input"
    case .elasticDocument: "elastic-document"
    case .datadog: "datadog"
    case .panther: "panther"
    case .pantherLowercase: "panther-lowercase"
    }
  }
}

/// Values by which an object's shape is recognised, beside the event's own fields, and where wrappers hold their events.
enum ShapeMarker: Int, CaseIterable {
  /// Of Panther's lower-case events, `eventtype`.
  case lowercaseEventType = 48  // FieldTable.fieldSlots
  /// A field that Panther adds.
  case panther
  /// What every Elastic document has, within `event` and with a dot.
  case elasticNested
  case elasticDotted
  case source
  case detail
  case hookEvents
  case event
  case eventEventType
  case raw
  case message
  case attributes
  case attributesEventType
  /// A path of an event's own fields as one key, as in events that were flattened.
  case flattened

  private var paths: [[String]] {
    switch self {
    case .lowercaseEventType: [["eventtype"]]
    case .panther: [["p_log_type"], ["p_event_time"]]
    case .elasticNested: [["event", "action"], ["event", "original"]]
    case .elasticDotted: [["event.action"], ["event.original"]]
    case .source: [["_source"]]
    case .detail: [["detail"]]
    case .hookEvents: [["data", "events"]]
    case .event: [["event"]]
    case .eventEventType: [["event", "eventType"]]
    case .raw: [["_raw"]]
    case .message: [["message"]]
    case .attributes: [["attributes"]]
    case .attributesEventType: [["attributes", "eventType"]]
    case .flattened:
      FieldTable.innerEventFields.flatMap(FieldTable.raw.paths(of:)).map { [$0.joined(separator: ".")] }
    }
  }

  var bit: UInt64 { 1 << UInt64(rawValue) }

  /// Those of all marks.
  static let bits = allCases.reduce(UInt64(0)) { $0 | $1.bit }

  static let slots = allCases.flatMap { mark in mark.paths.map { ($0, mark.rawValue) } }
}
