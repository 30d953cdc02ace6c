import Foundation
@testable import SluiceRecords
import SluiceTestSupport
import Testing

/// `sluice scan`, option by option.
@Suite struct ScanCommandTests {
  private let folder = TemporaryFolder()

  @Test func ndjsonIsTheDefaultWhereThereIsNoTerminal() throws {
    let path = folder.write("a.json", firingText)
    let plain = try Command("scan", path)
    #expect(plain.lines.count == 1)
    #expect(plain.errors.isEmpty)
    let record = try json(plain.output)
    #expect(record["rule"] as? String == "okta-accounts-locked-out")
    #expect(record["event_count"] as? Int == 6)
    #expect(try Command("scan", "--format", "ndjson", path).output == plain.output)
  }

  @Test func theTableHasARowForADetection() throws {
    let run = try Command("scan", "--format", "table", folder.write("a.json", firingText))
    #expect(run.status == 0)
    let row = try #require(run.lines.first { $0.contains("203.0.113.7") })
    #expect(row.contains("2026-01-05 10:00:00"))
    #expect(row.contains("okta-accounts-locked-out"))
    #expect(row.contains("6"))
  }

  @Test func htmlIsOneWholePage() throws {
    let path = folder.write("a.json", firingText)
    let run = try Command("scan", "--format", "html", path)
    #expect(run.status == 0)
    #expect(run.text.hasPrefix("<!DOCTYPE html>\n"))
    #expect(run.text.hasSuffix("</html>\n"))
    #expect(run.text.contains("203.0.113.7"))
    #expect(try Command("scan", "--format", "html", "--limit", "1", path).status == 64)
    #expect(try Command("scan", "--format", "htm", path).status == 64)
  }

  @Test func standardInputGivesTheResultOfAFile() throws {
    // Input that can be read only once has no triage.
    let expected = try Command("scan", "--no-triage", "--no-evidence", folder.write("a.json", firingText))
      .output
    #expect(try Command("scan", "-", input: firingText).output == expected)
    for form in TestScale.some(archiveForms, every: 7) {
      let run = try Command("scan", "-", input: form.encode(firingText))
      #expect(run.output == expected, "\(form.name)")
      #expect(run.status == 0, "\(form.name)")
    }
    let empty = try Command("scan", "-")
    #expect(empty.status == 2)
    #expect(empty.output.isEmpty)
  }

  @Test func outputIsWrittenBesideAndRenamed() throws {
    let path = folder.write("in/a.json", firingText)
    let out = folder.write("out/result.ndjson", Array("old\n".utf8))
    let stats = folder.path + "/out/stats.json"
    let run = try Command("scan", path, "--output", out, "--stats", stats)
    #expect(run.status == 0)
    #expect(run.output.isEmpty)
    #expect(try file(out) == Command("scan", path).output)
    let manager = FileManager.default
    #expect(
      try manager.contentsOfDirectory(atPath: folder.path + "/out").sorted() == [
        "result.ndjson", "stats.json",
      ])
    for file in [out, stats] {
      #expect(try manager.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
    }
  }

  @Test func onlyNamedRulesAreEvaluated() throws {
    let path = folder.write("a.json", firingText)
    #expect(try Command("scan", "--rule", "okta-credential-stuffing", path).output.isEmpty)
    let both = try Command(
      "scan", "--rule", "okta-credential-stuffing", "--rule", "okta-accounts-locked-out", path)
    #expect(both.output == (try Command("scan", path)).output)
  }

  /// The range is half-open and applies to event time.
  @Test func fromIsInclusiveAndToIsExclusive() throws {
    let path = folder.write("a.json", firingText)
    func count(_ arguments: String...) throws -> Int { try Command(["scan", path] + arguments).lines.count }
    #expect(try count("--from", "2026-01-05T10:00:00Z") == 1)
    #expect(try count("--from", "2026-01-05T10:00:00.001Z") == 0)
    #expect(try count("--to", "2026-01-05T10:00:00Z") == 0)
    #expect(try count("--to", "2026-01-05T10:00:00.001Z") == 1)
    #expect(try count("--from", "2026-01-05", "--to", "2026-01-06") == 1)
    #expect(try count("--from", "2026-01-05T12:00:00+02:00") == 1)
  }

  /// 25 users, one an hour: no 15 minutes fire, but the whole range does.
  @Test func windowAllGroupsTheWholeRange() throws {
    let lines = (0..<25).map { number in
      var time = EventTimes.base
      time.milliseconds += Int64(number) * 3_600_000
      var event = EventBuilder(eventType: "user.session.start", at: time)
      event.reason = "INVALID_CREDENTIALS"
      event.user = .string("user\(number)")
      return event.line
    }
    let path = folder.write("a.json", lines.joinedLines())
    #expect(try Command("scan", path).output.isEmpty)
    #expect(try Command("scan", "--window", "scheduled", path).output.isEmpty)
    let record = try json(try Command("scan", "--window", "all", path).output)
    #expect(record["window_start"] as? String == "2026-01-05T10:00:00.000Z")
    #expect(record["window_end"] as? String == "2026-01-06T10:00:00.000Z")
    let ranged = try Command("scan", "--window", "all", "--from", "2026-01-05", "--to", "2026-01-07", path)
    #expect(try json(ranged.output)["window_end"] as? String == "2026-01-07T00:00:00.000Z")
  }

  @Test func copiesCountOnceUnlessKept() throws {
    let path = folder.write("a.json", firingText.split(separator: 10).prefix(5).map(Array.init).joinedLines())
    #expect(try Command("scan", path, folder.write("b.json", file(path))).output.isEmpty)
    let kept = try Command("scan", "--keep-duplicates", folder.path)
    #expect(try json(kept.output)["event_count"] as? Int == 10)
  }

  @Test func generateThenScanGivesWhatWasPlanted() throws {
    let out = folder.path + "/made"
    for (name, extra) in [("1", []), ("2", ["--linked", "--block-size", "64K", "--block-checksum"])] {
      let made = try Command(
        ["generate", "--events", "6000", "--seed", name, "--output", out + name] + extra)
      #expect(made.status == 0)
      let expected = try file(out + name + "/expected.ndjson")
      let run = try Command(
        "scan", out + name + "/archive", "--no-triage", "--no-evidence", "--exit-code", "--threads", "3")
      #expect(run.output == expected)
      #expect(!expected.isEmpty)
      #expect(run.status == 1)
      // The detections are the same. After some of the attacks, the generator planted a sign-in of an attempted user.
      let triaged = try Command("scan", out + name + "/archive")
      let records = try triaged.lines.map { try json(Array($0.utf8)) }
      let ids = try String(decoding: expected, as: UTF8.self).split(separator: "\n").map {
        try json(Array($0.utf8))["id"] as? String
      }
      #expect(records.map { $0["id"] as? String } == ids)
      let compromised = records.compactMap { record in
        (record["triage"] as? [String: Any])?["compromised_users"] as? [String]
      }
      #expect(compromised.contains { !$0.isEmpty })
      #expect(compromised.contains { $0.isEmpty })
    }
  }

  /// To the rules, a sign-in without a usable time is an event like others. To triage, it may be the one that
  /// matters.
  @Test func recordsThatTriageCannotUseAreCounted() throws {
    var success = EventBuilder(eventType: "user.session.start", at: EventTimes.base)
    (success.published, success.result) = ("2026-01-05 11:00", "SUCCESS")
    let path = folder.write("a.json", firingText + [success.line].joinedLines())
    let note = "Triage could not use 1 record with the address"
    let run = try Command("scan", path)
    #expect(run.status == 0)
    #expect(run.errors.contains(note))
    #expect(try Command("scan", "--format", "table", path).text.contains(note))
    #expect(try Command("scan", "--format", "html", path).text.contains("Records triage could not use"))
    let whole = try Command("scan", folder.write("b.json", firingText))
    #expect(whole.status == 0)
    #expect(whole.errors.isEmpty)
  }

  /// The members of the record, in order, with null for missing values.
  @Test func theTriageMemberHasItsFieldsInOrder() throws {
    var success = EventBuilder(eventType: "user.session.start", at: EventTimes.base)
    success.published = "2026-01-05T11:00:00Z"
    (success.user, success.result) = ("user3@example.org", "SUCCESS")
    let path = folder.write("a.json", firingText + [success.line].joinedLines())
    let run = try Command("scan", path)
    let expected = [
      #","triage":{"from":"2026-01-05T09:00:00.000Z","to":"2026-01-06T10:00:00.000Z","success_count":1"#,
      #""success_users":["user3@example.org"],"first_success":"2026-01-05T11:00:00.000Z""#,
      #""valid_targets":["user0@example.org","user1@example.org","user2@example.org","user3@example.org""#,
      #""user4@example.org","user5@example.org"],"other_targets":[]"#,
      #""compromised_users":["user3@example.org"],"threat_insight_results":[],"enforcement":null"#,
      #""minutes":[["2026-01-05T10:00:00.000Z",6]],"networks":{"as_numbers":[64500]"#,
      #""as_orgs":["example transit"],"isps":["example isp"],"domains":["example.net"]"#,
      #""is_proxy":[false],"countries":["Germany"],"cities":["Jena"]},"files_read":1,"files_skipped":0},"evidence":{"events":[{"file":"#,
    ]
    #expect(run.text.contains(expected.joined(separator: ",")))
    #expect(
      try Command("scan", "--no-triage", path).text.contains(
        #","triage":null,"evidence":{"events":[{"file":"#))
    let table = try Command("scan", "--format", "table", path)
    let row = try #require(table.lines.first { $0.contains("203.0.113.7") })
    #expect(row.hasPrefix("1: user3@example.org "))
    #expect(table.text.contains("Triage read 1 file again"))
    let input = try Command("scan", "-", input: firingText)
    #expect(input.errors.split(separator: "\n").count { $0.contains("not triaged") } == 1)
    #expect(input.status == 0)
    #expect(input.text.contains(#","triage":null,"#))
  }
}
