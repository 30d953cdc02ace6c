import Foundation
@testable import SluiceEngine
import SluiceRecords
@testable import SluiceReport
import SluiceTestSupport
import Testing

/// Risk by user and by client IP.
@Suite struct RiskTests {
  private func risk(_ detections: [Detection]) -> String {
    String(decoding: Risk(SomeDetections.result(detections)).json, as: UTF8.self)
  }

  @Test func scoresAreSummedByUserAndAddress() {
    var suppressed = SomeDetections.detection(minute: 30)
    suppressed.suppressed = SomeDetections.suppression
    let detections = [
      // Each has a risk score of 49.
      SomeDetections.detection(address: 1, users: ["b", "a", "unknown"]),
      SomeDetections.detection(address: 1, minute: 5, users: ["a"]),
      SomeDetections.detection(address: nil, minute: 10, users: ["c"]),
      // This one has a score of 47.
      SomeDetections.detection(.credentialStuffing, address: 2, lasts: 15, users: ["a", "c"]),
      // This one has no score.
      SomeDetections.detection(.threatInsightUnknownUsers, address: 3, users: ["d"]),
      suppressed,
    ]
    func lock(_ count: Int) -> String {
      #"{"rule":"okta-accounts-locked-out","detections":\#(count),"score":\#(49 * count)}"#
    }
    let stuffing = #"{"rule":"okta-credential-stuffing","detections":1,"score":47}"#
    let expected =
      #"{"schema":"sluice.risk/1","users":["#
      + #"{"user":"a","total":145,"rules":[\#(lock(2)),\#(stuffing)]},"#
      + #"{"user":"c","total":96,"rules":[\#(lock(1)),\#(stuffing)]},"#
      + #"{"user":"b","total":49,"rules":[\#(lock(1))]}],"#
      + #""ips":[{"ip":"0.0.0.1","total":98,"rules":[\#(lock(2))]},{"ip":"0.0.0.2","total":47,"rules":[\#(stuffing)]}]}"#
    for seed: UInt64 in 1...20 {
      var rng = SplitMix64(seed: seed)
      #expect(risk(detections.shuffled(using: &rng)) == expected)
    }
  }

  @Test func equalTotalsAreSortedByName() throws {
    let record = try SomeDetections.object(
      risk([
        SomeDetections.detection(address: 2, users: ["é", "z", "B", "a"]),
        SomeDetections.detection(address: 1, users: []),
      ]))
    #expect((record["users"] as? [NSDictionary])?.map { $0["user"] as? String } == ["B", "a", "z", "é"])
    #expect((record["ips"] as? [NSDictionary])?.map { $0["ip"] as? String } == ["0.0.0.1", "0.0.0.2"])
  }

  @Test func noDetectionsGiveEmptyLists() {
    #expect(risk([]) == #"{"schema":"sluice.risk/1","users":[],"ips":[]}"#)
  }

  @Test func hostileNamesReadBack() throws {
    let detections = HostileText.all.enumerated().map {
      SomeDetections.detection(minute: Int64($0) * 5, users: [$1])
    }
    let text = risk(detections)
    #expect(text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
    let users = try #require(try SomeDetections.object(text)["users"] as? [NSDictionary])
    #expect(
      Set(users.compactMap { $0["user"] as? String }.map { Array($0.utf8) })
        == Set(HostileText.all.map { Array($0.utf8) }))
  }
}
