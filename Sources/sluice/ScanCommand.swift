import ArgumentParser
import Glibc
import SluiceEngine
import SluiceSystem

struct ScanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan",
    abstract: "Scans an archive and writes its detections.",
    discussion: """
      --output and --stats replace their files as a whole, by renaming: whenever a run fails or is killed, each holds what \
      it held before, or all of the new. A symbolic link is replaced, not followed; /dev/stdout, /dev/fd/N, character \
      devices and pipes are written to. A run that is killed while it writes may leave a file sluice-….part beside them, \
      which is safe to delete.

      A detection that an exception of --rules covers is written with "suppressed": its exception's id, owner, reason and \
      expiry. It is not in the table and not counted by --exit-code; the table's end, or standard error, says how many each \
      exception hid, and which have expired or were not used.

      Exit status: 0 all input was read; 1 with --exit-code, if there are detections that no exception covers; 2 finished, \
      but some input could not be read or was rejected; 3 failed, nothing was written (if only one of two files could be \
      replaced, the message says so); 64 wrong usage.
      """)

  @Argument(help: "Files, directories (read with all below them), or - for standard input.")
  var paths: [String]

  @Option(
    help: ArgumentHelp(
      "How detections are written: \(OutputFormat.names). Default: table on a terminal, else ndjson."))
  var format: OutputFormat?

  @Option(help: ArgumentHelp("Write detections here instead of to standard output.", valueName: "file"))
  var output: String?

  @Option(help: ArgumentHelp("Write the run's figures here, as JSON.", valueName: "file"))
  var stats: String?

  @Option(
    name: .customLong("rule"),
    help: ArgumentHelp("Only this rule, also one that is off; may be repeated.", valueName: "id"))
  var ruleIDs: [String] = []

  @Flag(
    inversion: .prefixedNo,
    help:
      "Find out, by reading near files again, what else each detection's client IP did: who is compromised.")
  var triage = true

  @Flag(help: "Exit with status 1 if there are detections that no exception covers.")
  var exitCode = false

  @OptionGroup(title: "Input")
  var input: ScanInput

  func run() throws {
    let book = try input.rulebook()
    var options = input.options(paths, book)
    options.rules = try input.rules(ruleIDs, of: book)
    options.triages = triage

    let isShown = output == nil && isatty(STDOUT_FILENO) == 1
    let format = format ?? (isShown ? .table : .ndjson)
    let result: ScanResult
    do {
      var files = OutputFiles()
      let detectionsPlace = try files.open(output)
      let figuresPlace = try stats.map { path throws(OutputError) in try files.open(path) }
      let listing = ArchiveListing(paths: paths)
      try files.check(notAmong: Set(listing.files.compactMap(\.identity)))
      result = try scan(options, listing: listing)
      if let figuresPlace { try files.write(result.figures.json + [UInt8(ascii: "\n")], to: figuresPlace) }
      try files.write(format.render(result), to: detectionsPlace)
      try files.commit()
    } catch {
      complain("\(error)")
      throw (error as? OutputError)?.isWrongUsage == true ? ExitCode.validationFailure : ExitCode(3)
    }
    // The table ends with the same lines.
    if !input.quiet, !(isShown && format == .table) {
      Summary(result.figures).notes.forEach(complain)
      ExceptionSummary(result.figures).lines.forEach(complain)
    }
    if !result.figures.isComplete { throw ExitCode(2) }
    if exitCode, !result.shown.isEmpty { throw ExitCode(1) }
  }
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case ndjson, table

  static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

  func render(_ result: ScanResult) -> [UInt8] {
    switch self {
    case .ndjson: result.detections.flatMap { $0.ndjson + [UInt8(ascii: "\n")] }
    case .table: Array(Table(result).text.description.utf8)
    }
  }
}

/// Writes a line for the person at the terminal.
func complain(_ message: SafeText) {
  try? writeAll(STDERR_FILENO, Array("sluice: \(message.description)\n".utf8)[...])
}
