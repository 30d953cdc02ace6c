import Foundation
import SluiceTestSupport
import Testing

/// Full or closed standard streams and devices. The status is 3, there is a message, and no file is changed, unless
/// the reader went away.
@Suite struct FullOrClosedTests {
  private let folder = TemporaryFolder()
  private let input: String
  private let old: String

  init() throws {
    input = folder.write("in/a.json", firingText)
    old = folder.write("old", [1])
  }

  private func expect(_ run: Command, _ message: String) throws {
    #expect(run.status == 3, "\(run.errors)")
    #expect(run.errors.contains(message), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1)
    #expect(try file(old) == [1])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["in", "old"])
  }

  private func script(_ text: String) throws -> Command { try Command(script: text, [input, old]) }

  @Test func aFullDeviceFailsTheRunAndLeavesOldResults() throws {
    let message = "No space left on device"
    try expect(script("\"$0\" scan \"$1\" --output /dev/full --stats \"$2\""), message)
    try expect(script("\"$0\" scan \"$1\" --stats /dev/full --output \"$2\""), message)
    try expect(script("\"$0\" scan \"$1\" --stats \"$2\" > /dev/full"), message)
    try expect(script("\"$0\" scan \"$1\" --format table --stats \"$2\" > /dev/full"), message)
  }

  @Test func aClosedStandardOutputFailsARunThatNeedsIt() throws {
    try expect(script("\"$0\" scan \"$1\" --stats \"$2\" >&-"), "standard output")
    #expect(try script("\"$0\" scan \"$1\" --output /dev/null >&-").status == 0, "it is not needed")
    let generated = try script("\"$0\" generate --events 1 --output \"$2-made\" >&-")
    try expect(generated, "standard output")
  }

  @Test func aClosedStandardInputIsUnreadableAndClosedErrorsDoNoHarm() throws {
    let run = try script("\"$0\" scan - <&-")
    #expect(run.status == 2)
    #expect(run.errors.contains("unreadable"))
    #expect(try script("\"$0\" scan \"$1.missing\" 2>&-").status == 2)
    #expect(try script("\"$0\" scan \"$1.missing\" 2>/dev/full").status == 2)
  }

  /// A reader that has seen enough closes the pipe; the other results are still written.
  @Test func aReaderThatIsGoneLeavesTheOtherResultsComplete() throws {
    let process = Process()
    process.executableURL = try Command.built()
    process.arguments = ["scan", input, "--stats", old]
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try output.fileHandleForReading.close()
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 0)
    #expect(errors.fileHandleForReading.availableData.isEmpty)
    #expect(try json(Array(file(old).dropLast()))["complete"] as? Bool == true)
  }

  /// One block of 512 or 1,024 bytes is enough for the message and too small for the result.
  @Test func aFileSizeLimitFailsTheRun() throws {
    try expect(script("ulimit -f 1; \"$0\" scan \"$1\" --output \"$2\""), "File too large")
  }
}
