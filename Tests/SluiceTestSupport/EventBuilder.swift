import SluiceRecords

/// A raw Okta System Log event, with the shape and the order of keys of Okta's API.
///
///     var event = EventBuilder(eventType: "user.session.start", at: time)
///     event.ip = "203.0.113.7"
///     event.reason = "INVALID_CREDENTIALS"
///     let line = event.line
///
/// In each field, nil means absent and `.null` means JSON null. Any other JSON value is possible, right or wrong.
public struct EventBuilder: Sendable {
  public var eventType: JSONTree?
  public var published: JSONTree?
  public var uuid: JSONTree?
  public var ip: JSONTree? = "203.0.113.7"
  public var user: JSONTree? = "jane.roe@example.org"
  public var actorID: JSONTree? = "00u1a2b3c4d5e6f7g8h9"
  public var actorType: JSONTree? = "User"
  public var result: JSONTree? = "FAILURE"
  public var reason: JSONTree? = .null
  public var userAgent: JSONTree? = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0"
  public var device: JSONTree? = "Computer"
  public var country: JSONTree? = "Germany"
  public var city: JSONTree? = "Jena"
  public var asNumber: JSONTree? = 64500
  public var asOrg: JSONTree? = "example transit"
  public var isp: JSONTree? = "example isp"
  public var domain: JSONTree? = "example.net"
  public var isProxy: JSONTree? = false
  public var threatSuspected: JSONTree? = "false"
  public var threatDetections: JSONTree?
  public var risk: JSONTree?
  public var logOnlySecurityData: JSONTree?
  public var ipChain: JSONTree?
  public var target: JSONTree? = .null
  /// Values that are set after all fields, in this order. They reach what no field does, such as an `outcome` that is
  /// null.
  public var overrides: [Override] = []

  public struct Override: Sendable {
    public var path: [String]
    public var value: JSONTree?
  }

  public init(eventType: JSONTree?, at time: EventTime) {
    self.eventType = eventType
    published = .string("\(time)")
  }

  /// Sets a value by its path, such as `debugContext.debugData.originalPrincipal`; nil removes it.
  public mutating func set(_ path: String, to value: JSONTree?) {
    overrides.append(Override(path: path.split(separator: ".").map(String.init), value: value))
  }

  public var tree: JSONTree {
    var tree = JSONTree.members([
      "actor": .members([
        "id": actorID, "type": actorType, "alternateId": user, "displayName": "Jane Roe",
        "detailEntry": .null,
      ]),
      "client": .members([
        "userAgent": .members(["rawUserAgent": userAgent, "os": "Linux", "browser": "FIREFOX"]),
        "zone": "null", "device": device, "id": .null, "ipAddress": ip,
        "geographicalContext": .members([
          "city": city, "state": .null, "country": country, "postalCode": .null,
          "geolocation": .members(["lat": .number("50.9272"), "lon": .number("-122.39999999999999")]),
        ]),
      ]),
      "device": .null,
      "authenticationContext": .members([
        "authenticationProvider": .null, "authenticationStep": 0, "externalSessionId": "trs0123456789",
      ]),
      "displayMessage": "An event",
      "eventType": eventType,
      "outcome": .members(["result": result, "reason": reason]),
      "published": published,
      "securityContext": .members([
        "asNumber": asNumber, "asOrg": asOrg, "isp": isp, "domain": domain, "isProxy": isProxy,
      ]),
      "severity": "WARN",
      "debugContext": .members([
        "debugData": .members([
          "requestUri": "/api/v1/authn", "threatSuspected": threatSuspected,
          "threatDetections": threatDetections,
          "risk": risk, "logOnlySecurityData": logOnlySecurityData, "url": "/api/v1/authn?",
        ])
      ]),
      "legacyEventType": .null,
      "transaction": .members(["type": "WEB", "id": "f348834b13c1adc9", "detail": .object([])]),
      "uuid": uuid,
      "version": "0",
      "request": .members(["ipChain": ipChain]),
      "target": target,
    ])
    for override in overrides { tree.set(override.path, to: override.value) }
    return tree
  }

  /// The event in its plain spelling.
  public var line: [UInt8] { tree.plain }

  /// Returns the event with keys in random order and with random white space and escapes.
  public func serialize(using rng: inout SplitMix64) -> [UInt8] {
    var freedom = SpellingFreedom()
    freedom.shufflesKeys = !rng.oneIn(3)
    freedom.whiteSpace = rng.oneIn(3)
    freedom.escapes = rng.pick([0, 0, 0, 200, 10, 2])
    freedom.repeatedKeys = rng.pick([0, 0, 0, 10])
    return tree.spelled(freedom, using: &rng)
  }
}
