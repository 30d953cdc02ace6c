import ArgumentParser
import Glibc
import SluiceEngine
import SluiceReport
import SluiceSystem

struct ScanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan",
    abstract: "Scans an archive and writes its detections.",
    discussion: """
      --output, --stats and --risk replace their files as a whole, by renaming: whenever a run fails or is killed, each holds \
      what it held before, or all of the new. A symbolic link is replaced, not followed; /dev/stdout, /dev/fd/N, character \
      devices and pipes are written to. A run that is killed while it writes may leave a file sluice-*.part beside them, \
      which is safe to delete.

      A detection that an exception of --rules covers is written with "suppressed": its exception's id, owner, reason and \
      expiry. It is not in the table and not counted by --exit-code; the table's end, or standard error, says how many each \
      exception hid, and which have expired or were not used.

      The table shows episodes, the worst first: windows of one rule and key that overlap or touch are one row, with the figures \
      of its largest window. csv, ocsf (Detection Finding, class 2004) and ecs (Elastic Common Schema) write one record a window, \
      as ndjson does; navigator writes one layer of the ATT&CK Navigator, in which a technique's score is its number of detections.

      --risk adds a rule's risk score, for each detection that no exception covers, to its client IP and to each user that it \
      names.

      Exit status: 0 all input was read; 1 with --exit-code, if there are detections that no exception covers; 2 finished, \
      but some input could not be read or was rejected; 3 failed, nothing was written (if only some of the files could be \
      replaced, the message says so); 64 wrong usage.
      """)

  @Argument(
    help: "Files, directories (read with all below them), or - for standard input.", completion: .file())
  var paths: [String]

  @Option(
    help: ArgumentHelp(
      "How detections are written: \(ScanFormat.names). Default: table on a terminal, else ndjson."))
  var format: ScanFormat?

  @Option(
    help: ArgumentHelp("Write detections here instead of to standard output.", valueName: "file"),
    completion: .file())
  var output: String?

  @Option(
    help: ArgumentHelp("Write the run's figures here, as JSON.", valueName: "file"),
    completion: .file())
  var stats: String?

  @Option(
    help: ArgumentHelp("Write the risk of each user and client IP here, as JSON.", valueName: "file"),
    completion: .file())
  var risk: String?

  @Flag(help: "Leave CSV cells that a spreadsheet would take for formulas as they are.")
  var csvRaw = false

  @Option(help: ArgumentHelp("Show at most so many rows of the table, the worst.", valueName: "n"))
  var limit: Int?

  @Option(
    name: .customLong("rule"),
    help: ArgumentHelp("Only this rule, also one that is off; may be repeated.", valueName: "id"),
    completion: ScanInput.ruleIDs)
  var ruleIDs: [String] = []

  @Flag(
    inversion: .prefixedNo,
    help:
      "Whether to find out, by reading near files again, what else each detection's client IP did: who is compromised."
  )
  var triage = true

  @Flag(
    inversion: .prefixedNo,
    help: "Whether to say where in the archive each detection's events lie, for 'sluice show'.")
  var evidence = true

  @Flag(help: "Exit with status 1 if there are detections that no exception covers.")
  var exitCode = false

  @OptionGroup(title: "Input")
  var input: ScanInput

  mutating func validate() throws {
    if let limit, limit < 0 { throw ValidationError("--limit must not be negative.") }
    if limit != nil, resolvedFormat != .plain(.table) {
      throw ValidationError("--limit is for --format table.")
    }
    if csvRaw, resolvedFormat != .plain(.csv) { throw ValidationError("--csv-raw is for --format csv.") }
  }

  /// Whether detections go to a terminal.
  private var isShown: Bool { output == nil && Terminal.isTerminal(STDOUT_FILENO) }

  private var resolvedFormat: ScanFormat { format ?? .plain(isShown ? .table : .ndjson) }

  private var renderOptions: RenderOptions {
    var options = RenderOptions()
    options.isRawCSV = csvRaw
    options.rowCountMax = limit
    if isShown {
      options.width = Terminal.width(STDOUT_FILENO)
      options.hasColours = Terminal.hasColours(STDOUT_FILENO)
    }
    return options
  }

  func run() throws {
    let book = try input.rulebook()
    var options = input.options(paths, book)
    options.rules = try input.rules(ruleIDs, of: book)
    options.triages = triage
    options.hasEvidence = evidence

    let format = resolvedFormat
    let result: ScanResult
    do {
      var files = OutputFiles()
      let detectionsPlace = try files.open(output)
      let figuresPlace = try stats.map { path throws(OutputError) in try files.open(path) }
      let riskPlace = try risk.map { path throws(OutputError) in try files.open(path) }
      let listing = ArchiveListing(paths: paths)
      try files.check(notAmong: Set(listing.files.compactMap(\.identity)))
      result = try input.archive.showingProgress(isQuiet: input.quiet) { progress in
        options.progress = progress
        return try scan(options, listing: listing)
      }
      if let figuresPlace { try files.write(result.figures.json + [UInt8(ascii: "\n")], to: figuresPlace) }
      if let riskPlace { try files.write(Risk(result).json + [UInt8(ascii: "\n")], to: riskPlace) }
      try files.write(format.render(result, book, renderOptions), to: detectionsPlace)
      try files.commit()
    } catch {
      fail("\(error)")
      throw (error as? OutputError)?.isWrongUsage == true ? ExitCode.validationFailure : ExitCode(3)
    }
    // The table ends with the same lines.
    if !input.quiet, !(isShown && format == .plain(.table)) {
      Summary(result.figures).notes.forEach { complain(of: $0) }
      ExceptionSummary(result.figures).lines.forEach { complain($0) }
    }
    if !result.figures.isComplete { throw ExitCode(2) }
    if exitCode, !result.shown.isEmpty { throw ExitCode(1) }
  }
}

/// How a scan's result is written: as the engine writes it, or as a page, for which it has no library.
enum ScanFormat: Equatable, ExpressibleByArgument {
  case plain(OutputFormat), html

  static let names = "\(OutputFormat.names), html"
  static let allValueStrings = OutputFormat.allCases.map(\.rawValue) + ["html"]

  init?(argument: String) {
    if argument == "html" {
      self = .html
    } else if let format = OutputFormat(rawValue: argument) {
      self = .plain(format)
    } else {
      return nil
    }
  }

  func render(_ result: ScanResult, _ book: Rulebook, _ options: RenderOptions) -> [UInt8] {
    switch self {
    case .plain(let format): format.render(result, options)
    case .html: Report(result, book).html
    }
  }
}
