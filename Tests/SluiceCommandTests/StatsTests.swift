import Foundation
import SluiceTestSupport
import Testing

/// The option `--stats`: exactly the keys of the contract, with the correct values for a hand-made archive.
@Suite struct StatsTests {
  private static let keys: Set<String> = [
    "schema", "files", "frames", "bytes_compressed", "bytes_decompressed", "lines", "blank_lines", "records",
    "events",
    "rejected", "candidates", "observations", "duplicates", "detections", "frames_verified",
    "frames_unverifiable",
    "frames_corrupt", "threads", "shards", "wall_seconds", "cpu_seconds", "events_per_second",
    "bytes_per_second",
    "peak_rss_bytes", "funnel", "coverage", "triage", "problems", "files_read", "files_reused", "bytes_read",
    "complete", "shortfalls", "skipped", "unrecognised",
  ]

  private func stats(_ folder: TemporaryFolder, _ arguments: String...) throws -> [String: Any] {
    let path = TemporaryFolder()
    let out = path.path + "/stats.json"
    _ = try Command(["scan", folder.path, "--stats", out, "--threads", "2"] + arguments)
    let bytes = try file(out)
    #expect(bytes.last == UInt8(ascii: "\n"))
    #expect(bytes.count { $0 == UInt8(ascii: "\n") } == 1)
    return try json(bytes)
  }

  private func expect(_ stats: [String: Any], _ expected: KeyValuePairs<String, Int>) {
    for (key, value) in expected { #expect(stats[key] as? Int == value, "\(key)") }
  }

  @Test func statisticsOfAnArchiveCountEverything() throws {
    let folder = TemporaryFolder()
    let frame = FrameBuilder(blocks: [firingText]).bytes
    var bare = FrameBuilder(blocks: [Array("\n  \n".utf8) + firingText])
    bare.hasBlockChecksums = false
    bare.hasContentChecksum = false
    folder.write("a.lz4", frame + FrameBuilder.skippable(size: 5) + bare.bytes)
    folder.write(
      "b.json", Array("{\"eventType\":\"a\",\"uuid\":\"\",\"published\":\"2026-01-05T10:00:00Z\"}".utf8))
    let stats = try stats(folder)
    #expect(Set(stats.keys) == Self.keys)
    #expect(stats["schema"] as? String == "sluice.stats/1")
    expect(
      stats,
      [
        "files": 2, "frames": 2, "frames_verified": 1, "frames_unverifiable": 1, "frames_corrupt": 0,
        "bytes_compressed": frame.count + 13 + bare.bytes.count + 62,
        "bytes_read": frame.count + 13 + bare.bytes.count + 62,
        "bytes_decompressed": 2 * firingText.count + 4 + 62, "lines": 17, "blank_lines": 2, "records": 15,
        "events": 15, "candidates": 12, "duplicates": 6, "threads": 2, "files_read": 2, "files_reused": 0,
      ])
    #expect((stats["rejected"] as? [String: Int]) == [:])
    // The time ranges of both files overlap the detection's.
    let triage = try #require(stats["triage"] as? [String: Any])
    expect(
      triage,
      [
        "files_read": 2, "files_skipped": 0, "bytes_read": frame.count + 13 + bare.bytes.count + 62,
        "bytes_decompressed": 2 * firingText.count + 4 + 62, "lines": 17, "slack_seconds": 3600,
      ])
    #expect((triage["rejected"] as? [String: Int]) == [:])
    #expect((triage["seconds"] as? Double).map { $0 >= 0 } == true)
    #expect(stats["complete"] as? Bool == true)
    #expect((stats["problems"] as? [Any])?.isEmpty == true)
    let rules = ["okta-accounts-locked-out", "okta-credential-stuffing", "okta-threatinsight-unknown-users"]
    #expect(stats["observations"] as? [String: Int] == [rules[0]: 12, rules[1]: 0, rules[2]: 0])
    #expect(stats["detections"] as? [String: Int] == [rules[0]: 1, rules[1]: 0, rules[2]: 0])
    #expect((stats["funnel"] as? [String: [String: Int]])?[rules[0]]?.values.sorted() == [12])
    for key in ["wall_seconds", "cpu_seconds", "events_per_second", "bytes_per_second", "peak_rss_bytes"] {
      #expect((stats[key] as? Double).map { $0 >= 0 } == true, "\(key)")
    }
  }

  /// Rejected events are in no funnel and no observation; every reason is counted under its name.
  @Test func rejectedEventsAreCountedByReasonOnly() throws {
    let folder = TemporaryFolder()
    var untimed = EventBuilder(eventType: "user.account.lock", at: EventTimes.base)
    untimed.published = "2026-02-30T10:00:00Z"
    var plain = EventBuilder(eventType: "user.session.end", at: EventTimes.base)
    plain.published = .null
    let lines = [
      untimed.line, plain.line, Array(untimed.line.dropLast()), Array("[\"user.account.lock\"]".utf8),
    ]
    let path = folder.write("a.json", firingText + lines.joinedLines())
    let stats = try stats(folder)
    expect(stats, ["lines": 11, "records": 11, "events": 8, "candidates": 9])
    let rejected = try #require(stats["rejected"] as? [String: Int])
    #expect(rejected["time"] == 1)
    #expect(rejected.values.reduce(0, +) == 3)
    #expect((stats["observations"] as? [String: Int])?["okta-accounts-locked-out"] == 6)
    #expect((stats["funnel"] as? [String: [String: Int]])?["okta-accounts-locked-out"]?.values.max() == 6)
    #expect(stats["complete"] as? Bool == false)
    let problems = try #require(stats["problems"] as? [[String: Any]])
    #expect(problems.count == 3)
    for problem in problems {
      #expect(Set(problem.keys) == ["file", "offset", "reason", "message"])
      #expect(problem["file"] as? String == path)
    }
    let timeOffset = problems.first { $0["reason"] as? String == "time" }?["offset"] as? Int
    #expect(timeOffset == firingText.count)
  }

  /// Each of these sign-ins fails one more predicate of the stuffing rule, so that the funnel narrows step by step.
  @Test func theFunnelNarrowsWithEachPredicate() throws {
    let folder = TemporaryFolder()
    var event = EventBuilder(eventType: "user.session.start", at: EventTimes.base)
    event.reason = "INVALID_CREDENTIALS"
    var lines = [event.line]
    event.user = .null
    lines.append(event.line)
    event.eventType = "policy.evaluate"
    lines.append(event.line)
    event.reason = "OTHER"
    lines.append(event.line)
    folder.write("a.json", lines.joinedLines())
    let stats = try stats(folder)
    let funnel = try #require(stats["funnel"] as? [String: [String: Int]])
    #expect(funnel["okta-credential-stuffing"]?.values.sorted() == [1, 2, 3])
    #expect((stats["observations"] as? [String: Int])?["okta-credential-stuffing"] == 1)
    expect(stats, ["events": 4, "records": 4])
  }

  @Test func withoutTriageItsStatisticsAreNull() throws {
    let folder = TemporaryFolder()
    folder.write("a.json", firingText)
    #expect(try stats(folder, "--no-triage")["triage"] is NSNull)
  }

  @Test func statisticsCoverOnlyTheRulesAskedFor() throws {
    let folder = TemporaryFolder()
    folder.write("a.json", firingText)
    let stats = try stats(folder, "--rule", "okta-credential-stuffing")
    #expect((stats["observations"] as? [String: Int])?.keys.sorted() == ["okta-credential-stuffing"])
    expect(stats, ["events": 7, "candidates": 0])
  }
}
