import ArgumentParser
import Glibc
import SluiceEngine
import SluiceReport
import SluiceSystem

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Describe the files of an archive and the events in them.",
    discussion: """
      Reads every line. For each file: how it is packed, what its checksums say, lines, shapes, times, event types, \
      duplicates within the file, and gaps between its events' times; then the same of all files, with the gaps of the \
      whole archive. How many events are repeated across files is what 'sluice scan' reports.

      Exit status: 0 all input was read; 2 finished, but some input could not be read or was rejected, or no \
      record was read; 3 failed, nothing was written; 64 wrong usage.
      """)

  @Argument(
    help: "Files, directories (read with all below them), or - for standard input.", completion: .file())
  var paths: [String]

  @Option(help: ArgumentHelp("Name stretches without an event longer than this, such as 90s, 15m, 2h or 1d."))
  var gap = DurationArgument(milliseconds: 3_600_000)

  @Option(help: "How the result is written: table or json. Default: table on a terminal, else json.")
  var format: InspectFormat?

  @Option(
    help: ArgumentHelp("Write the result here instead of to standard output.", valueName: "file"),
    completion: .file())
  var output: String?

  @OptionGroup var archive: ArchiveOptions

  @Flag(help: "Say nothing on standard error but why a result is missing or incomplete.")
  var quiet = false

  func run() throws {
    var options = InspectOptions(paths: paths)
    options.gapMilliseconds = gap.milliseconds
    options.threads = archive.threads
    options.verifies = archive.verify
    options.limits = archive.limits

    let isToFile = output != nil && output != "-"
    let isShown = !isToFile && Terminal.isTerminal(STDOUT_FILENO)
    let format = format ?? (isShown ? .table : .json)
    let inspection: Inspection
    do {
      var files = OutputFiles()
      let target = try files.open(output)
      let listing = ArchiveListing(paths: paths)
      try files.check(against: listing)
      inspection = try archive.showingProgress(isQuiet: quiet) { progress in
        options.progress = progress
        return try Inspection(options, listing: listing)
      }
      try files.write(format.render(inspection), to: target)
      try files.commit()
    } catch {
      fail("\(error)")
      throw ExitStatus.afterError(error)
    }
    // The table ends with the same lines.
    let notes = isShown && format == .table ? nil : InspectionTable(inspection).notes
    try conclude(Outcome(inspection), notes: notes, isToFile: isToFile, isQuiet: quiet)
  }
}

enum InspectFormat: String, ExpressibleByArgument, CaseIterable {
  case table, json

  func render(_ inspection: Inspection) -> [UInt8] {
    switch self {
    case .table: Array(InspectionTable(inspection).text.description.utf8)
    case .json: inspection.json + [UInt8(ascii: "\n")]
    }
  }
}
