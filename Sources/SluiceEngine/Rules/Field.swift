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
  /// From `logOnlySecurityData`, else from `risk`; see `RiskParser`.
  case riskLevel
  /// The same; a list, its elements joined by commas.
  case riskReasons

  // What an observation's key, time and derived fields come from.
  case published
  case uuid
  case clientIP
  case actorID
  case actorType
  case ipChainFirst
  case logOnlySecurityData
  case risk

  // What rules may use beside that.
  case severity
  case displayMessage
  case legacyEventType
  case actorDisplayName
  case sessionID
  case authenticationProvider
  case credentialType
  case userAgentOS
  case userAgentBrowser
  case zone
  case state
  case isp
  case domain
  case dtHash
  case requestURI
  case url
  case behaviors
  case factor
  case transactionType
  case targetID
  case targetType
  case targetUser
  case targetDisplayName

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

  /// What rules call it: Okta's own path, such as `client.ipAddress` or `target[0].id`.
  public var name: String {
    guard let path = oktaPath else {
      return self == .riskLevel ? "risk.level" : "risk.reasons"
    }
    return path.joined(separator: ".").replacing(".0", with: "[0]")
  }

  private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.name, $0) })

  /// The field that rules call so; nil if there is none.
  public init?(name: String) {
    guard let field = Self.byName[name] else { return nil }
    self = field
  }

  /// Whether its text is made of several places of the log, so that it need not stand there as it is.
  var isDerived: Bool { Self.derived.contains(self) }

  private static let derived = Set(allCases.filter { $0.oktaPath == nil })
}
