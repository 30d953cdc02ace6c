import Foundation
import SluiceTestSupport
import Testing

/// Exceptions from a rules file, as `scan` and `rules` apply and show them.
@Suite struct ExceptionCommandTests {
  private let folder = TemporaryFolder()

  /// Writes a rules file with the given exceptions.
  ///
  /// - Parameter exceptions: Exceptions without owner and reason.
  private func rules(_ exceptions: String..., owner: String = "o", reason: String = "r") -> String {
    let lines = exceptions.map { "  - {\($0), owner: \"\(owner)\", reason: \"\(reason)\"}\n" }
    return folder.write("rules.yaml", Array(("exceptions:\n" + lines.joined()).utf8))
  }

  @Test func aSuppressedDetectionIsWrittenAndMarked() throws {
    let path = folder.write("a.json", firingText)
    let plain = try json(try Command("scan", path).output)
    let run = try Command("scan", path, "--rules", rules("id: known, ip: 203.0.113.7, expires: 2026-02-01"))
    var record = try json(run.output)
    #expect(run.status == 0)
    #expect(run.lines.count == 1)
    #expect(
      record["suppressed"] as? [String: String] == [
        "exception": "known", "owner": "o", "reason": "r", "expires": "2026-02-01T00:00:00.000Z",
      ])
    record["suppressed"] = nil
    #expect(record as NSDictionary == plain as NSDictionary)
    #expect(run.errors == "sluice: Hidden by known (o: r): 1 detection.\n")
    #expect(try Command("scan", path, "--quiet", "--rules", rules("ip: 203.0.113.7")).errors.isEmpty)
  }

  @Test func theExitCodeCountsOnlyShownDetections() throws {
    let path = folder.write("a.json", firingText)
    func status(_ exception: String) throws -> Int32 {
      try Command("scan", path, "--exit-code", "--rules", rules(exception)).status
    }
    #expect(try status("ip: 203.0.113.7") == 0)
    #expect(try status("ip: 203.0.113.8") == 1)
    #expect(try status("ip: 203.0.113.7, expires: 2026-01-05") == 1)
  }

  @Test func theTableLeavesSuppressedDetectionsOut() throws {
    let path = folder.write("a.json", firingText)
    let run = try Command(
      "scan", path, "--format", "table", "--rules", rules("ip: 203.0.113.7", "id: spare, asn: 1"))
    #expect(run.status == 0)
    #expect(run.lines.first == "No detections but those that exceptions cover.")
    #expect(
      run.lines.suffix(3).prefix(2) == ["Hidden by exception-1 (o: r): 1 detection.", "Unused: spare."])
    #expect(!run.text.contains("203.0.113.7"))
    let expired = try Command(
      "scan", path, "--format", "table", "--rules", rules("asn: 64500, expires: 2026-01-01"))
    #expect(expired.lines[1].contains("203.0.113.7"))
    #expect(
      expired.lines.dropLast().last?.hasPrefix("Expired on 2026-01-01T00:00:00.000Z: exception-1 (o)") == true
    )
  }

  @Test func statisticsCountHiddenDetectionsByException() throws {
    let path = folder.write("a.json", firingText)
    let statsPath = folder.path + "/stats"
    _ = try Command("scan", path, "--stats", statsPath, "--rules", rules("id: x, asn: 64500", "user: nobody"))
    let stats = try json(try file(statsPath))
    #expect((stats["detections"] as? [String: Int])?["okta-accounts-locked-out"] == 1)
    #expect((stats["suppressed"] as? [String: Int])?["okta-accounts-locked-out"] == 1)
    let exceptions = try #require(stats["exceptions"] as? [[String: Any]])
    #expect(exceptions.map { $0["id"] as? String } == ["x", "exception-2"])
    #expect(exceptions.map { $0["hidden"] as? Int } == [1, 0])
    #expect(exceptions.map { $0["expired"] as? Int } == [0, 0])
    #expect(
      exceptions.allSatisfy { Set($0.keys) == ["id", "owner", "reason", "expires", "hidden", "expired"] })
  }

  @Test func theRulesCommandListsExceptions() throws {
    let path = rules(
      "id: known, cidr: 192.0.2.0/24, user: 'svc-*', expires: 2026-02-01", "rule: okta-password-spray")
    let run = try Command("rules", "--rules", path)
    #expect(run.status == 0)
    #expect(run.lines.count == 12)
    let row = try #require(run.lines.first { $0.hasPrefix("known ") })
    for part in ["2026-02-01T00:00:00.000Z", " o ", "IP 192.0.2.0/24; user svc-*"] {
      #expect(row.contains(part))
    }
    #expect(run.lines.last?.hasPrefix("exception-2  never ") == true)
    let check = try Command("rules", "--check", "--rules", path)
    #expect(check.status == 0)
    #expect(check.text == "\(path): 0 rules, 2 exceptions, no errors\n")
  }

  @Test func rulesCheckNamesErrorsOfExceptions() throws {
    let path = rules("ip: 192.0.2.1/24", "rule: none, user: ''", "cidr: 0.0.0.0/0")
    let check = try Command("rules", "--check", "--rules", path)
    #expect(check.status == 64)
    #expect(check.errors.isEmpty)
    #expect(
      check.lines.map { $0.prefix { $0 != " " } } == [
        "\(path):2:10:", "\(path):3:12:", "\(path):3:24:", "\(path):4:12:",
      ])
    #expect(check.lines.last?.contains("warning") == true)
    let scan = try Command("scan", folder.write("a.json", firingText), "--rules", path)
    #expect(scan.status == 64)
    #expect(scan.output.isEmpty)
    #expect(scan.errors == check.text)
  }

  /// The author of a rules file may have copied hostile text from a log.
  @Test(arguments: ["ndjson", "table"]) func controlCharactersInExceptionsAreEscaped(format: String) throws {
    let hostile = "\\e[31m\\a\\r\\n\\u202e\\u2066\\u200bx"
    let path = rules(
      "ip: 203.0.113.7", "user: \"\(hostile)*\"", "asn: 64500, expires: 2026-01-01", owner: hostile,
      reason: hostile)
    let statsPath = folder.path + "/stats"
    let runs = [
      try Command(
        "scan", folder.write("a.json", firingText), "--format", format, "--rules", path, "--stats", statsPath),
      try Command("rules", "--rules", path), try Command("rules", "--check", "--rules", path),
    ]
    for text in runs.flatMap({ [$0.text, $0.errors] }) + [
      String(decoding: try file(statsPath), as: UTF8.self)
    ] {
      let bad = text.unicodeScalars.filter { $0 != "\n" && !($0.value >= 0x20 && $0.value < 0x7F) }
      #expect(bad.isEmpty, "\(text)")
    }
    #expect(runs[0].status == 0)
    #expect(runs[1].lines.count == 13)
    let said = runs[0].errors + runs[0].text
    #expect(said.contains("Hidden by exception-1 (\\u{1b}[31m\\u{7}"))
    if format == "ndjson" {
      let suppressed = try json(runs[0].output)["suppressed"] as? [String: Any]
      #expect(suppressed?["owner"] as? String == "\u{1B}[31m\u{7}\r\n\u{202E}\u{2066}\u{200B}x")
    }
  }
}
