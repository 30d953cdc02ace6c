import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceReference

/// Incidents against their definition, over random detections: few addresses, and gaps of exactly an hour.
@Suite struct IncidentOracleTests {
  private static let rules: [RuleMetadata] = [
    .threatInsightUnknownUsers, .credentialStuffing, .accountsLockedOut,
  ]

  private static func detections(_ rng: inout SplitMix64) -> [Detection] {
    var detections: [Detection] = []
    for rule in rules {
      for address in [nil, IPAddress(v4: 1), IPAddress(v4: 2)] {
        var own: [Detection] = []
        // Starts differ, because one key has one window for each start.
        var start: Int64 = 0
        for _ in 0..<Int.random(in: 0...5, using: &rng) {
          start += [1, 1_800_000, 3_600_000, 3_600_001, 7_200_000].randomElement(using: &rng) ?? 1
          let length: Int64 = [0, 1, 1_800_000, 3_600_000, 9_000_000].randomElement(using: &rng) ?? 0
          let (first, last) = (EventTime(milliseconds: start), EventTime(milliseconds: start + length))
          own.append(
            Detection(
              rule: rule, clientIP: address, windowStart: first, windowEnd: last, firstSeen: first,
              lastSeen: last,
              eventCount: 1, columns: [], message: ""))
        }
        if Bool.random(using: &rng) { Detection.joinEpisodes(&own) }
        detections += own
      }
    }
    return detections.sorted(by: Detection.inOrder)
  }

  @Test func agreesWithTheDefinition() {
    var joined = 0
    let seeds = TestScale.seeds(2000, atLeast: 500)
    for seed in seeds {
      var rng = SplitMix64(seed: seed)
      let detections = Self.detections(&rng)
      var expected = detections
      joinIncidents(&expected)
      var found = detections.shuffled(using: &rng)
      Detection.joinIncidents(&found)
      found.sort(by: Detection.inOrder)
      #expect(found == expected, "seed \(seed)")
      joined += found.count { !$0.alsoSeenBy.isEmpty } * 2000 / seeds.count
    }
    #expect(joined > 1000, "incidents of several rules: \(joined)")
  }
}
