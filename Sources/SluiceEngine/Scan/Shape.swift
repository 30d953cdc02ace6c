/// The forms in which archives contain Okta events: a wrapper around events, other names for their fields, or both.
/// See `AddingAShipper.md`.
enum Shape: Int, CaseIterable {
  case raw
  /// An array, as in answers of the System Log API.
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

/// Values, other than an event's own fields, by which an object's shape is recognised and in which wrappers contain
/// events.
enum ShapeMarker: Int, CaseIterable {
  /// `eventtype` of Panther's lower-case events.
  case lowercaseEventType = 48  // FieldTable.fieldSlots
  /// A field that Panther adds.
  case panther
  /// Fields of every Elastic document, inside `event` and with a dotted key.
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
  /// A path of an event's own fields as one key, as in flattened events.
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

  /// The bits of all markers.
  static let bits = allCases.reduce(UInt64(0)) { $0 | $1.bit }

  static let slots = allCases.flatMap { mark in mark.paths.map { ($0, mark.rawValue) } }
}
