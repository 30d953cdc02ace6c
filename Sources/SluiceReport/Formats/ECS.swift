import SluiceRecords

extension Detection {
  /// An alert of the Elastic Common Schema 8.11; one line without the newline.
  ///
  /// It contains no clock time: `@timestamp` is the time of the last event. Values without a field in the schema are
  /// under `sluice`.
  var ecs: [UInt8] {
    let users = Value.list((self.users ?? []).map { .text($0) })
    var json = JSONWriter()
    json.object { json in
      json.member("@timestamp", .time(lastSeen))
      json.member("message", .text(message))
      if suppressed != nil { json.member("tags", ["suppressed"]) }
      json.key("ecs")
      json.object { json in json.member("version", "8.11.0") }
      json.key("event")
      json.object { json in
        json.member("id", id)
        json.member("kind", "alert")
        json.member("category", ["authentication", "intrusion_detection"])
        json.member("type", ["info"])
        json.member("module", "okta")
        json.member("dataset", "okta.system")
        json.member("provider", Product.name)
        json.member("start", .time(firstSeen))
        json.member("end", .time(lastSeen))
        json.memberIfAny("severity", rule.severityRank == 0 ? nil : .integer(rule.severityRank))
        json.memberIfAny("risk_score", rule.riskScore.map { .integer($0) })
      }
      json.key("observer")
      json.object { json in
        json.member("product", Product.name)
        json.member("version", Product.version)
      }
      json.key("rule")
      json.object { json in
        json.member("id", rule.id)
        json.member("uuid", rule.vendorRuleID)
        json.member("name", rule.title)
        json.member("author", [rule.vendor])
      }
      if let clientIP {
        json.key("source")
        json.object { json in json.member("ip", .address(clientIP)) }
      }
      if users != .list([]) {
        // A field of Elasticsearch may have many values.
        json.key("user")
        json.object { json in json.member("name", users) }
      }
      if clientIP != nil || users != .list([]) {
        json.key("related")
        json.object { json in
          json.memberIfAny("ip", .list(clientIP.map { [.address($0)] } ?? []))
          json.memberIfAny("user", users)
        }
      }
      if !rule.tactics.isEmpty || !rule.techniques.isEmpty { writeThreat(&json) }
      json.key(Product.name)
      json.object { json in
        json.member("severity", rule.severity)
        json.ownMembers(self)
      }
    }
    return json.bytes
  }

  private func writeThreat(_ json: inout JSONWriter) {
    json.key("threat")
    json.object { json in
      json.member("framework", "MITRE ATT&CK")
      if !rule.tactics.isEmpty {
        json.key("tactic")
        json.object { json in
          json.member("id", rule.tactics)
          let names = rule.tactics.compactMap { ATTACK.tacticNames[$0] }
          // Names are in the order of the ids, so they are omitted if one is unknown.
          if names.count == rule.tactics.count { json.member("name", names) }
        }
      }
      if !rule.techniques.isEmpty {
        json.key("technique")
        json.object { json in
          json.member("id", ATTACK.parents(of: rule.techniques))
          let subtechniques = rule.techniques.filter(ATTACK.isSubtechnique)
          if !subtechniques.isEmpty {
            json.key("subtechnique")
            json.object { json in json.member("id", subtechniques) }
          }
        }
      }
    }
  }
}
