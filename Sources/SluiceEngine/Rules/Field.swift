/// What a rule can see of an event: the logical fields, whatever a shipper calls them.
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

  /// Where Okta's System Log API puts it; nil for derived fields. `0` is the first element of an array.
  var path: [String]? {
    switch self {
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
    case .riskLevel, .riskReasons: nil
    case .published: ["published"]
    case .uuid: ["uuid"]
    case .clientIP: ["client", "ipAddress"]
    case .actorID: ["actor", "id"]
    case .actorType: ["actor", "type"]
    case .ipChainFirst: ["request", "ipChain", "0", "ip"]
    case .logOnlySecurityData: ["debugContext", "debugData", "logOnlySecurityData"]
    case .risk: ["debugContext", "debugData", "risk"]
    case .severity: ["severity"]
    case .displayMessage: ["displayMessage"]
    case .legacyEventType: ["legacyEventType"]
    case .actorDisplayName: ["actor", "displayName"]
    case .sessionID: ["authenticationContext", "externalSessionId"]
    case .authenticationProvider: ["authenticationContext", "authenticationProvider"]
    case .credentialType: ["authenticationContext", "credentialType"]
    case .userAgentOS: ["client", "userAgent", "os"]
    case .userAgentBrowser: ["client", "userAgent", "browser"]
    case .zone: ["client", "zone"]
    case .state: ["client", "geographicalContext", "state"]
    case .isp: ["securityContext", "isp"]
    case .domain: ["securityContext", "domain"]
    case .dtHash: ["debugContext", "debugData", "dtHash"]
    case .requestURI: ["debugContext", "debugData", "requestUri"]
    case .url: ["debugContext", "debugData", "url"]
    case .behaviors: ["debugContext", "debugData", "behaviors"]
    case .factor: ["debugContext", "debugData", "factor"]
    case .transactionType: ["transaction", "type"]
    case .targetID: ["target", "0", "id"]
    case .targetType: ["target", "0", "type"]
    case .targetUser: ["target", "0", "alternateId"]
    case .targetDisplayName: ["target", "0", "displayName"]
    }
  }

  /// What rules call it: Okta's own path, such as `client.ipAddress` or `target[0].id`.
  public var name: String {
    guard let path else { return self == .riskLevel ? "risk.level" : "risk.reasons" }
    return path.joined(separator: ".").replacing(".0", with: "[0]")
  }

  private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.name, $0) })

  /// The field that rules call so; nil if there is none.
  public init?(name: String) {
    guard let field = Self.byName[name] else { return nil }
    self = field
  }

  /// Whether its text is made of several places of the log, so that it need not stand there as it is.
  var isDerived: Bool { path == nil }
}
