import Foundation
import SluiceTestSupport
import Testing

/// The output of `scan` on a pseudo-terminal.
@Suite struct TerminalTests {
  private let folder = TemporaryFolder()

  /// Returns the lines that appear on a terminal with this many columns; 0 stands for a terminal of unknown width.
  private func shown(columns: UInt16, _ arguments: String..., environment: [String: String] = [:]) throws
    -> [String]
  {
    try written(columns: columns, arguments, environment: environment)
      .split(separator: "\r\n").map(String.init)
  }

  /// Returns the output on a terminal that is standard output or standard error; the other stream is discarded.
  private func written(
    columns: UInt16, _ arguments: [String], isErrors: Bool = false, environment: [String: String] = [:]
  ) throws -> String {
    let (controller, terminal) = try Self.openTerminal()
    defer { close(controller) }
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    let isSized = ioctl(controller, UInt(TIOCSWINSZ), &size) == 0
    try #require(isSized)
    let process = Process()
    process.executableURL = try Command.built()
    process.arguments = ["scan", folder.write("a.json", firingText)] + arguments
    var own = ProcessInfo.processInfo.environment.merging(["TERM": "xterm"]) { $1 }
    own["NO_COLOR"] = nil
    own["COLUMNS"] = nil
    process.environment = own.merging(environment) { $1 }
    let shown = FileHandle(fileDescriptor: terminal)
    process.standardOutput = isErrors ? FileHandle.nullDevice : shown
    process.standardError = isErrors ? shown : FileHandle.nullDevice
    try process.run()
    close(terminal)
    // Reading ends with an error when the last process has closed the other side.
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(controller, &buffer, buffer.count)
      if count <= 0 { break }
      bytes += buffer[..<count]
    }
    process.waitUntilExit()
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Opens a pseudo-terminal with Linux's calls, because Swift cannot use those of POSIX.
  private static func openTerminal() throws -> (controller: CInt, terminal: CInt) {
    let controller = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var (lock, number): (CInt, CUnsignedInt) = (0, 0)
    // TIOCSPTLCK and TIOCGPTN, which are macros with arguments.
    let isReady = ioctl(controller, 0x4004_5431, &lock) == 0 && ioctl(controller, 0x8004_5430, &number) == 0
    try #require(isReady)
    let terminal = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(terminal >= 0)
    return (controller, terminal)
  }

  @Test func aTableOnATerminalIsColoured() throws {
    let lines = try shown(columns: 200)
    #expect(lines[0].hasPrefix("\u{1B}[1mCOMPROMISED"))
    #expect(lines[0].hasSuffix("\u{1B}[0m"))
    #expect(lines[1].hasPrefix("\u{1B}[33m"))
    #expect(lines[1].contains("203.0.113.7"))
  }

  @Test(arguments: [["NO_COLOR": "1"], ["TERM": "dumb"]])
  func noColorAndDumbTerminalsTurnColoursOff(environment: [String: String]) throws {
    #expect(!(try shown(columns: 200, environment: environment)).joined().contains("\u{1B}"))
  }

  /// https://no-color.org: "when present and not an empty string".
  @Test func anEmptyNoColorKeepsColours() throws {
    #expect(try shown(columns: 200, environment: ["NO_COLOR": ""])[0].contains("\u{1B}"))
  }

  @Test func rowsAreCutToTheTerminalsWidth() throws {
    let plain = ["NO_COLOR": "1"]
    let whole = try shown(columns: 500, environment: plain)
    let cut = try shown(columns: 40, environment: plain)
    #expect(whole[1].count > 40)
    #expect(cut[0].count == 40)
    #expect(cut[1] == whole[1].prefix(39) + "…")
    // The variable counts only on a terminal of unknown width.
    let variable = plain.merging(["COLUMNS": "30"]) { $1 }
    #expect(try shown(columns: 0, environment: variable)[1] == whole[1].prefix(29) + "…")
    #expect(try shown(columns: 40, environment: variable)[1] == cut[1])
    #expect(try shown(columns: 0, environment: plain)[1] == whole[1])
  }

  /// However short the run, the line is drawn once and then erased completely.
  @Test func progressIsDrawnAndErased() throws {
    let erase = "\r\u{1B}[K"
    let drawn = try written(columns: 80, [], isErrors: true)
    #expect(drawn.hasPrefix("\(erase)scan, "))
    #expect(drawn.hasSuffix(erase))
    #expect(!drawn.contains("\n"))
    // A narrow terminal gets only complete parts.
    let narrow = try written(columns: 8, [], isErrors: true)
    #expect(narrow.hasPrefix("\(erase)scan\(erase)"))
  }

  @Test(arguments: [["--quiet"], ["--log-format", "json"]])
  func quietAndJSONRunsDrawNoProgress(arguments: [String]) throws {
    #expect(try written(columns: 80, arguments, isErrors: true) == "")
  }

  /// A dumb terminal gets no progress line, because it would show the escape sequences themselves.
  @Test func aDumbTerminalGetsNoProgress() throws {
    #expect(try written(columns: 80, [], isErrors: true, environment: ["TERM": "dumb"]) == "")
  }

  @Test func otherFormatsIgnoreTheTerminal() throws {
    let lines = try shown(columns: 40, "--format", "ndjson")
    try #require(lines.count == 1)
    #expect(lines[0].hasPrefix("{\"schema\":"))
    #expect(lines[0].hasSuffix("}"))
  }
}
