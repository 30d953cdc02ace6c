import Foundation
import SluiceTestSupport
import Testing

/// Tests that an unfinished archive does not look like an archive.
@Suite struct GenerateFaultTests {
  private let folder = TemporaryFolder()
  private var made: String { folder.path + "/made" }

  private func arguments(_ name: String = "made") -> [String] {
    [
      "generate", "--events", "4", "--hours", "1", "--no-attacks", "--threads", "1", "--content-size",
      "--output", "\(folder.path)/\(name)",
    ]
  }

  /// Returns the folders below a folder, and every file with its content.
  private func contents(_ path: String) throws -> [String: [UInt8]] {
    var contents: [String: [UInt8]] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
      contents[name] = (try? file(path + "/" + name)) ?? []
    }
    return contents
  }

  /// Returns everything that a run makes, and its system calls.
  private func whole() throws -> (contents: [String: [UInt8]], calls: [FaultyRun.Call]) {
    let run = try FaultyRun(arguments(), below: made)
    #expect(run.run.status == 0)
    defer { try? FileManager.default.removeItem(atPath: made) }
    let contents = try contents(made)
    #expect(contents.keys.contains("archive/2026/01/05/00.json.lz4"))
    return (contents, run.calls)
  }

  /// Returns whether the call changes something; all other calls leave everything as it is.
  private func changesSomething(_ call: FaultyRun.Call) -> Bool {
    ["mkdir", "open", "write", "fsync", "close", "rename"].contains(call.name)
  }

  /// Checks the archive, if there is one, for completeness.
  ///
  /// - Returns: Whether there is an archive.
  private func isFinished(_ whole: [String: [UInt8]], _ what: Comment) throws -> Bool {
    guard FileManager.default.fileExists(atPath: made + "/archive") else { return false }
    #expect(try contents(made) == whole, what)
    return true
  }

  @Test func aKillAtAnyCallLeavesAWholeArchiveOrNone() throws {
    let (whole, calls) = try whole()
    var finished: [Bool] = []
    for (index, call) in TestScale.some(calls.enumerated().filter { changesSomething($0.element) }, every: 4)
    {
      for action in [Fault.Action.killBefore, .killWithin] {
        if case .killWithin = action, call.name != "write" { continue }
        let run = try FaultyRun(arguments(), below: made, Fault(first: index + 1, action: action))
        #expect(run.wasKilled)
        finished.append(try isFinished(whole, "\(call)"))
        try? FileManager.default.removeItem(atPath: made)
      }
    }
    #expect(finished.first == false)
    #expect(finished.last == true)
    // Existing files are not overwritten.
    _ = try FaultyRun(arguments(), below: made, Fault(call: "rename", action: .killBefore))
    let rerun = try Command(arguments())
    #expect(rerun.status == 3)
    #expect(rerun.errors.contains("not empty"))
  }

  @Test func aFullDiskAtAnyCallFailsTheRun() throws {
    let (whole, calls) = try whole()
    let renamed = try #require(calls.lastIndex { $0.name == "rename" })
    for (index, call) in TestScale.some(calls.enumerated().filter { changesSomething($0.element) }, every: 4)
    {
      let faulty = try FaultyRun(arguments(), below: made, Fault(first: index + 1, action: .fail(ENOSPC)))
      let isUnimportant = call.name == "close" && (call.path == made || call.path == made + "/")
      #expect(faulty.run.status == (isUnimportant ? 0 : 3), "\(call)")
      #expect(faulty.run.errors.contains("No space left on device") != isUnimportant, "\(call)")
      #expect(try isFinished(whole, "\(call)") == (isUnimportant || index > renamed), "\(call)")
      try? FileManager.default.removeItem(atPath: made)
    }
  }

  @Test(arguments: [
    Fault(count: .everyOther, action: .fail(EINTR)), Fault(call: "write", count: .all, action: .short(7)),
  ])
  func interruptedOrShortCallsDoNotChangeTheOutput(fault: Fault) throws {
    let (whole, _) = try whole()
    let run = try FaultyRun(arguments(), below: made, fault).run
    #expect(run.status == 0, "\(run.errors)")
    #expect(try contents(made) == whole)
  }

  @Test func filesAreReadableByTheOwnerOnly() throws {
    let run = try Command(script: "umask 0; exec \"$0\" \"$@\"", arguments())
    #expect(run.status == 0)
    for name in ["expected.ndjson", "archive/2026/01/05/00.json.lz4"] {
      #expect(try permissions(made + "/" + name) == 0o600)
    }
  }
}

func permissions(_ path: String) throws -> Int? {
  try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
}
