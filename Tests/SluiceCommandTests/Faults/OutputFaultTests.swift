import Foundation
import SluiceTestSupport
import Testing

/// Failures of each system call by which results are written. The message says what failed, the status is 3, and no
/// result is partially written.
@Suite struct OutputFaultTests {
  private static func message(_ code: CInt) -> String { String(cString: strerror(code)) }

  @Test(arguments: [EIO, ENOSPC]) func anyFailingCallLeavesEachResultOldOrNew(code: CInt) throws {
    let scene = try ScanFixture()
    let calls = try FaultyRun(scene.arguments, below: scene.results).calls
    #expect(
      Set(calls.map(\.name)) == [
        "lstat", "stat", "access", "open", "fchmod", "write", "fsync", "close", "rename",
      ])
    for (index, call) in TestScale.some(Array(calls.enumerated()), every: 4) {
      scene.reset()
      let what: Comment = "\(call) of \(Self.message(code))"
      let run = try FaultyRun(
        scene.arguments, below: scene.results, Fault(first: index + 1, action: .fail(code))
      ).run
      let contents = try scene.contents()
      #expect(try scene.leftovers().isEmpty, what)
      // Closing the descriptor of a directory that has been synced has no effect on the result.
      let matters = !(call.name == "close" && call.path == scene.results)
      #expect(run.status == (matters ? 3 : 0), what)
      #expect(run.errors.contains(Self.message(code)) == matters, what)
      #expect(contents.output != .neither, what)
      #expect(contents.stats != .neither, what)
      if matters {
        let claims = run.errors.components(separatedBy: "already holds the new result").count - 1
        #expect(claims == [contents.output, contents.stats].count { $0 == .new }, what)
      } else {
        #expect(contents.output == .new, what)
        #expect(contents.stats == .new, what)
      }
      // Before the first rename, no result has changed.
      if index < calls.firstIndex(where: { $0.name == "rename" }) ?? .max {
        #expect(contents.output == .old, what)
        #expect(contents.stats == .old, what)
      }
    }
  }

  /// An unwritable output target is found before the archive is read.
  @Test(arguments: ["lstat", "stat", "access"])
  func anUnwritablePlaceIsFoundBeforeTheArchiveIsRead(call: String) throws {
    let scene = try ScanFixture()
    let run = try FaultyRun(
      scene.arguments, below: scene.folder.path, Fault(call: call, action: .fail(EACCES)))
    #expect(run.run.status == 3)
    #expect(!run.calls.contains { $0.path.hasPrefix(scene.archive) })
  }

  /// A file system that cannot sync directories prevents no result.
  @Test func resultsAreWrittenWhereDirectoriesCannotBeSynced() throws {
    let scene = try ScanFixture()
    let run = try FaultyRun(
      scene.arguments, below: scene.results, Fault(call: "fsync", first: 3, action: .fail(EINVAL)))
    #expect(run.faults.map(\.path) == [scene.results])
    #expect(run.run.status == 0)
    #expect(run.run.errors.hasSuffix("; all input was read.\n"))
  }

  @Test(arguments: [
    Fault(count: .everyOther, action: .fail(EINTR)),
    Fault(call: "write", count: .everyOther, action: .fail(EAGAIN)),
    Fault(call: "write", count: .all, action: .short(1)),
    Fault(call: "write", count: .all, action: .short(1000)),
  ])
  func interruptedOrShortWritesGiveWholeResults(fault: Fault) throws {
    let scene = try ScanFixture()
    let run = try FaultyRun(scene.arguments, below: scene.results, fault)
    #expect(run.run.status == 0, "\(run.run.errors)")
    #expect(run.run.errors.split(separator: "\n").count == 1, "\(run.run.errors)")
    let contents = try scene.contents()
    #expect(contents.output == .new)
    #expect(contents.stats == .new)
    #expect(try scene.leftovers().isEmpty)
  }

  /// A write that transfers nothing would otherwise be repeated for ever.
  @Test func writesOfNoByteFailTheRun() throws {
    let scene = try ScanFixture()
    let run = try FaultyRun(
      scene.arguments, below: scene.results, Fault(call: "write", count: .all, action: .short(0)))
    #expect(run.run.status == 3)
    #expect(run.run.errors.contains(Self.message(EIO)))
    let contents = try scene.contents()
    #expect(contents.output == .old)
    #expect(contents.stats == .old)
  }
}
