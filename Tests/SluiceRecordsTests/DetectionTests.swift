import Foundation
import SluiceRecords
import Testing

/// A detection's id, its episode and its line.
@Suite struct DetectionTests {
  private func detection(
    rule: RuleMetadata = .credentialStuffing, address: IPAddress? = IPAddress(v4: 0xCB00_7107),
    rest: [LogText] = [],
    start: Int64 = 1_767_607_200_000, end: Int64 = 1_767_608_100_000
  ) -> Detection {
    Detection(
      rule: rule, clientIP: address, restOfKey: rest.map { .init("part", .text($0)) },
      windowStart: EventTime(milliseconds: start), windowEnd: EventTime(milliseconds: end),
      firstSeen: EventTime(milliseconds: start), lastSeen: EventTime(milliseconds: end - 1), eventCount: 31,
      columns: [.init("user", .list([.text("a")])), .init("none", .null)], message: "From \u{1B}[31m.")
  }

  @Test func theIDIsOfRuleKeyAndWindowStartOnly() {
    let base = detection()
    var other = base
    other.rule.title = "Another title"
    other.rule.severity = "low"
    other.windowEnd = EventTime(milliseconds: 0)
    other.firstSeen = EventTime(milliseconds: 1)
    other.lastSeen = EventTime(milliseconds: 2)
    other.eventCount = 99
    other.columns = []
    other.message = ""
    other.episode = "x"
    #expect(other.id == base.id)

    let changed = [
      base, detection(rule: .accountsLockedOut), detection(address: nil),
      detection(address: IPAddress(v4: 1)),
      detection(rest: ["a"]), detection(rest: ["a", ""]), detection(rest: ["", "a"]), detection(start: 0),
      detection(rest: ["a\",\"part\",\""]), detection(rest: ["null"]),
    ]
    #expect(Set(changed.map(\.id)).count == changed.count)
  }

  /// Scripts outside the project store ids, so a changed id breaks the contract.
  @Test func theIDIsTheSameInEveryRun() {
    let id = detection().id
    #expect(id.count == 32)
    #expect(id.allSatisfy { "0123456789abcdef".contains($0) })
    #expect(id == "89cb0ffc7b72e8da193cd66868b23cb8")
  }

  @Test func theLineIsAsTheContractHasIt() throws {
    let line = detection().ndjson
    let tree = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
    let keys = [
      "schema", "id", "rule", "vendor", "vendor_rule_id", "title", "severity", "risk_score", "tactics",
      "techniques",
      "client_ip", "window_start", "window_end", "first_seen", "last_seen", "event_count", "episode",
      "incident", "also_seen_by", "columns",
      "triage", "evidence", "message",
    ]
    #expect(Set(tree.keys) == Set(keys))
    let text = String(decoding: line, as: UTF8.self)
    let places = keys.compactMap { text.firstRange(of: "\"\($0)\":")?.lowerBound }
    #expect(places == places.sorted())
    #expect(places.count == keys.count)
    #expect(tree["schema"] as? String == "sluice.detection/1")
    #expect(tree["client_ip"] as? String == "203.0.113.7")
    #expect(tree["window_start"] as? String == "2026-01-05T10:00:00.000Z")
    #expect(tree["window_end"] as? String == "2026-01-05T10:15:00.000Z")
    #expect(tree["last_seen"] as? String == "2026-01-05T10:14:59.999Z")
    #expect(tree["risk_score"] as? Int == 47)
    #expect(!line.contains(0x1B))
    #expect(!line.contains(0x0A))
    #expect(text.contains(#""columns":{"user":["a"],"none":null}"#))
  }

  /// The member exists only if an exception applies, after `triage`. Its texts are escaped like those of the log.
  @Test func theSuppressedMemberIsWrittenOnlyIfSet() throws {
    var known = detection()
    #expect(known.suppressed == nil)
    #expect(!String(decoding: known.ndjson, as: UTF8.self).contains("suppressed"))
    let plain = known
    known.suppressed = .init(exception: "e", owner: "a\u{1B}\u{202E}", reason: "\"b\"\n", expires: nil)
    #expect(known.id == plain.id)
    let text = String(decoding: known.ndjson, as: UTF8.self)
    #expect(
      text.contains(
        #""triage":null,"evidence":null,"suppressed":{"exception":"e","owner":"a\u001b\u202e","reason":"\"b\"\n","expires":null},"message""#
      ), "\(text)")
    known.suppressed?.expires = EventTime(milliseconds: 0)
    #expect(String(decoding: known.ndjson, as: UTF8.self).contains(#""expires":"1970-01-01T00:00:00.000Z"}"#))
  }

  @Test func metadataOfTheRulesIsAsPublished() {
    let rules: [RuleMetadata] = [.threatInsightUnknownUsers, .credentialStuffing, .accountsLockedOut]
    #expect(
      rules.map(\.id) == [
        "okta-threatinsight-unknown-users", "okta-credential-stuffing", "okta-accounts-locked-out",
      ])
    #expect(
      rules.map(\.vendorRuleID) == [
        "def-000-laz", "94e734c0-2cda-11ef-84e1-f661ea17fbce", "a511426e-184f-4de6-8711-cfd2af29d1e1",
      ])
    #expect(rules.map(\.riskScore) == [nil, 47, 49])
    #expect(rules.map(\.severity) == ["medium", "medium", "medium"])
    #expect(rules.map(\.tactics) == [["TA0001"], ["TA0006"], ["TA0006"]])
    #expect(rules.map(\.techniques) == [["T1078"], ["T1110", "T1110.004"], ["T1110"]])
  }

  private func window(_ start: Int64, _ end: Int64) -> Detection { detection(start: start, end: end) }

  @Test func windowsThatOverlapOrTouchAreOneEpisode() {
    var found = [window(0, 10), window(5, 15), window(15, 25), window(26, 36), window(36, 46)]
    Detection.joinEpisodes(&found)
    #expect(found.map(\.episode) == [found[0].id, found[0].id, found[0].id, found[3].id, found[3].id])
    var none: [Detection] = []
    Detection.joinEpisodes(&none)
    #expect(none.isEmpty)
    var one = [window(0, 10)]
    Detection.joinEpisodes(&one)
    #expect(one[0].episode == one[0].id)
  }
}
