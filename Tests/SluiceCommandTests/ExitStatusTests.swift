import Foundation
import SluiceTestSupport
import Testing

/// The exit statuses 0, 1, 2, 3 and 64 of the contract.
@Suite struct ExitStatusTests {
  private let folder = TemporaryFolder()

  @Test func aScanThatReadsAllInputExitsWith0() throws {
    let path = folder.write("a.json", firingText)
    #expect(try Command("scan", path).status == 0)
    let dull = EventBuilder(eventType: "policy.evaluate_sign_on", at: EventTimes.base).line
    #expect(try Command("scan", "--exit-code", folder.write("dull.json", [dull].joinedLines())).status == 0)
  }

  @Test func detectionsExitWith1UnderTheExitCodeOption() throws {
    let run = try Command("scan", "--exit-code", folder.write("a.json", firingText))
    #expect(run.status == 1)
    #expect(run.lines.count == 1)
  }

  @Test func unusableInputExitsWith2AndKeepsDetections() throws {
    let path = folder.write("a.json", firingText + Array("{\"eventType\":\"user.account.lock\"\n".utf8))
    let rejected = try Command("scan", "--exit-code", path)
    #expect(rejected.status == 2)
    #expect(rejected.lines.count == 1, "detections are still written")
    #expect(rejected.errors.contains(path))
    let missing = try Command("scan", folder.path + "/missing", folder.write("b.json", firingText))
    #expect(missing.status == 2)
    #expect(missing.lines.count == 1)
    #expect(missing.errors.contains("missing"))
    #expect(try Command("scan", folder.path + "/missing").status == 2)
    let quiet = try Command("scan", "--quiet", path)
    #expect(quiet.status == 2)
    #expect(quiet.errors.split(separator: "\n").count == 1)
  }

  @Test func unwritableOutputExitsWith3() throws {
    let path = folder.write("a.json", firingText)
    let run = try Command("scan", path, "--output", folder.path + "/missing/out")
    #expect(run.status == 3)
    #expect(run.output.isEmpty)
    #expect(!run.errors.isEmpty)
    #expect(try Command("scan", path, "--stats", folder.path + "/missing/out").status == 3)
    #expect(try Command("scan", path, "--output", folder.path).status == 3, "a directory")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.json"])
  }

  /// Status 3 means that nothing was written. Statistics say `complete` only if the status is neither 2 nor 3.
  @Test func aRunThatExitsWith3WritesNothing() throws {
    let path = folder.write("a.json", firingText)
    let stats = folder.path + "/stats.json"
    let run = try Command("scan", path, "--stats", stats, "--output", folder.path + "/missing/out")
    #expect(run.status == 3)
    #expect(!FileManager.default.fileExists(atPath: stats))
  }

  @Test(arguments: [
    ["scan"], ["scan", "--threads", "0", "."], ["scan", "--threads", "257", "."],
    ["scan", "--threads", "x", "."],
    ["scan", "--rule", "no-such-rule", "."], ["scan", "--format", "xml", "."],
    ["scan", "--window", "some", "."],
    ["scan", "--from", "yesterday", "."], ["scan", "--from", "2026-02-30", "."],
    ["scan", "--no-such-flag", "."],
    ["scan", "--from", "2026-01-06", "--to", "2026-01-05", "."], ["scan", "--output"], ["nonsense"],
    ["scan", "--output", "x", "--stats", "x", "."],
    ["generate"], ["generate", "--events", "-1", "--output", "x"],
    ["generate", "--events", "x", "--output", "x"],
  ])
  func wrongUsageExitsWith64(arguments: [String]) throws {
    let run = try Command(arguments)
    #expect(run.status == 64, "\(arguments)")
    #expect(run.output.isEmpty, "\(arguments)")
    #expect(!run.errors.isEmpty, "\(arguments)")
  }

  @Test func helpAndVersionExitWith0() throws {
    for arguments in [["--help"], ["scan", "--help"], ["--version"]] {
      let run = try Command(arguments)
      #expect(run.status == 0)
      #expect(!run.output.isEmpty)
      #expect(run.errors.isEmpty)
    }
  }

  /// Status 1 is for detections alone.
  @Test func generateIntoANonEmptyFolderExitsWith3() throws {
    folder.write("full/x", [1])
    let run = try Command("generate", "--events", "10", "--output", folder.path + "/full")
    #expect(run.status == 3)
    #expect(run.status != 0)
    #expect(!run.errors.isEmpty)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/full") == ["x"])
  }
}
