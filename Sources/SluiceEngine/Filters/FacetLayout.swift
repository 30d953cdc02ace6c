import SluiceRules

/// A group of fields whose values tend to repeat together; an observation refers to it by one number.
///
/// Log events repeat themselves: a client keeps its network and its agent, and there are few outcomes.
/// An observation of fifteen or more fields thus takes four numbers besides its time, key and uuid.
enum Facet: Int, CaseIterable, Sendable {
  case user, network, agent, outcome
}

extension Field {
  /// The facet that holds the field.
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

/// Which fields observations keep, and where; it follows from the active rules.
///
/// Observations keep the fields that distinguish copies of one event, whatever the rules. Exceptions read users and AS
/// numbers from these. Observations also keep the fields in some rule's key, inner groups, columns or texts.
/// They do not keep fields that only filters use.
struct FacetLayout: Sendable, Equatable {
  /// A field's facet and its index in it.
  typealias Slot = (facet: Facet, index: Int)

  /// The fields of each facet, in declaration order.
  let fields: [[Field]]
  /// The slot of each field; `UInt8.max` if the field is not kept.
  private let slotByField: [UInt8]

  /// The fields that are compared first, in this order, to choose among copies of one event.
  ///
  /// The order may not depend on the active rules: a rule's result must not change because another rule is active.
  static let ofCopies: [Field] = [
    .eventType, .user, .userAgent, .device, .isProxy, .country, .city, .asNumber, .asOrg, .outcomeResult,
    .outcomeReason, .threatSuspected, .threatDetections, .riskLevel, .riskReasons,
  ]

  /// - Parameter others: fields to keep besides those that the rules use.
  init(rules: [Rule], beside others: [Field] = []) {
    let used = rules.reduce(Set(Self.ofCopies + others)) { $0.union($1.fieldsKept) }
    let fields = Facet.allCases.map { facet in
      Field.allCases.filter { $0.facet == facet && used.contains($0) }
    }
    var slots = [UInt8](repeating: .max, count: Field.allCases.count)
    for (facet, fields) in fields.enumerated() {
      for (index, field) in fields.enumerated() { slots[field.rawValue] = UInt8(facet << 6 | index) }
    }
    self.fields = fields
    slotByField = slots
  }

  func slot(of field: Field) -> Slot? {
    let slot = slotByField[field.rawValue]
    guard slot != .max, let facet = Facet(rawValue: Int(slot >> 6)) else { return nil }
    return (facet, Int(slot & 63))
  }
}
