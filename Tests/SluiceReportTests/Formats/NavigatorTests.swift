import Foundation
import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Layers against version 4.5 of the ATT&CK Navigator's format.
@Suite struct NavigatorTests {
  private func layer(_ detections: [Detection]) throws -> NSDictionary {
    let text = SomeDetections.text(.navigator, detections)
    #expect(text.unicodeScalars.count { $0 == "\n" } == 1)
    return try SomeDetections.object(text)
  }

  @Test func detectionsMakeTheExpectedLayer() throws {
    var suppressed = SomeDetections.detection(minute: 50)
    suppressed.suppressed = SomeDetections.suppression
    let detections = [
      SomeDetections.detection(), SomeDetections.detection(minute: 5), suppressed,
      SomeDetections.detection(.credentialStuffing, minute: 10, lasts: 15),
      SomeDetections.detection(.threatInsightUnknownUsers, minute: 20),
    ]
    let stuffing =
      "Potential Okta Credential Stuffing (Single Source) (Elastic, okta-credential-stuffing): 1 detection"
    let expected: NSDictionary = [
      "name": "sluice detections", "versions": ["attack": "18", "navigator": "5.2.0", "layer": "4.5"],
      "domain": "enterprise-attack",
      "description":
        "4 detections in archived Okta System Logs from 2026-01-05T10:00:01.000Z to 2026-01-05T10:24:59.000Z; the score counts detections.",
      "sorting": 3,
      "layout": ["layout": "side", "showID": true, "showName": true, "expandedSubtechniques": "annotated"],
      "techniques": [
        [
          "techniqueID": "T1078", "tactic": "initial-access", "score": 1, "enabled": true,
          "comment":
            "Okta ThreatInsight login failure spikes with unknown users (Datadog, okta-threatinsight-unknown-users): 1 detection",
        ],
        [
          "techniqueID": "T1110", "tactic": "credential-access", "score": 3, "enabled": true,
          "comment":
            "Okta Multiple Accounts Locked Out (Splunk, okta-accounts-locked-out): 2 detections\n\(stuffing)",
        ],
        [
          "techniqueID": "T1110.004", "tactic": "credential-access", "score": 1, "enabled": true,
          "comment": stuffing,
        ],
      ],
      "gradient": ["colors": ["#fff3e0", "#e65100"], "minValue": 0, "maxValue": 3],
    ]
    for seed: UInt64 in 1...20 {
      var rng = SplitMix64(seed: seed)
      #expect(try layer(detections.shuffled(using: &rng)) == expected)
    }
  }

  /// Without any score, the gradient must still rise.
  @Test func aLayerOfNothingHasARisingGradient() throws {
    let empty = try layer([])
    #expect(empty["techniques"] as? NSArray == [])
    #expect(empty.at("gradient", "minValue") as? Int == 0)
    #expect(empty.at("gradient", "maxValue") as? Int == 1)
  }

  /// With an unknown tactic or none, the technique is listed once and without a tactic.
  @Test(arguments: [["TA9999"], []]) func aTechniqueWithoutAKnownTacticStandsAlone(tactics: [String]) throws {
    var rule = RuleMetadata.accountsLockedOut
    rule.tactics = tactics
    let techniques = try #require(
      try layer([SomeDetections.detection(rule)])["techniques"] as? [NSDictionary])
    try #require(techniques.count == 1)
    #expect(techniques[0]["tactic"] == nil)
    #expect(techniques[0]["score"] as? Int == 1)
  }
}
