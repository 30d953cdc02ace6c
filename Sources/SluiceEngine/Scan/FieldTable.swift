import SluiceRules
import SluiceSystem

/// The paths of the logical fields in an event's object, for each of the namings that shippers use. See
/// `AddingAShipper.md`.
///
/// A new field is a line in each table. A new naming is a new table.
enum FieldTable {
  /// The names of Okta's System Log API.
  case raw
  /// The same names with top-level keys in lower case, as in some of Panther's tables.
  case lowercase
  /// The names of Elastic documents: ECS and `okta.*`, nested or with dotted keys.
  case elastic

  /// Returns the paths of a field. The first with a usable value counts. Without a path the field is null. `0` is the
  /// first element of an array.
  func paths(of field: Field) -> [[String]] {
    switch self {
    case .raw: field.oktaPath.map { [$0] } ?? []
    case .lowercase: field.oktaPath.map { [[$0[0].lowercased()] + $0.dropFirst()] } ?? []
    case .elastic: Self.elastic(field).map { $0.split(separator: ".").map(String.init) }
    }
  }

  private static func elastic(_ field: Field) -> [String] {
    switch field {
    case .eventType: ["event.action"]
    case .user: ["okta.actor.alternate_id"]
    case .userAgent: ["okta.client.user_agent.raw_user_agent"]
    case .device: ["okta.client.device"]
    case .isProxy: ["okta.security_context.is_proxy"]
    case .country: ["client.geo.country_name"]
    case .city: ["client.geo.city_name"]
    // The log's own value comes first, then Elastic's look-up.
    case .asNumber: ["okta.security_context.as.number", "source.as.number"]
    case .asOrg: ["okta.security_context.as.organization.name", "source.as.organization.name"]
    case .outcomeResult: ["okta.outcome.result"]
    case .outcomeReason: ["okta.outcome.reason"]
    case .threatSuspected: ["okta.debug_context.debug_data.threat_suspected"]
    case .riskLevel: ["okta.debug_context.debug_data.risk_level"]
    case .riskReasons: ["okta.debug_context.debug_data.risk_reasons"]
    case .published: ["@timestamp"]
    case .uuid: ["event.id", "okta.uuid"]
    case .clientIP: ["okta.client.ip"]
    case .actorID: ["okta.actor.id"]
    case .actorType: ["okta.actor.type"]
    case .severity: ["okta.severity"]
    case .displayMessage: ["okta.display_message"]
    case .actorDisplayName: ["okta.actor.display_name"]
    case .sessionID: ["okta.authentication_context.external_session_id"]
    case .authenticationProvider: ["okta.authentication_context.authentication_provider"]
    case .credentialType: ["okta.authentication_context.credential_type"]
    case .userAgentOS: ["okta.client.user_agent.os"]
    case .userAgentBrowser: ["okta.client.user_agent.browser"]
    case .zone: ["okta.client.zone"]
    case .state: ["client.geo.region_name"]
    case .isp: ["okta.security_context.isp"]
    case .domain: ["okta.security_context.domain"]
    case .dtHash: ["okta.debug_context.debug_data.dt_hash"]
    case .requestURI: ["okta.debug_context.debug_data.request_uri"]
    case .url: ["okta.debug_context.debug_data.url"]
    case .factor: ["okta.debug_context.debug_data.factor"]
    case .transactionType: ["okta.transaction.type"]
    case .targetID: ["okta.target.0.id"]
    case .targetType: ["okta.target.0.type"]
    case .targetUser: ["okta.target.0.alternate_id"]
    case .targetDisplayName: ["okta.target.0.display_name"]
    case .threatDetections, .ipChainFirst, .logOnlySecurityData, .risk, .legacyEventType, .behaviors: []
    }
  }

  // MARK: Telling events from other objects

  /// Fields of which every event has at least one, whatever its value. The type alone does not prove an event,
  /// because its key is common.
  static let eventFields = outerEventFields + innerEventFields
  static let outerEventFields: [Field] = [.published, .uuid]
  static let innerEventFields: [Field] = [
    .user, .actorID, .actorType, .clientIP, .outcomeResult, .outcomeReason,
  ]

  /// Bits of ``eventFields`` and ``innerEventFields`` in a view with Okta's names, in either spelling.
  static let eventBits = bits(raw.slots(of: Set(eventFields)))
  static let innerEventBits = bits(raw.slots(of: Set(innerEventFields)))
  /// Bits of those ``eventFields`` of an Elastic document's view that are inside `okta`.
  static let oktaBits = bits(elastic.slots(of: Set(eventFields)).filter { $0.path.first == "okta" })

  private static func bits(_ slots: [(path: [String], slot: Int)]) -> UInt64 {
    slots.reduce(0) { $0 | 1 << UInt64($1.slot) }
  }

  // MARK: Slots

  /// Slots of a view below this one belong to the fields, by number. A trie uses the others as it likes.
  static let fieldSlots = 48

  /// Slots of the additional paths of fields with several paths, in order.
  private static let otherSlots: [(field: Field, path: [String], slot: Int)] = {
    precondition(Field.allCases.count <= fieldSlots)
    let others = Field.allCases.flatMap { field in
      FieldTable.elastic.paths(of: field).dropFirst().map { (field, $0) }
    }
    return others.enumerated().map { ($1.0, $1.1, fieldSlots + $0) }
  }()

  /// Slots of the additional paths, by field number.
  static let elasticOtherSlots: [[Int]] = Field.allCases.map { field in
    otherSlots.filter { $0.field == field }.map(\.slot)
  }

  /// `event.original` of an Elastic document.
  static let originalSlot = EventView.slotCount - 1

  /// Returns the paths of some fields, with the slots for their values.
  func slots(of fields: Set<Field>) -> [(path: [String], slot: Int)] {
    let first = Field.allCases.filter(fields.contains).compactMap { field in
      paths(of: field).first.map { ($0, field.rawValue) }
    }
    guard self == .elastic else { return first }
    let others = Self.otherSlots.filter { fields.contains($0.field) }.map { ($0.path, $0.slot) }
    return first + others + [(["event", "original"], Self.originalSlot)]
  }
}

/// A tree of paths for each naming, for some fields. Other values, and everything below them, are skipped.
struct ShapeTries: Sendable {
  /// The tree of raw events. It also notes the markers by which other shapes are recognised.
  let raw: PathTrie
  let lowercase: PathTrie
  /// The tree of Elastic documents. No value clears others, because a document's fields may be spread over several
  /// spellings of one path.
  let elastic: PathTrie

  /// The tries of every field.
  static let all = ShapeTries(fields: Set(Field.allCases))

  /// The tries made so far. A process that scans more than once mostly uses the same rules.
  private static let made = Monitor([Set<Field>: ShapeTries]())

  static func of(_ fields: Set<Field>) -> ShapeTries {
    made.withLock { made in
      if let tries = made[fields] { return tries }
      let tries = ShapeTries(fields: fields)
      made[fields] = tries
      return tries
    }
  }

  private init(fields: Set<Field>) {
    // Events are recognised by these fields, whichever fields the active rules need.
    let fields = fields.union([.eventType]).union(FieldTable.eventFields)
    raw = PathTrie(slots: FieldTable.raw.slots(of: fields) + ShapeMarker.slots)
    lowercase = PathTrie(slots: FieldTable.lowercase.slots(of: fields))
    elastic = PathTrie(slots: FieldTable.elastic.slots(of: fields), isDotted: true)
  }
}
