import Foundation
import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Detection Findings against https://schema.ocsf.io/1.5.0/classes/detection_finding.
@Suite struct OCSFTests {
  private static let all: [Detection] = {
    var detections = [
      SomeDetections.detection(), SomeDetections.detection(.credentialStuffing, lasts: 15),
      SomeDetections.detection(.threatInsightUnknownUsers, address: nil, users: []),
    ]
    detections[1].suppressed = SomeDetections.suppression
    Detection.joinIncidents(&detections)
    return detections + SomeDetections.hostile
  }()

  /// All attributes that the class and its objects require are present, by path.
  @Test func everyRecordHasTheRequiredAttributes() throws {
    let records = try SomeDetections.objects(.ocsf, Self.all)
    #expect(records.count == Self.all.count)
    for record in records {
      #expect(record["activity_id"] as? Int == 1)
      #expect(record["category_uid"] as? Int == 2)
      #expect(record["class_uid"] as? Int == 2004)
      #expect(record["type_uid"] as? Int == 200_401)
      #expect([0, 1, 2, 3, 4, 5, 6, 99].contains(record["severity_id"] as? Int))
      #expect([0, 1, 2, 3, 4, 5, 99].contains(record["status_id"] as? Int))
      #expect(record["time"] is Int)
      #expect(record.at("finding_info", "uid") is String)
      #expect(record.at("finding_info", "title") is String)
      #expect(record.at("finding_info", "analytic", "type_id") as? Int == 1)
      #expect(record.at("metadata", "version") as? String == "1.5.0")
      #expect(record.at("metadata", "product", "name") as? String == "sluice")
      for case let attack as NSDictionary in record.at("finding_info", "attacks") as? [Any] ?? [] {
        #expect(attack["technique"] != nil)
        for case let entity as NSDictionary in attack.allValues { #expect(entity["uid"] is String) }
      }
      for case let observable as NSDictionary in record["observables"] as? [Any] ?? [] {
        #expect(observable["name"] is String)
        #expect(observable["type_id"] as? Int == 2)
      }
      for case let resource as NSDictionary in record["resources"] as? [Any] ?? [] {
        #expect(resource["name"] is String)
      }
      for value in record.allValues { #expect(!(value is NSNull)) }
    }
  }

  /// No attribute is outside the class.
  @Test func noRecordHasAttributesOutsideTheClass() throws {
    let known: Set = [
      "activity_id", "activity_name", "category_name", "category_uid", "class_name", "class_uid", "comment",
      "end_time",
      "evidences", "finding_info", "is_alert", "message", "metadata", "observables", "resources",
      "risk_score", "severity",
      "severity_id", "start_time", "status", "status_id", "time", "type_name", "type_uid", "unmapped",
    ]
    for record in try SomeDetections.objects(.ocsf, Self.all) {
      #expect(Set(record.allKeys.compactMap { $0 as? String }).isSubset(of: known))
    }
  }

  @Test func attributesHoldTheDetectionsValues() throws {
    let record = try #require(SomeDetections.objects(.ocsf, Self.all).first)
    #expect(record["severity_id"] as? Int == 3)
    #expect(record["severity"] as? String == "Medium")
    #expect(record["start_time"] as? Int64 == SomeDetections.base + 1000)
    #expect(record["end_time"] as? Int64 == SomeDetections.base + 299_000)
    #expect(record["time"] as? Int64 == SomeDetections.base + 299_000)
    #expect(record["risk_score"] as? Int == 49)
    #expect(record["message"] as? String == "A message.")
    #expect(record["status_id"] as? Int == 1)
    #expect(record["is_alert"] as? Bool == true)
    #expect(record.at("finding_info", "uid") as? String == Self.all[0].id)
    #expect(record.at("metadata", "correlation_uid") as? String == Self.all[0].incident)
    #expect(
      record["evidences"] as? NSArray == [["src_endpoint": ["ip": "203.0.113.7"]]] as NSArray)
    #expect(
      record["resources"] as? NSArray == [
        ["type": "user", "name": "a@example.org"], ["type": "user", "name": "b@example.org"],
      ] as NSArray)
    #expect(
      record.at("unmapped", "sluice", "columns") as? NSDictionary == [
        "count": 6, "user": ["a@example.org", "b@example.org"], "none": NSNull(),
      ] as NSDictionary)
    #expect(record.at("unmapped", "sluice", "also_seen_by") as? [String] == ["okta-credential-stuffing"])
  }

  @Test func attacksNameTacticsAndTechniques() throws {
    let record = try SomeDetections.objects(.ocsf, Self.all)[1]
    let tactic = ["uid": "TA0006", "name": "Credential Access"]
    let technique = ["uid": "T1110", "name": "Brute Force"]
    #expect(
      record.at("finding_info", "attacks") as? NSArray == [
        ["tactic": tactic, "technique": technique],
        [
          "tactic": tactic, "technique": technique,
          "sub_technique": ["uid": "T1110.004", "name": "Credential Stuffing"],
        ],
      ] as NSArray)
  }

  @Test func aSuppressedDetectionHasItsStatus() throws {
    let record = try SomeDetections.objects(.ocsf, Self.all)[1]
    #expect(record["status_id"] as? Int == 3)
    #expect(record["status"] as? String == "Suppressed")
    #expect(record["is_alert"] as? Bool == false)
    #expect(record["comment"] as? String == "=known")
    #expect(record.at("unmapped", "sluice", "suppressed", "exception") as? String == "office")
  }

  /// A detection that names nobody lacks the attribute.
  @Test func absentAddressAndUsersLeaveNoAttributes() throws {
    let record = try SomeDetections.objects(.ocsf, Self.all)[2]
    for key in ["evidences", "observables", "resources", "risk_score"] { #expect(record[key] == nil) }
  }

  @Test(arguments: [
    ("informational", 1), ("low", 2), ("medium", 3), ("high", 4), ("critical", 5), ("grave", 99),
  ])
  func everySeverityHasItsID(word: String, id: Int) throws {
    var rule = RuleMetadata.accountsLockedOut
    rule.severity = word
    let record = try #require(SomeDetections.objects(.ocsf, [SomeDetections.detection(rule)]).first)
    #expect(record["severity_id"] as? Int == id)
    #expect((record["severity"] as? String)?.lowercased() == word)
  }

  @Test func hostileTextReadsBack() throws {
    for (record, text) in zip(try SomeDetections.objects(.ocsf, SomeDetections.hostile), HostileText.all) {
      #expect((record["message"] as? String).map { Array($0.utf8) } == Array(text.utf8))
      #expect((record["comment"] as? String).map { Array($0.utf8) } == Array(text.utf8))
    }
  }
}
