import Foundation
import SluiceTestSupport
import Testing

/// `sluice show` as a user runs it.
@Suite struct ShowCommandTests {
  private let folder = TemporaryFolder()

  /// Scans the archive below `in` and returns the file of detections and the id of the first.
  private func scanned(_ options: String...) throws -> (detections: String, id: String) {
    let run = try Command(["scan", folder.path + "/in"] + options)
    let id = try firstID(run)
    return (folder.write("found.ndjson", run.output), id)
  }

  private func firstID(_ run: Command) throws -> String {
    let line = try #require(run.lines.first)
    let record = try json(Array(line.utf8))
    return try #require(record["id"] as? String)
  }

  private var locks: [String] {
    String(decoding: firingText, as: UTF8.self).split(separator: "\n").prefix(6).map(String.init)
  }

  private func success() -> [UInt8] {
    var success = EventBuilder(eventType: "user.session.start", at: EventTimes.base)
    success.published = "2026-01-05T11:00:00Z"
    (success.uuid, success.user, success.result) = ("s", "user3@example.org", "SUCCESS")
    return success.line
  }

  @Test func showPrintsEventsAndSignIns() throws {
    folder.write("in/a.json", [success()].joinedLines() + firingText)
    let (detections, id) = try scanned()
    let run = try Command("show", String(id.prefix(8)), "--detections", detections, folder.path + "/in")
    #expect(run.status == 0)
    #expect(run.errors.isEmpty)
    #expect(run.lines == locks)
    let both = try Command("show", id, "--detections", detections, "--triage", folder.path + "/in")
    #expect(both.status == 0)
    #expect(both.lines == locks + [String(decoding: success(), as: UTF8.self)])
    let table = try Command(
      "show", id, "--detections", detections, "--triage", "--format", "table", folder.path + "/in")
    try #require(table.lines.count == 8)
    #expect(table.lines[0].hasPrefix("TIME (UTC)"))
    #expect(table.lines[1].hasPrefix("2026-01-05T10:00:00.000Z  user.account.lock"))
    #expect(table.lines[7].hasSuffix("sign-in"))
    #expect(table.lines[7].contains("user3@example.org"))
  }

  @Test func signInsOfADetectionWithoutAddressAreRefused() throws {
    let locks = (0..<6).map { number in
      var lock = EventBuilder(eventType: "user.account.lock", at: EventTimes.base)
      (lock.uuid, lock.ip) = (.string("n\(number)"), .null)
      return lock.line
    }
    folder.write("in/a.json", locks.joinedLines())
    let (detections, id) = try scanned()
    let run = try Command("show", id, "--detections", detections, "--triage", folder.path + "/in")
    #expect(run.status == 3)
    #expect(run.output.isEmpty)
    #expect(run.errors.contains("without a client IP"))
    #expect(!run.errors.contains("scan again"))
  }

  @Test func eventsAreFoundInAMovedArchive() throws {
    folder.write("in/05/a.json", firingText)
    let (detections, id) = try scanned()
    let moved = TemporaryFolder()
    moved.write("elsewhere/05/a.json", firingText)
    let run = try Command("show", id, "--detections", detections, moved.path + "/elsewhere")
    #expect(run.status == 0)
    #expect(run.lines == locks)
    moved.write("other/b.json", firingText)
    let missing = try Command("show", id, "--detections", detections, moved.path + "/other")
    #expect(missing.status == 3)
    #expect(missing.output.isEmpty)
    #expect(missing.errors.contains("/in/05/a.json"))
    #expect(missing.errors.contains("not among the paths"))
  }

  @Test func aChangedArchiveShowsTheEventsThatAreLeft() throws {
    let path = folder.write("in/a.json", firingText)
    let (detections, id) = try scanned()
    folder.write("in/a.json", Array(firingText.dropFirst(locks[0].utf8.count + 1)))
    let run = try Command("show", id, "--detections", detections, path)
    #expect(run.status == 2)
    #expect(run.lines == Array(locks.dropFirst()), "what is there is shown")
    #expect(run.errors.contains("5 events"))
    #expect(run.errors.contains("6 were counted"))
  }

  @Test func eachWrongArgumentIsExplained() throws {
    folder.write("in/a.json", firingText)
    let (detections, id) = try scanned("--no-triage")
    let archive = folder.path + "/in"
    #expect(try Command("show", "1234567", "--detections", detections, archive).status == 64)
    #expect(try Command("show", id, "--detections", detections).status == 64)
    #expect(try Command("show", id, archive).status == 64)
    for (arguments, message) in [
      (["00000000", "--detections", detections, archive], "no detection"),
      ([id, "--detections", folder.path + "/missing", archive], "cannot read"),
      ([id, "--detections", detections, "--triage", archive], "without --no-triage"),
    ] {
      let run = try Command(["show"] + arguments)
      #expect(run.status == 3, "\(message)")
      #expect(run.output.isEmpty, "\(message)")
      #expect(run.errors.contains(message), "\(message)")
    }
    let (none, _) = try scanned("--no-evidence")
    let run = try Command("show", id, "--detections", none, archive)
    #expect(run.status == 3)
    #expect(run.errors.contains("--no-evidence"))
  }

  @Test func aDetectionOfARulesFileNeedsThatFile() throws {
    folder.write("in/a.json", firingText)
    let rules = folder.write(
      "rules.yaml",
      Array(
        """
        rules:
          - id: locks-of-users
            title: Locks
            severity: low
            filter: [eventType == "user.account.lock"]
            key: [actor.displayName]
            window: {length: 1h}
            columns: {n: count()}
            condition: n >= 6

        """.utf8))
    let run = try Command("scan", folder.path + "/in", "--rules", rules, "--rule", "locks-of-users")
    let detections = folder.write("found.ndjson", run.output)
    let id = try firstID(run)
    let shown = try Command("show", id, "--detections", detections, "--rules", rules, folder.path + "/in")
    #expect(shown.status == 0)
    #expect(shown.lines == locks)
    let unknown = try Command("show", id, "--detections", detections, folder.path + "/in")
    #expect(unknown.status == 3)
    #expect(unknown.errors.contains("locks-of-users"))
    #expect(unknown.errors.contains("--rules"))
  }

  @Test func standardInputHasNoEvidence() throws {
    #expect(try Command("scan", "-", input: firingText).text.contains(#","evidence":null,"#))
  }
}
