/// What a rule can see of an event: the logical fields, whatever a shipper calls them; see `FieldTable` for where they lie.
public enum Field: Int, CaseIterable, Sendable {
  case eventType
  /// `actor.alternateId`: who signs in, or is locked.
  case user
  case userAgent
  case device
  case isProxy
  case country
  case city
  case asNumber
  case asOrg
  case outcomeResult
  case outcomeReason
  case threatSuspected
  case threatDetections
  /// From `logOnlySecurityData`, else from `risk`; see `RiskText`.
  case riskLevel
  /// The same; a list, its elements joined by commas.
  case riskReasons

  // Read, but not kept with an observation: what its key, time and derived fields come from.
  case published
  case uuid
  case clientIP
  case actorID
  case actorType
  case ipChainFirst
  case logOnlySecurityData
  case risk

  /// How the log's value is read; anything of another JSON type is null, and so is an empty string.
  enum Kind {
    case string
    case integer
    case boolean
    /// A string, or a boolean that counts as the string of its name.
    case stringOrBoolean
    /// A string, or an object, taken as its JSON text.
    case stringOrObject
  }

  var kind: Kind {
    switch self {
    case .isProxy: .boolean
    case .asNumber: .integer
    case .threatSuspected: .stringOrBoolean
    case .logOnlySecurityData: .stringOrObject
    default: .string
    }
  }
}

/// Fields that tend to come together, which an observation refers to by one number.
///
/// Log events repeat themselves: a client comes with one network and one agent, and there are few outcomes. An
/// observation of fifteen fields is so kept in four numbers beside its time, key and uuid.
enum Facet: Int, CaseIterable, Sendable {
  case user, network, agent, outcome

  var fields: [Field] {
    switch self {
    case .user: [.user]
    case .network: [.country, .city, .asNumber, .asOrg, .isProxy]
    case .agent: [.userAgent, .device]
    case .outcome:
      [
        .eventType, .outcomeResult, .outcomeReason, .threatSuspected, .threatDetections, .riskLevel,
        .riskReasons,
      ]
    }
  }

  /// Where a kept field lies: its facet and its place in it.
  static let places: [(facet: Facet, index: Int)?] = Field.allCases.map { field in
    for facet in allCases {
      if let index = facet.fields.firstIndex(of: field) { return (facet, index) }
    }
    return nil
  }
}
