import SluiceEngine
import SluiceRecords

/// Risk by user and by client IP over a run: the record `sluice.risk/1`.
///
/// Each detection of a rule with a risk score adds that score to its client IP, the attacker, and to each user that it
/// names, the victims. Splunk's rule does the same with its risk objects. Suppressed detections add nothing. A
/// detection without a client IP or without users adds nothing there.
package struct Risk: Sendable {
  private struct Share {
    var detections = 0
    var score = 0
  }

  private struct Object {
    var name: LogText
    var total: Int
    /// The rules' parts of the total, sorted by rule id.
    var rules: [(rule: String, share: Share)]
  }

  /// The users, by descending total, then by the bytes of the name.
  private let users: [Object]
  private let addresses: [Object]

  package init(_ result: ScanResult) {
    var users: [LogText: [String: Share]] = [:]
    var addresses: [LogText: [String: Share]] = [:]
    for detection in result.shown {
      guard let score = detection.rule.riskScore, score > 0 else { continue }
      func add(_ shares: inout [String: Share]) {
        shares[detection.rule.id, default: Share()].detections += 1
        shares[detection.rule.id, default: Share()].score += score
      }
      for user in Set(detection.users ?? []) { add(&users[user, default: [:]]) }
      if let address = detection.clientIP { add(&addresses[LogText("\(address)"), default: [:]]) }
    }
    self.users = Self.objects(users)
    self.addresses = Self.objects(addresses)
  }

  private static func objects(_ shares: [LogText: [String: Share]]) -> [Object] {
    shares.map { name, shares in
      Object(
        name: name, total: shares.values.reduce(0) { $0 + $1.score },
        rules: shares.map { ($0.key, $0.value) }.sorted { LogText($0.0) < LogText($1.0) })
    }.sorted { $0.total != $1.total ? $0.total > $1.total : $0.name < $1.name }
  }

  /// One line of JSON, without the newline.
  package var json: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("schema", "sluice.risk/1")
      json.key("users")
      Self.write(users, named: "user", &json)
      json.key("ips")
      Self.write(addresses, named: "ip", &json)
    }
    return json.bytes
  }

  private static func write(_ objects: [Object], named name: String, _ json: inout JSONWriter) {
    json.array { json in
      for object in objects {
        json.object { json in
          json.member(name, .text(object.name))
          json.member("total", object.total)
          json.key("rules")
          json.array { json in
            for (rule, share) in object.rules {
              json.object { json in
                json.member("rule", rule)
                json.member("detections", share.detections)
                json.member("score", share.score)
              }
            }
          }
        }
      }
    }
  }
}
