import Foundation
import SluiceTestSupport
import Testing

/// Failures of each system call by which an archive is read. The message names the path concerned, the status is 2,
/// and everything else is read.
@Suite struct InputFaultTests {
  private let folder = TemporaryFolder()
  /// The client IP of the attack in each file.
  private let addresses = ["a.json": "192.0.2.1", "b.lz4": "192.0.2.2", "sub/c.json": "192.0.2.3"]

  private var archive: String { folder.path + "/in" }
  private var statsPath: String { folder.path + "/stats.json" }
  private var arguments: [String] { ["scan", archive, "--threads", "1", "--stats", statsPath] }

  init() {
    for (name, address) in addresses {
      let text = Self.attack(from: address)
      folder.write("in/" + name, name.hasSuffix(".lz4") ? FrameBuilder(blocks: [text]).bytes : text)
    }
  }

  private static func attack(from address: String) -> [UInt8] {
    (0..<6).map { number in
      var event = EventBuilder(eventType: "user.account.lock", at: EventTimes.base)
      event.uuid = .string("\(address) \(number)")
      event.ip = .string(address)
      return event.line
    }.joinedLines()
  }

  private struct RunStats {
    var events: Int
    var bytes: Int
    var problems: [(file: String, offset: Int, reason: String, message: String)]

    init(_ path: String) throws {
      let stats = try json(file(path))
      events = try #require(stats["events"] as? Int)
      bytes = try #require(stats["bytes_compressed"] as? Int)
      problems = try #require(stats["problems"] as? [[String: Any]]).map {
        (
          try #require($0["file"] as? String), try #require($0["offset"] as? Int),
          try #require($0["reason"] as? String), try #require($0["message"] as? String)
        )
      }
    }
  }

  @Test(arguments: [EIO, EMFILE]) func anyFailingCallIsReportedWithItsPath(code: CInt) throws {
    let arguments = arguments + ["--no-triage"]
    let calls = try FaultyRun(arguments, below: archive).calls
    #expect(
      Set(calls.map(\.name)) == ["stat", "lstat", "open", "fstat", "read", "readdir", "realpath", "close"])
    for (index, call) in TestScale.some(Array(calls.enumerated()), every: 4) {
      let what: Comment = "\(call)"
      let faulty = try FaultyRun(arguments, below: archive, Fault(first: index + 1, action: .fail(code)))
      let stats = try RunStats(statsPath)
      // A failing close loses nothing that was read.
      if call.name == "close" {
        #expect(faulty.run.status == 0, what)
        #expect(faulty.run.errors.isEmpty, what)
        continue
      }
      #expect(faulty.run.status == 2, what)
      #expect(faulty.run.errors.contains(call.path), what)
      #expect(stats.problems.map(\.file).contains(call.path), what)
      #expect(
        stats.problems.contains {
          $0.reason == "unreadable" && $0.message.contains(String(cString: strerror(code)))
        }, what)
      for (name, address) in addresses {
        let file = archive + "/" + name
        if file != call.path, !file.hasPrefix(call.path + "/") {
          #expect(faulty.run.text.contains(address), "\(call) \(address)")
        }
      }
      // No call is repeated, and each opened file is closed once.
      let isRegular = addresses.keys.contains { archive + "/" + $0 == call.path }
      let rest = faulty.calls.dropFirst(faulty.callsToFault ?? 0).filter { $0.path == call.path }.map(\.name)
      if isRegular { #expect(rest == (["read", "fstat"].contains(call.name) ? ["close"] : []), what) }
    }
  }

  /// If reading fails in triage's second pass, the file is named as well, and the detections are still written.
  @Test(arguments: [EIO, EMFILE]) func aFailingCallDuringTriageKeepsTheDetections(code: CInt) throws {
    let once = try FaultyRun(arguments + ["--no-triage"], below: archive).calls
    let calls = try FaultyRun(arguments, below: archive).calls
    #expect(Set(calls.dropFirst(once.count).map(\.name)) == ["open", "fstat", "read", "close"])
    for (index, call) in TestScale.some(Array(calls.enumerated().dropFirst(once.count)), every: 4) {
      let what: Comment = "\(call)"
      let faulty = try FaultyRun(arguments, below: archive, Fault(first: index + 1, action: .fail(code))).run
      let problems = try RunStats(statsPath).problems
      #expect(addresses.values.allSatisfy { faulty.text.contains($0) }, what)
      if call.name == "close" {
        #expect(faulty.status == 0, what)
        #expect(problems.isEmpty, what)
      } else {
        #expect(faulty.status == 2, what)
        #expect(problems.map(\.file) == [call.path], what)
        #expect(problems.map(\.reason) == ["triage"], what)
        #expect(problems.first?.message.contains(String(cString: strerror(code))) == true, what)
      }
    }
  }

  @Test func anUnreadableDirectoryIsNamedAndTheRestIsRead() throws {
    let opened = try FaultyRun(arguments, below: archive).calls.filter { $0.name == "open" }.map(\.path)
    let index = try #require(opened.firstIndex(of: archive + "/sub"))
    let fault = Fault(call: "open", first: index + 1, action: .fail(EACCES))
    let run = try FaultyRun(arguments, below: archive, fault).run
    #expect(run.status == 2)
    #expect(run.lines.count == 2)
    #expect(run.errors.contains("\(archive)/sub: unreadable: Permission denied"))
  }

  /// Each file is either read, or named because too many files were open. None is lost.
  @Test func fewerDescriptorsThanThreadsLoseNoFile() throws {
    let line = EventBuilder(eventType: "policy.evaluate_sign_on", at: EventTimes.base).line
    for number in 0..<40 { folder.write("many/\(number)", [line].joinedLines()) }
    let run = try Command(
      script: "ulimit -n 8; \"$0\" scan \"$1/many\" --threads 16 --stats \"$1/stats.json\"", [folder.path])
    let stats = try RunStats(statsPath)
    #expect(stats.events + stats.problems.count == 40)
    #expect(run.status == (stats.problems.isEmpty ? 0 : 2))
    #expect(stats.problems.allSatisfy { $0.message.contains("Too many open files") })
  }

  /// Names that were listed before the failure are still read.
  @Test func aDirectoryThatFailsMidwayIsNamedAndItsFilesAreRead() throws {
    let names = try FaultyRun(arguments, below: archive).calls.count {
      $0.name == "readdir" && $0.path == archive
    }
    // Two entries of the directory itself, three test entries, and the end.
    #expect(names == 6)
    let run = try FaultyRun(arguments, below: archive, Fault(call: "readdir", first: 6, action: .fail(EIO)))
      .run
    let stats = try RunStats(statsPath)
    #expect(run.status == 2)
    #expect(run.lines.count == 3)
    #expect(stats.problems.map(\.file) == [archive])
    #expect(stats.events == 18)
  }

  /// If reading fails in the middle of a file, everything before is used or counted in the message.
  @Test(arguments: [1, 2, 4]) func aReadThatFailsMidFileKeepsEverythingBeforeIt(number: Int) throws {
    let folder = TemporaryFolder()
    let line = Self.attack(from: "192.0.2.9").split(separator: 10).prefix(1).map(Array.init)
    let text = (0..<800).flatMap { _ in line }.joinedLines()
    let someForms = archiveForms.indices.filter { $0 % 3 == number % 3 }.map { archiveForms[$0] }
    let encoded = someForms.map { (name: $0.name, bytes: $0.encode(text)) }
    for form in TestScale.some([(name: "plain", bytes: text)] + encoded, every: 7) {
      let path = folder.write("in/a.lz4", form.bytes)
      let arguments = ["scan", path, "--threads", "1", "--stats", folder.path + "/stats.json"]
      let reads = try FaultyRun(arguments, below: path).calls.count { $0.name == "read" }
      guard number <= reads else { continue }
      let run = try FaultyRun(arguments, below: path, Fault(call: "read", first: number, action: .fail(EIO)))
      let stats = try RunStats(folder.path + "/stats.json")
      let unreadable = stats.problems.filter { $0.reason == "unreadable" }
      #expect(run.run.status == 2, "\(form.name)")
      #expect(unreadable.map(\.file) == [path], "\(form.name)")
      #expect(unreadable.first?.offset == stats.bytes, "\(form.name)")
      // No message says that the file ends where reading failed.
      #expect(!run.run.errors.contains("the file ends"), "\(form.name)")
      #expect(run.calls.count { $0.name == "read" } == number, "\(form.name)")
    }
  }

  @Test(arguments: [
    Fault(count: .everyOther, action: .fail(EINTR)),
    Fault(call: "read", count: .everyOther, action: .fail(EAGAIN)),
    Fault(call: "read", count: .all, action: .short(1)),
    Fault(call: "read", count: .all, action: .short(7)),
  ])
  func interruptedOrShortReadsDoNotChangeTheResult(fault: Fault) throws {
    let expected = try Command(arguments)
    let stats = try RunStats(statsPath)
    let run = try FaultyRun(arguments, below: archive, fault).run
    #expect(run.status == 0)
    #expect(run.errors.isEmpty)
    #expect(run.output == expected.output)
    let faulty = try RunStats(statsPath)
    #expect(faulty.events == stats.events)
    #expect(faulty.bytes == stats.bytes)
  }

  @Test func shortReadsOfEveryArchiveFormGiveTheSameResult() throws {
    let text = Self.attack(from: "192.0.2.9")
    for form in TestScale.some(archiveForms, every: 7) {
      let path = folder.write("form.lz4", form.encode(text))
      let expected = try Command("scan", path).output
      let fault = Fault(call: "read", count: .all, action: .short(3))
      let run = try FaultyRun(["scan", path, "--threads", "2"], below: path, fault).run
      #expect(run.status == 0, "\(form.name)")
      #expect(run.output == expected, "\(form.name)")
      #expect(run.lines.count == 1, "\(form.name)")
    }
  }

  /// A run with fewer threads gives the same result.
  @Test(arguments: [1, 2, 3, 4, 6]) func threadsThatCannotBeMadeDoNotChangeTheResult(first: Int) throws {
    let expected = try Command(arguments).output
    for count in [Fault.Count.one, .all] {
      let fault = Fault(call: "pthread_create", first: first, count: count, action: .fail(EAGAIN))
      let run = try FaultyRun(["scan", archive, "--threads", "4"], below: folder.path, fault).run
      #expect(run.status == 0)
      #expect(run.errors.isEmpty)
      #expect(run.output == expected)
    }
  }
}
