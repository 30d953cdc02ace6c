import Foundation
import SluiceTestSupport
import Testing

/// Killed scans. Whenever a scan is killed, each of its results is either the complete old one or the complete new
/// one.
@Suite struct KillTests {
  /// Kills the run before and after every system call, and in the middle of every write.
  @Test(arguments: [true, false]) func aKillAtAnyCallLeavesOldOrNewResults(hasOld: Bool) throws {
    let scene = try ScanFixture(hasOld: hasOld)
    let calls = try FaultyRun(scene.arguments, below: scene.folder.path).calls
    for name in ["open", "write", "fsync", "rename"] {
      #expect(calls.count { $0.name == name } >= 2, "\(name), of both results")
    }
    var seen: Set<ScanFixture.Content> = []
    for (index, call) in TestScale.some(Array(calls.enumerated()), every: 4) {
      for action in [Fault.Action.killBefore, .killWithin, .killAfter] {
        if case .killWithin = action, call.name != "write" { continue }
        scene.reset()
        let fault = Fault(first: index + 1, action: action)
        let run = try FaultyRun(scene.arguments, below: scene.folder.path, fault)
        #expect(run.wasKilled, "\(fault)")
        let contents = try scene.contents()
        #expect(contents.output != .neither, "\(fault) \(call)")
        #expect(contents.stats != .neither, "\(fault) \(call)")
        seen.formUnion([contents.output, contents.stats])
        #expect(try scene.leftovers().allSatisfy(Self.isTemporary), "\(fault) \(call)")
      }
      if call.path.hasPrefix(scene.results) { try scene.expectRerunSucceeds("after a kill at \(call)") }
      try scene.removeLeftovers()
    }
    #expect(seen == [.old, .new])
  }

  /// Kills as many runs as `SLUICE_KILLS` says; `Scripts/check/kill-scans` sets it to 200.
  @Test func aKillAtARandomMomentLeavesOldOrNewResults() throws {
    let kills =
      ProcessInfo.processInfo.environment["SLUICE_KILLS"].flatMap { Int($0) }
      ?? TestScale.count(20, atLeast: 5)
    let scene = try ScanFixture(copies: 500)
    let executable = try Command.built()
    let clock = ContinuousClock()
    // Longer than a run lasts, so that some runs end before they are killed.
    let longest = try clock.measure { try scene.expectRerunSucceeds("undisturbed") } * 1.2
    var killedCount = 0
    for _ in 0..<kills {
      scene.reset()
      let process = Process()
      process.executableURL = executable
      process.arguments = scene.arguments
      try process.run()
      let moment = longest * Double.random(in: 0...1)
      usleep(UInt32(moment / .microseconds(1)))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      if process.terminationReason == .uncaughtSignal { killedCount += 1 }
      let contents = try scene.contents()
      #expect(contents.output != .neither, "killed after \(moment)")
      #expect(contents.stats != .neither, "killed after \(moment)")
      #expect(try scene.leftovers().allSatisfy(Self.isTemporary), "killed after \(moment)")
    }
    #expect(killedCount > 0, "all \(kills) runs ended before they were killed")
    try scene.expectRerunSucceeds("after \(killedCount) kills")
  }

  private static func isTemporary(_ name: String) -> Bool {
    name.hasPrefix("sluice-") && name.hasSuffix(".part")
  }
}
