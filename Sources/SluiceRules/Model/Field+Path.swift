extension Field {
  /// Where Okta's System Log API has the field; nil for a field that is derived from others. `0` is the first element of an
  /// array.
  package var oktaPath: [String]? {
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
    // Derived from `risk` and `logOnlySecurityData`.
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
}
