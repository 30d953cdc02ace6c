/// A raw event and the Elastic document with the same content, under the field names of ECS and of Elastic's
/// integration.
///
/// Values that a document cannot hold are not in the raw event either: threat detections, the chain of addresses, the
/// risk in Okta's own spellings. The raw event has another risk instead, or none.
public struct ElasticDocument: Sendable {
  public let raw: JSONTree
  public let document: JSONTree

  public enum Spelling: CaseIterable, Sendable {
    case nested, dotted, mixed
  }

  /// Makes both from an event.
  ///
  /// - Parameter number: Chooses among spellings that documents have for the same value.
  public init(_ event: EventBuilder, number: Int, _ spelling: Spelling, using rng: inout SplitMix64) {
    let level = ["HIGH", "LOW", nil][number % 3]
    let reasons = ["New IP", "Anomalous Device"]
    var event = event
    event.threatDetections = nil
    event.ipChain = nil
    event.logOnlySecurityData = nil
    event.risk = level.map { .string("{reasons=\(reasons.joined(separator: ", ")), level=\($0)}") }
    raw = event.tree

    let debugData = "okta.debug_context.debug_data."
    let isListed = number % 2 == 0
    let uuidPath = number % 4 == 3 ? "okta.uuid" : "event.id"
    let values: [(String, JSONTree?)] = [
      ("event.action", raw["eventType"]), ("event.dataset", "okta.system"), ("@timestamp", raw["published"]),
      (uuidPath, raw["uuid"]),
      ("okta.actor.alternate_id", raw["actor", "alternateId"]), ("okta.actor.id", raw["actor", "id"]),
      ("okta.actor.type", raw["actor", "type"]), ("okta.client.ip", raw["client", "ipAddress"]),
      ("okta.client.user_agent.raw_user_agent", raw["client", "userAgent", "rawUserAgent"]),
      ("okta.client.device", raw["client", "device"]),
      ("client.geo.country_name", raw["client", "geographicalContext", "country"]),
      ("client.geo.city_name", raw["client", "geographicalContext", "city"]),
      ("okta.outcome.result", raw["outcome", "result"]), ("okta.outcome.reason", raw["outcome", "reason"]),
      ("okta.security_context.as.number", raw["securityContext", "asNumber"]),
      ("okta.security_context.as.organization.name", raw["securityContext", "asOrg"]),
      ("okta.security_context.is_proxy", raw["securityContext", "isProxy"]),
      ("okta.security_context.isp", raw["securityContext", "isp"]),
      ("okta.security_context.domain", raw["securityContext", "domain"]),
      (debugData + "threat_suspected", raw["debugContext", "debugData", "threatSuspected"]),
      (debugData + "risk_level", level.map { .string($0) }),
      (
        debugData + "risk_reasons",
        level == nil
          ? nil
          : isListed
            ? .array(reasons.map { .string($0) }) : .string(reasons.joined(separator: ", "))
      ),
    ]
    var document = JSONTree.object([])
    for (path, value) in values {
      guard let value else { continue }
      document.set(Self.keys(path, spelling, &rng), to: value)
    }
    self.document = number % 5 == 4 ? .members(["_index": "logs", "_source": document]) : document
  }

  /// Returns the path, cut into keys at all of its dots, at none, or at some.
  private static func keys(_ path: String, _ spelling: Spelling, _ rng: inout SplitMix64) -> [String] {
    let parts = path.split(separator: ".").map(String.init)
    switch spelling {
    case .nested: return parts
    case .dotted: return [path]
    case .mixed:
      return parts.dropFirst().reduce(into: [parts[0]]) { keys, part in
        if rng.oneIn(2) { keys.append(part) } else { keys[keys.count - 1] += "." + part }
      }
    }
  }
}
