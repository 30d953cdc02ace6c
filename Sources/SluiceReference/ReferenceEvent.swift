import SluiceRecords

/// The fields of one Okta event that some rule reads; values that count as null are nil.
struct ReferenceEvent {
  var eventType: LogText?
  var published: EventTime?
  var uuid: LogText?
  var clientIP: IPAddress?
  /// The client IP, or its substitute if the log gives the IP elsewhere.
  var threatSourceIP: IPAddress?
  var user: LogText?
  var userAgent: LogText?
  var device: LogText?
  var country: LogText?
  var city: LogText?
  var result: LogText?
  var reason: LogText?
  var isProxy: Bool?
  var asNumber: Int?
  var asOrg: LogText?
  var actorID: LogText?
  var isp: LogText?
  var domain: LogText?
  var threatSuspected: LogText?
  var threatDetections: LogText?
  var risk: ReferenceRisk

  /// Reads a raw event.
  init(_ event: ReferenceJSON) {
    eventType = event["eventType"]?.text
    published = event["published"]?.text.flatMap(referenceTime)
    uuid = event["uuid"]?.text
    user = event[path: "actor", "alternateId"]?.text
    userAgent = event[path: "client", "userAgent", "rawUserAgent"]?.text
    device = event[path: "client", "device"]?.text
    country = event[path: "client", "geographicalContext", "country"]?.text
    city = event[path: "client", "geographicalContext", "city"]?.text
    result = event[path: "outcome", "result"]?.text
    reason = event[path: "outcome", "reason"]?.text
    asOrg = event[path: "securityContext", "asOrg"]?.text
    actorID = event[path: "actor", "id"]?.text
    isp = event[path: "securityContext", "isp"]?.text
    domain = event[path: "securityContext", "domain"]?.text
    if case .number(let spelling) = event[path: "securityContext", "asNumber"] { asNumber = Int(spelling) }
    if case .bool(let flag) = event[path: "securityContext", "isProxy"] { isProxy = flag }

    let debugData = event[path: "debugContext", "debugData"]
    threatDetections = debugData?["threatDetections"]?.text
    threatSuspected = debugData?["threatSuspected"]?.text
    if case .bool(let flag) = debugData?["threatSuspected"] { threatSuspected = flag ? "true" : "false" }
    risk = ReferenceRisk(debugData)

    clientIP = event[path: "client", "ipAddress"]?.text.flatMap(referenceAddress)
    threatSourceIP = clientIP
    if threatSourceIP == nil, event[path: "actor", "type"]?.text == "IP address" {
      threatSourceIP = event[path: "actor", "id"]?.text.flatMap(referenceAddress)
    }
    if threatSourceIP == nil, case .array(let chain) = event[path: "request", "ipChain"] {
      threatSourceIP = chain.first?["ip"]?.text.flatMap(referenceAddress)
    }
  }
}

extension ReferenceJSON {
  /// The text of a string; nil for an empty string and for other types, which count as null.
  var text: LogText? {
    guard case .string(let text) = self, !text.bytes.isEmpty else { return nil }
    return text
  }
}

/// Returns the parts of a comma-separated list, trimmed of spaces and tabs, without empty ones.
func commaList(_ text: LogText) -> [LogText] {
  text.bytes.split(separator: UInt8(ascii: ",")).map { LogText(trimmed($0)) }.filter { !$0.bytes.isEmpty }
}

func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
  func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
  let start = bytes.firstIndex { !isBlank($0) } ?? bytes.endIndex
  let end = bytes.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start
  return bytes[start..<end]
}
