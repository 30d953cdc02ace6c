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
    case .raw: Self.raw(field).map { [$0] } ?? []
    case .lowercase: Self.raw(field).map { [[$0[0].lowercased()] + $0.dropFirst()] } ?? []
    case .elastic: Self.elastic(field).map { $0.split(separator: ".").map(String.init) }
    }
  }

  private static func raw(_ field: Field) -> [String]? {
    switch field {
    case .eventType: ["eventType"]
    case .user: ["actor", "alternateId"]
    case .userAgent: ["client", "userAgent", "rawUserAgent"]
    case .device: ["client", "device"]
    case .isProxy: ["securityContext", "isProxy"]
    case .country: ["client", "geographicalContext", "country"]
    case .city: ["client", "geographicalContext", "city"]
    case .asNumber: ["securityContext", "asNumber"]
    case .asOrg: ["securityContext", "asOrg"]
    case .outcomeResult: ["outcome", "result"]
    case .outcomeReason: ["outcome", "reason"]
    case .threatSuspected: ["debugContext", "debugData", "threatSuspected"]
    case .threatDetections: ["debugContext", "debugData", "threatDetections"]
    // Derived from the two below.
    case .riskLevel, .riskReasons: nil
    case .published: ["published"]
    case .uuid: ["uuid"]
    case .clientIP: ["client", "ipAddress"]
    case .actorID: ["actor", "id"]
    case .actorType: ["actor", "type"]
    case .ipChainFirst: ["request", "ipChain", "0", "ip"]
    case .logOnlySecurityData: ["debugContext", "debugData", "logOnlySecurityData"]
    case .risk: ["debugContext", "debugData", "risk"]
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
    case .threatDetections, .ipChainFirst, .logOnlySecurityData, .risk: []
    }
  }

  // MARK: Slots

  /// Slots of a view below this one are the fields' own, by number; those from it on a trie uses as it likes.
  static let fieldSlots = 40

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

  /// The paths with the slots in which their values are noted.
  var slots: [(path: [String], slot: Int)] {
    let first = Field.allCases.compactMap { field in paths(of: field).first.map { ($0, field.rawValue) } }
    guard self == .elastic else { return first }
    return first + Self.otherSlots.map { ($0.path, $0.slot) } + [(["event", "original"], Self.originalSlot)]
  }
}

extension PathTrie {
  /// The tree of raw Okta events, which also notes by what other shapes are recognised; rooted at node 0.
  static let raw = PathTrie(slots: FieldTable.raw.slots + Mark.slots)

  static let lowercase = PathTrie(slots: FieldTable.lowercase.slots)

  /// No value says that others are void: a document's fields may be spread over several spellings of one path.
  static let elastic = PathTrie(slots: FieldTable.elastic.slots, isDotted: true)
}
