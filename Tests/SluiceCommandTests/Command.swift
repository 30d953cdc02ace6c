import Foundation
import SluiceTestSupport
import Testing

/// One run of the built `sluice` executable, as a user or a script runs it.
struct Command {
  var status: Int32
  var output: [UInt8]
  var errors: String

  var text: String { String(decoding: output, as: UTF8.self) }
  var lines: [String] { text.split(separator: "\n").map(String.init) }

  /// The executable, which is built next to the test bundle.
  static let executable: URL? = {
    let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    let folders = [folder, URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()]
    return folders.map { $0.appending(path: "sluice") }.first {
      FileManager.default.isExecutableFile(atPath: $0.path)
    }
  }()

  /// Runs a shell script with the executable's path as `$0`, followed by `arguments`.
  init(script: String, _ arguments: [String]) throws {
    try self.init(program: URL(fileURLWithPath: "/bin/sh"), ["-c", script, Self.built().path] + arguments)
  }

  init(_ arguments: String..., input: [UInt8] = []) throws {
    try self.init(arguments, input: input)
  }

  /// Runs the executable.
  ///
  /// - Parameter environment: Variables in addition to the environment of the tests.
  init(_ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:]) throws {
    try self.init(program: Self.built(), arguments, input: input, environment: environment)
  }

  static func built() throws -> URL {
    guard let executable else { throw CocoaError(.fileNoSuchFile) }
    return executable
  }

  private init(
    program: URL, _ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:]
  ) throws {
    // Output goes through files, because a full pipe that nobody reads would block the command.
    let folder = TemporaryFolder()
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: folder.write("in", input)))
    let paths = [folder.write("out", []), folder.write("err", [])]
    let handles = try paths.map { try FileHandle(forWritingTo: URL(fileURLWithPath: $0)) }
    process.standardOutput = handles[0]
    process.standardError = handles[1]
    try process.run()
    process.waitUntilExit()
    try handles.forEach { try $0.close() }
    status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    output = Array(try Data(contentsOf: URL(fileURLWithPath: paths[0])))
    errors = String(decoding: try Data(contentsOf: URL(fileURLWithPath: paths[1])), as: UTF8.self)
  }
}

/// Six locks of one address in one bucket, which fire, and an irrelevant event.
let firingText: [UInt8] = {
  let time = EventTimes.base
  var lines = (0..<6).map { number in
    var event = EventBuilder(eventType: "user.account.lock", at: time)
    event.uuid = .string("uuid-\(number)")
    event.user = .string("user\(number)@example.org")
    return event.line
  }
  lines.append(EventBuilder(eventType: "policy.evaluate_sign_on", at: time).line)
  return lines.joinedLines()
}()

func file(_ path: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(fileURLWithPath: path))) }

func json(_ bytes: [UInt8]) throws -> [String: Any] {
  try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
}
