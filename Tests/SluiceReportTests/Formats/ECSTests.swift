import Foundation
import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Alerts against the field reference of the Elastic Common Schema 8.11.
@Suite struct ECSTests {
  @Test func aDetectionIsTheExpectedDocument() throws {
    var detection = SomeDetections.detection(.credentialStuffing, lasts: 15, events: 31)
    detection.alsoSeenBy = ["okta-accounts-locked-out"]
    let own: NSDictionary = [
      "severity": "medium", "vendor": "Elastic", "vendor_rule_id": "94e734c0-2cda-11ef-84e1-f661ea17fbce",
      "episode": detection.id, "incident": detection.id, "also_seen_by": ["okta-accounts-locked-out"],
      "window_start": "2026-01-05T10:00:00.000Z", "window_end": "2026-01-05T10:15:00.000Z", "event_count": 31,
      "columns": ["count": 31, "Esql.target_users": ["a@example.org", "b@example.org"], "none": NSNull()],
    ]
    let expected: NSDictionary = [
      "@timestamp": "2026-01-05T10:14:59.000Z", "message": "A message.", "ecs": ["version": "8.11.0"],
      "event": [
        "id": detection.id, "kind": "alert", "category": ["authentication", "intrusion_detection"],
        "type": ["info"],
        "module": "okta", "dataset": "okta.system", "provider": "sluice", "start": "2026-01-05T10:00:01.000Z",
        "end": "2026-01-05T10:14:59.000Z", "severity": 3, "risk_score": 47,
      ],
      "observer": ["product": "sluice", "version": "0.2.0"],
      "rule": [
        "id": "okta-credential-stuffing", "uuid": "94e734c0-2cda-11ef-84e1-f661ea17fbce",
        "name": "Potential Okta Credential Stuffing (Single Source)", "author": ["Elastic"],
      ],
      "source": ["ip": "203.0.113.7"],
      "user": ["name": ["a@example.org", "b@example.org"]],
      "related": ["ip": ["203.0.113.7"], "user": ["a@example.org", "b@example.org"]],
      "threat": [
        "framework": "MITRE ATT&CK", "tactic": ["id": ["TA0006"], "name": ["Credential Access"]],
        "technique": ["id": ["T1110"], "subtechnique": ["id": ["T1110.004"]]],
      ],
      "sluice": own,
    ]
    #expect(try SomeDetections.objects(.ecs, [detection]) == [expected])
  }

  /// A field without a value is absent.
  @Test func absentAddressAndUsersLeaveNoFields() throws {
    let detection = SomeDetections.detection(.threatInsightUnknownUsers, address: nil, users: [])
    let record = try #require(SomeDetections.objects(.ecs, [detection]).first)
    for key in ["source", "user", "related", "tags"] { #expect(record[key] == nil) }
    #expect(record.at("event", "risk_score") == nil)
    #expect(record.at("threat", "technique", "subtechnique") == nil)
  }

  @Test func aSuppressedDetectionIsTagged() throws {
    var detection = SomeDetections.detection()
    detection.suppressed = SomeDetections.suppression
    let record = try #require(SomeDetections.objects(.ecs, [detection]).first)
    #expect(record["tags"] as? [String] == ["suppressed"])
    #expect(record.at("sluice", "suppressed", "owner") as? String == "jane")
  }

  @Test func hostileTextReadsBack() throws {
    for (record, text) in zip(try SomeDetections.objects(.ecs, SomeDetections.hostile), HostileText.all) {
      #expect((record["message"] as? String).map { Array($0.utf8) } == Array(text.utf8))
      #expect(((record.at("user", "name") as? [String])?.first).map { Array($0.utf8) } == Array(text.utf8))
      #expect(record.at("event", "severity") == nil)
    }
  }
}
