/// A logical field of an event, whatever a shipper calls it; ``FieldTable`` says where each field is.
///
/// It is public because the compiler inlines the raw value and the equality of public enumerations only. The engine
/// reads them for every value, and the calls cost 4 % of a candidate line.
public enum Field: Int, CaseIterable, Sendable {
  case eventType
  /// `actor.alternateId`: the user who signs in or is locked.
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
  /// The level in `logOnlySecurityData`, else in `risk`; see `RiskParser`.
  case riskLevel
  /// The reasons from the same source; a list whose elements are joined by commas.
  case riskReasons

  // Sources of an observation's key, time and derived fields.
  case published
  case uuid
  case clientIP
  case actorID
  case actorType
  case ipChainFirst
  case logOnlySecurityData
  case risk

  // Further fields that rules may use.
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

  /// How the log's value is read. Any other JSON type is null, and so is an empty string.
  public enum Kind {
    case string
    case integer
    case boolean
    /// A string, or a boolean that counts as the text `true` or `false`.
    case stringOrBoolean
    /// A string, or an object as its JSON text.
    case stringOrObject
  }

  @inlinable public var kind: Kind {
    switch self {
    case .isProxy: .boolean
    case .asNumber: .integer
    case .threatSuspected: .stringOrBoolean
    case .logOnlySecurityData: .stringOrObject
    default: .string
    }
  }

  /// The name in rules: Okta's own path, such as `client.ipAddress` or `target[0].id`.
  package var name: String {
    guard let path = oktaPath else {
      return self == .riskLevel ? "risk.level" : "risk.reasons"
    }
    return path.joined(separator: ".").replacing(".0", with: "[0]")
  }

  private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.name, $0) })

  /// Finds the field that has a name in rules; nil if there is none.
  package init?(name: String) {
    guard let field = Self.byName[name] else { return nil }
    self = field
  }

  /// Whether its text is built from several places of the log, so that the log need not contain it verbatim.
  var isDerived: Bool { Self.derived.contains(self) }

  private static let derived = Set(allCases.filter { $0.oktaPath == nil })
}
