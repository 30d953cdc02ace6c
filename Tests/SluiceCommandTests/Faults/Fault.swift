import Foundation
import SluiceTestSupport
import Testing

/// A fault in the executable's system calls during a run. `Tests/FaultInjection` implements it.
struct Fault: CustomStringConvertible {
  enum Action {
    case fail(CInt)
    /// The call transfers at most this many bytes.
    case short(Int)
    case killBefore
    /// The process is killed after half of the bytes are transferred.
    case killWithin
    case killAfter
  }

  enum Count: Int { case one = 1, all = 0, everyOther = -1 }

  /// The name of the call; nil for all.
  var call: String?
  /// The number of the first such call, counted from 1.
  var first = 1
  var count = Count.one
  var action: Action

  var description: String {
    let action =
      switch action {
      case .fail(let code): "fail \(code)"
      case .short(let bytes): "short \(bytes)"
      case .killBefore: "kill-before 0"
      case .killWithin: "kill-within 0"
      case .killAfter: "kill-after 0"
      }
    return "\(call ?? "any") \(first) \(count.rawValue) \(action)"
  }
}

/// A run under a fault, with its system calls on paths below a folder.
struct FaultyRun {
  struct Call {
    var name: String
    var path: String
  }

  var run: Command
  var calls: [Call] = []
  /// The calls that were made to fail.
  var faults: [Call] = []
  /// The number of calls before and including the first fault.
  var callsToFault: Int?

  /// Runs the executable.
  ///
  /// - Parameter fault: The fault, or nil to record the calls only. If the fault does not occur, the initialiser
  ///   throws. No test passes because its fault did not occur.
  init(_ arguments: [String], below folder: String, _ fault: Fault? = nil) throws {
    let library = try Command.built().deletingLastPathComponent()
      .appending(path: "libFaultInjection.so").path
    try #require(FileManager.default.fileExists(atPath: library))
    let log = TemporaryFolder()
    var environment = [
      "LD_PRELOAD": library, "SLUICE_FAULT_LOG": log.path + "/log", "SLUICE_FAULT_BELOW": folder,
    ]
    environment["SLUICE_FAULT"] = fault?.description
    run = try Command(arguments, environment: environment)
    for line in String(decoding: try file(log.path + "/log"), as: UTF8.self).split(separator: "\n") {
      var words = line.split(separator: " ", omittingEmptySubsequences: false)
      let isFault = words.first == "fault"
      if isFault { words.removeFirst() }
      let call = Call(name: String(words[0]), path: words.dropFirst().joined(separator: " "))
      if isFault {
        callsToFault = callsToFault ?? calls.count
        faults.append(call)
      } else {
        calls.append(call)
      }
    }
    try #require(!calls.isEmpty)
    #expect(!calls.contains { $0.name == "unopened" }, "a descriptor is used that is not open")
    if let fault { try #require(!faults.isEmpty, "\(fault) did not happen") }
  }

  var wasKilled: Bool { run.status == -SIGKILL }
}
