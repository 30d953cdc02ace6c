import SluiceRecords
import SluiceRules

extension Detection {
  /// A Detection Finding of the Open Cybersecurity Schema Framework; one line without the newline.
  ///
  /// It follows class 2004 in https://schema.ocsf.io/1.5.0/classes/detection_finding. It contains no clock time: the
  /// finding's time is the last event's, so one archive gives one output. Values without a place in the schema are
  /// under `unmapped`.
  var ocsf: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      // Create.
      json.member("activity_id", 1)
      json.member("activity_name", "Create")
      json.member("category_uid", 2)
      json.member("category_name", "Findings")
      json.member("class_uid", 2004)
      json.member("class_name", "Detection Finding")
      json.member("type_uid", 2004 * 100 + 1)
      json.member("type_name", "Detection Finding: Create")
      json.member("severity_id", ocsfSeverity.id)
      json.member("severity", ocsfSeverity.caption)
      json.member("status_id", suppressed == nil ? 1 : 3)
      json.member("status", suppressed == nil ? "New" : "Suppressed")
      json.member("is_alert", .bool(suppressed == nil))
      json.member("time", .integer(Int(lastSeen.milliseconds)))
      json.member("start_time", .integer(Int(firstSeen.milliseconds)))
      json.member("end_time", .integer(Int(lastSeen.milliseconds)))
      json.member("message", .text(message))
      json.memberIfAny("risk_score", rule.riskScore.map { .integer($0) })
      json.memberIfAny("comment", suppressed.map { .text(LogText($0.reason)) })
      json.key("metadata")
      json.object { json in
        json.member("version", "1.5.0")
        json.member("uid", id)
        json.member("correlation_uid", incident)
        json.member("log_name", "Okta System Log")
        json.key("product")
        json.object { json in
          json.member("name", Product.name)
          json.member("vendor_name", Product.name)
          json.member("version", Product.version)
        }
      }
      json.key("finding_info")
      writeFindingInfo(&json)
      if let clientIP { writeEvidence(of: clientIP, &json) }
      if let users, !users.isEmpty {
        json.key("resources")
        json.array { json in
          for user in users {
            json.object { json in
              json.member("type", "user")
              json.member("name", .text(user))
            }
          }
        }
      }
      json.key("unmapped")
      json.object { json in
        json.key(Product.name)
        json.object { json in json.ownMembers(self) }
      }
    }
    return json.bytes
  }

  private func writeFindingInfo(_ json: inout JSONWriter) {
    json.object { json in
      json.member("uid", id)
      json.member("title", rule.title)
      json.member("desc", .text(message))
      json.member("created_time", .integer(Int(lastSeen.milliseconds)))
      json.member("first_seen_time", .integer(Int(firstSeen.milliseconds)))
      json.member("last_seen_time", .integer(Int(lastSeen.milliseconds)))
      json.member("related_events_count", eventCount)
      json.key("analytic")
      json.object { json in
        json.member("uid", rule.id)
        json.member("name", rule.title)
        json.member("type_id", 1)
        json.member("type", "Rule")
      }
      if !rule.techniques.isEmpty { writeAttacks(&json) }
    }
  }

  /// Writes one object per technique, with the tactic if there is only one: rules do not say which belong together.
  private func writeAttacks(_ json: inout JSONWriter) {
    let tactic = rule.tactics.count == 1 ? rule.tactics[0] : nil
    json.key("attacks")
    json.array { json in
      for technique in rule.techniques {
        json.object { json in
          if let tactic { entity("tactic", tactic, &json) }
          entity("technique", ATTACK.parent(of: technique), &json)
          if ATTACK.isSubtechnique(technique) { entity("sub_technique", technique, &json) }
        }
      }
    }
  }

  private func entity(_ key: String, _ uid: String, _ json: inout JSONWriter) {
    json.key(key)
    json.object { json in
      json.member("uid", uid)
      if let name = ATTACK.tacticNames[uid] ?? ATTACK.techniqueNames[uid] { json.member("name", name) }
    }
  }

  private func writeEvidence(of address: IPAddress, _ json: inout JSONWriter) {
    json.key("evidences")
    json.array { json in
      json.object { json in
        json.key("src_endpoint")
        json.object { json in json.member("ip", .address(address)) }
      }
    }
    json.key("observables")
    json.array { json in
      json.object { json in
        json.member("name", "evidences.src_endpoint.ip")
        json.member("type_id", 2)
        json.member("type", "IP Address")
        json.member("value", .address(address))
      }
    }
  }

  /// The severity; an unusual one is Other and keeps its own word.
  private var ocsfSeverity: (id: Int, caption: String) {
    let rank = rule.severityRank
    return rank == 0
      ? (99, rule.severity) : (rank, ["Informational", "Low", "Medium", "High", "Critical"][rank - 1])
  }
}
