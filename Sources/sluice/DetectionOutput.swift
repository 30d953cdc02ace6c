import ArgumentParser
import Glibc
import SluiceEngine
import SluiceReport
import SluiceRules
import SluiceSystem

/// Options shared by the commands that write detections: the evaluated rules and the outputs.
struct DetectionOutput: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How detections are written: \(OutputFormat.names). Default: table on a terminal, else ndjson."))
  var format: OutputFormat?

  @Option(
    help: ArgumentHelp(
      "Write detections here instead of to standard output, which - stands for.", valueName: "file"),
    completion: .file())
  var output: String?

  @Option(
    help: ArgumentHelp("Write the run's statistics here, as JSON.", valueName: "file"),
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
    completion: DetectionInput.ruleIDs)
  var ruleIDs: [String] = []

  @Flag(
    inversion: .prefixedNo,
    help: "Whether to say where in the archive each detection's events lie, for 'sluice show'.")
  var evidence = true

  @Flag(help: "Exit with status 1 if there are detections that no exception covers.")
  var exitCode = false

  mutating func validate() throws {
    if let limit, limit < 0 { throw ValidationError("--limit must not be negative.") }
    if limit != nil, resolvedFormat != .table {
      throw ValidationError("--limit is for --format table.")
    }
    if csvRaw, resolvedFormat != .csv { throw ValidationError("--csv-raw is for --format csv.") }
  }

  private var isToFile: Bool { output != nil && output != "-" }

  /// Whether detections are shown on a terminal.
  private var isShown: Bool { !isToFile && Terminal.isTerminal(STDOUT_FILENO) }

  private var resolvedFormat: OutputFormat { format ?? (isShown ? .table : .ndjson) }

  private func renderOptions(_ book: Rulebook) -> RenderOptions {
    var options = RenderOptions()
    options.rulebook = book
    options.isRawCSV = csvRaw
    options.rowCountMax = limit
    if isShown {
      options.width = Terminal.width(STDOUT_FILENO)
      options.hasColours = Terminal.hasColours(STDOUT_FILENO)
    }
    return options
  }

  /// Writes the result of `evaluate` and ends the command according to its outcome.
  ///
  /// - Parameters:
  ///   - list: lists the input files, which must not be written to. It is called once the outputs are known to be
  ///     writable.
  ///   - evaluate: does the work.
  func write(
    _ book: Rulebook, isQuiet: Bool, inputs list: () -> ArchiveListing,
    _ evaluate: (ArchiveListing) throws -> ScanResult
  ) throws {
    let format = resolvedFormat
    let result: ScanResult
    do {
      var files = OutputFiles()
      let detectionsTarget = try files.open(output)
      let statsTarget = try stats.map { path throws(OutputError) in try files.open(path) }
      let riskTarget = try risk.map { path throws(OutputError) in try files.open(path) }
      let inputs = list()
      try files.check(against: inputs)
      result = try evaluate(inputs)
      if let statsTarget { try files.write(result.stats.json + [UInt8(ascii: "\n")], to: statsTarget) }
      if let riskTarget { try files.write(Risk(result).json + [UInt8(ascii: "\n")], to: riskTarget) }
      try files.write(format.render(result, renderOptions(book)), to: detectionsTarget)
      try files.commit()
    } catch {
      fail("\(error)")
      throw ExitStatus.afterError(error)
    }
    // The table ends with the same lines.
    let isTable = isShown && format == .table
    let notes = isTable ? nil : Summary(result.stats).notes + ExceptionSummary(result.stats).notes
    try conclude(Outcome(result), notes: notes, isToFile: isToFile, isQuiet: isQuiet)
    if exitCode, !result.shown.isEmpty { throw ExitStatus.detections }
  }
}

extension OutputFormat: ExpressibleByArgument {}
