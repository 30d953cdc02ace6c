import ArgumentParser
import Glibc
import SluiceEngine
import SluiceSystem

/// Options shared by the commands that read archives.
struct ArchiveOptions: ParsableArguments {
  @Option(help: "Threads, from 1 to 256. Default: as many as this process may use processors.")
  var threads: Int = availableProcessors()

  @Flag(inversion: .prefixedNo, help: "Whether to verify the checksums that the archive holds.")
  var verify = true

  @Option(help: ArgumentHelp("Refuse LZ4 frames with larger blocks than this.", valueName: "size"))
  var maxBlock = ByteCount(Limits().blockBytesMax)

  @Option(help: ArgumentHelp("Reject longer records than this.", valueName: "size"))
  var maxLine = ByteCount(Limits().lineBytesMax)

  @Option(help: ArgumentHelp("Reject events whose JSON nests deeper than this.", valueName: "levels"))
  var maxNesting = Limits().nestingMax

  @Option(
    help: ArgumentHelp(
      "Fail, with status 3, if the archive decompresses to more than this.", valueName: "size"))
  var maxTotal = ByteCount(Limits().totalBytesMax)

  @Option(
    help: ArgumentHelp(
      "How messages are written to standard error: text, or json, an object a line.", valueName: "format"))
  var logFormat: LogFormat = .text

  mutating func validate() throws {
    logFormat.choose()
    guard (1...256).contains(threads) else {
      throw ValidationError("--threads takes a number from 1 to 256.")
    }
    guard (1...1_000_000).contains(maxNesting) else {
      throw ValidationError("--max-nesting takes a number from 1 to 1,000,000.")
    }
    guard (1...1 << 30).contains(maxLine.bytes) else {
      throw ValidationError("--max-line takes a size from 1 to 1G.")
    }
  }

  /// Draws progress while `body` runs, if it would be visible.
  func showingProgress<Result>(isQuiet: Bool, of body: (ScanProgress?) throws -> Result) rethrows -> Result {
    let isShown = !isQuiet && logFormat == .text && Terminal.knowsEscapes(STDERR_FILENO)
    let line = isShown ? ProgressLine() : nil
    defer { line?.end() }
    return try body(line?.progress)
  }

  var limits: Limits {
    var limits = Limits()
    limits.blockBytesMax = maxBlock.bytes
    limits.lineBytesMax = maxLine.bytes
    limits.nestingMax = maxNesting
    limits.totalBytesMax = maxTotal.bytes
    return limits
  }
}
