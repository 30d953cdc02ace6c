/// Fields that tend to come together, which an observation refers to by one number.
///
/// Log events repeat themselves: a client comes with one network and one agent, and there are few outcomes. An
/// observation of fifteen fields and more is so kept in four numbers beside its time, key and uuid.
enum Facet: Int, CaseIterable, Sendable {
  case user, network, agent, outcome
}

extension Field {
  /// The facet in which it is kept, where it is.
  var facet: Facet {
    switch self {
    case .user, .actorID, .actorType, .actorDisplayName, .sessionID, .targetID, .targetType, .targetUser,
      .targetDisplayName, .uuid, .published:
      .user
    case .country, .city, .state, .asNumber, .asOrg, .isProxy, .isp, .domain, .zone, .ipChainFirst, .clientIP:
      .network
    case .userAgent, .userAgentOS, .userAgentBrowser, .device, .dtHash: .agent
    case .eventType, .outcomeResult, .outcomeReason, .threatSuspected, .threatDetections, .riskLevel,
      .riskReasons, .logOnlySecurityData, .risk, .severity, .displayMessage, .legacyEventType,
      .authenticationProvider, .credentialType, .requestURI, .url, .behaviors, .factor, .transactionType:
      .outcome
    }
  }
}

/// Which fields observations keep, and where: follows from the rules in force.
///
/// Kept are the fields by which copies of one event are told apart, whatever the rules (exceptions read users and AS numbers
/// of these), and those that some rule's key, inner groups, columns or texts use. Fields that filters alone use are not.
struct FacetLayout: Sendable, Equatable {
  /// A field's facet and its place in it.
  typealias Place = (facet: Facet, index: Int)

  /// By facet, in the order of the fields.
  let fields: [[Field]]
  /// By field; nil where it is not kept.
  private let placeByField: [UInt8]

  /// Copies of one event are compared by these, in this order, before all else. The order may not depend on the rules
  /// in force: one rule's result may not change because another is there.
  static let ofCopies: [Field] = [
    .eventType, .user, .userAgent, .device, .isProxy, .country, .city, .asNumber, .asOrg, .outcomeResult,
    .outcomeReason, .threatSuspected, .threatDetections, .riskLevel, .riskReasons,
  ]

  /// - Parameter others: to be kept beside what the rules use.
  init(rules: [Rule], beside others: [Field] = []) {
    let used = rules.reduce(Set(Self.ofCopies + others)) { $0.union($1.fieldsKept) }
    let fields = Facet.allCases.map { facet in
      Field.allCases.filter { $0.facet == facet && used.contains($0) }
    }
    var places = [UInt8](repeating: .max, count: Field.allCases.count)
    for (facet, fields) in fields.enumerated() {
      for (index, field) in fields.enumerated() { places[field.rawValue] = UInt8(facet << 6 | index) }
    }
    self.fields = fields
    placeByField = places
  }

  func place(of field: Field) -> Place? {
    let place = placeByField[field.rawValue]
    guard place != .max, let facet = Facet(rawValue: Int(place >> 6)) else { return nil }
    return (facet, Int(place & 63))
  }
}
