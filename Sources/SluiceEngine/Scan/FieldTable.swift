import SluiceSystem

/// Where the logical fields lie in an event's object, for each of the namings that shippers use (shared/INPUTS.md).
///
/// A new field is a line in each table; a new naming is a table.
enum FieldTable {
  /// Okta's System Log API.
  case raw
  /// The same with top-level keys in lower case, as some of Panther's tables hold them.
  case lowercase
  /// Elastic's documents: ECS and `okta.*`, nested or with dots in their keys.
  case elastic

  /// Paths of a field, of which the first with a usable value counts; none if the naming has no such field, which
  /// is then null. `0` is the first element of an array.
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
    // The log's own first, then what Elastic looked up.
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

  /// Fields of which an event has one at least, whatever its value, beside its type: that alone is anybody's key.
  static let eventFields = outerEventFields + innerEventFields
  static let outerEventFields: [Field] = [.published, .uuid]
  static let innerEventFields: [Field] = [
    .user, .actorID, .actorType, .clientIP, .outcomeResult, .outcomeReason,
  ]

  /// Bits of a view of Okta's names, in either spelling, for ``eventFields`` and ``innerEventFields``.
  static let eventBits = bits(raw.slots(of: Set(eventFields)))
  static let innerEventBits = bits(raw.slots(of: Set(innerEventFields)))
  /// Of an Elastic document's view, for those of ``eventFields`` that lie in `okta`.
  static let oktaBits = bits(elastic.slots(of: Set(eventFields)).filter { $0.path.first == "okta" })

  private static func bits(_ slots: [(path: [String], slot: Int)]) -> UInt64 {
    slots.reduce(0) { $0 | 1 << UInt64($1.slot) }
  }

  // MARK: Slots

  /// Slots of a view below this one are the fields' own, by number; those from it on a trie uses as it likes.
  static let fieldSlots = 48

  /// Slots of the further paths of fields that have several, in order.
  private static let otherSlots: [(field: Field, path: [String], slot: Int)] = {
    precondition(Field.allCases.count <= fieldSlots)
    let others = Field.allCases.flatMap { field in
      FieldTable.elastic.paths(of: field).dropFirst().map { (field, $0) }
    }
    return others.enumerated().map { ($1.0, $1.1, fieldSlots + $0) }
  }()

  /// By field number.
  static let elasticOtherSlots: [[Int]] = Field.allCases.map { field in
    otherSlots.filter { $0.field == field }.map(\.slot)
  }

  /// `event.original` of an Elastic document.
  static let originalSlot = EventView.slotCount - 1

  /// The paths of some fields, with the slots in which their values are noted.
  func slots(of fields: Set<Field>) -> [(path: [String], slot: Int)] {
    let first = Field.allCases.filter(fields.contains).compactMap { field in
      paths(of: field).first.map { ($0, field.rawValue) }
    }
    guard self == .elastic else { return first }
    let others = Self.otherSlots.filter { fields.contains($0.field) }.map { ($0.path, $0.slot) }
    return first + others + [(["event", "original"], Self.originalSlot)]
  }
}

/// A tree of paths for each naming, of some fields: what nobody asks for is passed over with all below it.
struct ShapeTries: Sendable {
  /// Also notes by what other shapes are recognised.
  let raw: PathTrie
  let lowercase: PathTrie
  /// No value says that others are void: a document's fields may be spread over several spellings of one path.
  let elastic: PathTrie

  /// Of every field there is.
  static let all = ShapeTries(fields: Set(Field.allCases))

  /// Those made so far: a process that scans more than once mostly has the same rules in force.
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
    // By these events are told from what is none, whatever the rules in force ask for.
    let fields = fields.union([.eventType]).union(FieldTable.eventFields)
    raw = PathTrie(slots: FieldTable.raw.slots(of: fields) + ShapeMarker.slots)
    lowercase = PathTrie(slots: FieldTable.lowercase.slots(of: fields))
    elastic = PathTrie(slots: FieldTable.elastic.slots(of: fields), isDotted: true)
  }
}
