import Foundation
import SluiceTestSupport
import Testing

/// The summary on standard error at the end of a run.
@Suite struct RunEndTests {
  private let folder = TemporaryFolder()
  private let input: String
  private let bad: String

  init() {
    input = folder.write("a.json", firingText)
    bad = folder.write("bad.json", firingText + Array("{\"eventType\":\"user.account.lock\"\n".utf8))
  }

  private var output: String { folder.path + "/out" }

  @Test func aRunToAFileSaysHowItEnded() throws {
    let run = try Command("scan", input, "--output", output)
    #expect(run.status == 0)
    #expect(run.errors == "sluice: 1 detection in 1 incident, 0 compromised users; all input was read.\n")
  }

  @Test func aRunWithoutTriageDoesNotCountCompromisedUsers() throws {
    let run = try Command("scan", input, "--no-triage", "--output", output)
    #expect(
      run.errors == "sluice: 1 detection in 1 incident, compromised users not known; all input was read.\n")
  }

  @Test func aRunThatFoundNothingSaysSo() throws {
    let dull = EventBuilder(eventType: "policy.evaluate_sign_on", at: EventTimes.base).line
    let run = try Command("scan", folder.write("dull.json", [dull].joinedLines()), "--output", output)
    #expect(run.errors == "sluice: No detections; all input was read.\n")
  }

  @Test func anIncompleteRunSaysSoLast() throws {
    let run = try Command("scan", bad, "--output", output)
    #expect(run.status == 2)
    #expect(
      run.errors.split(separator: "\n").last
        == "sluice: 1 detection in 1 incident, 0 compromised users; incomplete: 1 problem, 1 rejected record."
    )
  }

  /// A run whose result is on standard output has no summary, because its result is visible.
  @Test func aRunToStandardOutputDoesNotSayHowItEnded() throws {
    for arguments in [[], ["--output", "-"]] {
      let run = try Command(["scan", input] + arguments)
      #expect(run.status == 0)
      #expect(run.lines.count == 1)
      #expect(run.errors.isEmpty)
    }
  }

  @Test func quietRunsToFilesSayNothing() throws {
    let run = try Command("scan", input, "--quiet", "--output", output)
    #expect(run.status == 0)
    #expect(run.errors.isEmpty)
  }

  @Test func quietRunsThatAreIncompleteSayWhyInALine() throws {
    for arguments in [[], ["--output", output]] {
      let run = try Command(["scan", bad, "--quiet"] + arguments)
      #expect(run.status == 2)
      #expect(run.errors.hasPrefix("sluice: Incomplete: \(bad), byte "))
      #expect(run.errors.hasSuffix(" (and 1 more reason; leave out --quiet to see more)\n"))
      #expect(run.errors.split(separator: "\n").count == 1)
    }
  }

  @Test func mergesPartialsAndInspectionsSayHowTheyEnded() throws {
    let partial = folder.path + "/p"
    let made = try Command("partial", input, "--output", partial)
    #expect(made.errors == "sluice: Read 7 events in 1 file; all input was read.\n")
    let inspected = try Command("inspect", input, "--output", output)
    #expect(inspected.errors == made.errors)
    let merged = try Command("merge", partial, "--output", output)
    #expect(
      merged.errors == "sluice: 1 detection in 1 incident, compromised users not known; all input was read.\n"
    )
  }

  @Test func jsonMessagesHoldTheNumbers() throws {
    let run = try Command("scan", input, "--output", output, "--log-format", "json")
    let message = try json(Array(run.errors.utf8.dropLast()))
    #expect(message["level"] as? String == "info")
    #expect(message["detections"] as? Int == 1)
    #expect(message["incidents"] as? Int == 1)
    #expect(message["compromised_users"] as? Int == 0)
    #expect(message["complete"] as? Bool == true)
  }

  // MARK: Expectations

  @Test func fewerFilesThanExpectedAreIncomplete() throws {
    #expect(try Command("scan", input, "--min-files", "1").status == 0)
    let run = try Command("scan", input, "--min-files", "2", "--quiet", "--stats", folder.path + "/stats")
    #expect(run.status == 2)
    #expect(run.lines.count == 1, "detections are still written")
    #expect(run.errors == "sluice: Incomplete: min-files: 1 file read, where --min-files expects 2\n")
    let stats = try json(file(folder.path + "/stats"))
    #expect(stats["complete"] as? Bool == false)
    #expect((stats["shortfalls"] as? [[String: Any]])?.map { $0["reason"] as? String } == ["min-files"])
  }

  @Test func anArchiveThatHasNotGrownIsIncomplete() throws {
    let run = try Command("scan", input, "--newest", "26h", "--quiet")
    #expect(run.status == 2)
    #expect(run.errors.hasPrefix("sluice: Incomplete: newest: the newest event seen is from before "))
  }

  @Test func aFreshArchiveIsComplete() throws {
    let now = Int64(Date().timeIntervalSince1970 * 1000)
    let line = EventBuilder(eventType: "policy.evaluate_sign_on", at: .init(milliseconds: now - 1000)).line
    let path = folder.write("fresh.json", [line].joinedLines())
    #expect(try Command("scan", path, "--newest", "26h").status == 0)
  }

  @Test func aMergeHonoursExpectationsToo() throws {
    let partial = folder.path + "/p"
    #expect(try Command("partial", input, "--output", partial).status == 0)
    #expect(try Command("merge", partial, "--min-files", "1").status == 0)
    #expect(try Command("merge", partial, "--min-files", "2").status == 2)
    #expect(try Command("merge", partial, "--newest", "2d").status == 2)
  }

  @Test(arguments: [
    ["--min-files", "-1"], ["--min-files", "x"], ["--newest", "0h"], ["--newest", "yesterday"],
    ["--newest", "26"],
  ])
  func invalidExpectationsAreRefused(arguments: [String]) throws {
    #expect(try Command(["scan", input] + arguments).status == 64)
  }

  // MARK: Readers that go away

  /// Readers that close the pipe early, as in `rg … | head`.
  @Test(arguments: [
    "scan \"$1\"", "scan \"$1\" --format table", "inspect \"$1\"", "rules", "rules okta-credential-stuffing",
    "what-if okta-credential-stuffing 'unique_users >= 1..2' \"$1\"",
  ])
  func aReaderThatGoesAwayEndsARunQuietly(command: String) throws {
    // The reader has closed the pipe before the first write.
    let run = try Command(
      script:
        "mkfifo \"$2\"; (exec 3<\"$2\") & { sleep 0.2; \"$0\" \(command); echo $? >&2; } > \"$2\"; wait",
      [input, folder.path + "/pipe"])
    #expect(run.errors == "0\n")
  }

  @Test func aReaderThatGoesAwayDoesNotHideWhatIsMissing() throws {
    let run = try Command(
      script:
        "mkfifo \"$2\"; (exec 3<\"$2\") & { sleep 0.2; \"$0\" scan --quiet \"$1\"; echo $? >&2; } > \"$2\"; wait",
      [bad, folder.path + "/pipe"])
    #expect(run.errors.hasPrefix("sluice: Incomplete: "))
    #expect(run.errors.hasSuffix("\n2\n"))
  }
}
