import ArgumentParser
import Glibc
import SluiceEngine
import SluiceRecords
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

      Exit status: 0 all input was read; 1 with --exit-code, if there are detections; 2 finished, but some input could \
      not be read or was rejected; 3 failed, nothing was written (if only one \
      of two files could be replaced, the message says so); 64 wrong usage.
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
    help: ArgumentHelp(
      "Change rules and add new ones, as this YAML file says; see 'sluice rules --check'.", valueName: "file")
  )
  var rules: String?

  @Option(
    name: .customLong("rule"),
    help: ArgumentHelp("Only this rule, also one that is off; may be repeated.", valueName: "id"))
  var ruleIDs: [String] = []

  @Option(help: "Windows as the rules are scheduled, or the queries' texts over the whole range.")
  var window: WindowMode = .scheduled

  @Option(
    help: ArgumentHelp(
      "Only events from this time on, such as 2026-01-05T10:00:00Z or 2026-01-05.", valueName: "time"))
  var from: TimeArgument?

  @Option(help: ArgumentHelp("Only events before this time.", valueName: "time"))
  var to: TimeArgument?

  @Option(help: "Threads, from 1 to 256. Default: as many as this process may use processors.")
  var threads: Int = availableProcessors()

  @Flag(inversion: .prefixedNo, help: "Verify the checksums that the archive holds.")
  var verify = true

  @Flag(help: "Count events again that carry a uuid already seen.")
  var keepDuplicates = false

  @Flag(help: "Require every line, not only those that a rule may match, to be whole, valid JSON.")
  var strict = false

  @Option(help: ArgumentHelp("Refuse LZ4 frames with larger blocks than this.", valueName: "size"))
  var maxBlock = ByteCount(Limits().blockBytesMax)

  @Option(help: ArgumentHelp("Reject longer lines than this.", valueName: "size"))
  var maxLine = ByteCount(Limits().lineBytesMax)

  @Option(help: ArgumentHelp("Reject events whose JSON nests deeper than this.", valueName: "levels"))
  var maxNesting = Limits().nestingMax

  @Option(
    help: ArgumentHelp(
      "Fail, with status 3, if the archive decompresses to more than this.", valueName: "size"))
  var maxTotal = ByteCount(Limits().totalBytesMax)

  @Option(help: ArgumentHelp("Key of all hash tables, to count the same work twice.", visibility: .hidden))
  var hashSeed: UInt64?

  @Flag(help: "Say nothing on standard error but errors.")
  var quiet = false

  @Flag(help: "Exit with status 1 if there are detections.")
  var exitCode = false

  mutating func validate() throws {
    guard (1...256).contains(threads) else {
      throw ValidationError("--threads takes a number from 1 to 256.")
    }
    guard (1...1_000_000).contains(maxNesting) else {
      throw ValidationError("--max-nesting takes a number from 1 to 1,000,000.")
    }
    guard (1...1 << 30).contains(maxLine.bytes) else {
      throw ValidationError("--max-line takes a size from 1 to 1G.")
    }
    if let from, let to, to.time <= from.time { throw ValidationError("--to must be later than --from.") }
  }

  func run() throws {
    var options = ScanOptions(paths: paths)
    options.rules = try rulesInForce()
    options.usesTextWindows = window == .all
    options.from = from?.time
    options.to = to?.time
    options.threads = threads
    options.verifies = verify
    options.keepsDuplicates = keepDuplicates
    options.isStrict = strict
    options.limits.blockBytesMax = maxBlock.bytes
    options.limits.lineBytesMax = maxLine.bytes
    options.limits.nestingMax = maxNesting
    options.limits.totalBytesMax = maxTotal.bytes
    options.tuning.hashSeed = hashSeed

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
    if !quiet, !(isShown && format == .table) { Summary(result.figures).notes.forEach(complain) }
    if !result.figures.isComplete { throw ExitCode(2) }
    if exitCode, !result.detections.isEmpty { throw ExitCode(1) }
  }
}

extension ScanCommand {
  /// Ends the command as wrong usage if the file of rules is faulty, or lacks a rule that was named.
  private func rulesInForce() throws -> [Rule] {
    let file: RulesFile
    do {
      file = try RulesFile(rules)
    } catch {
      complain("\(error)")
      throw ExitCode.validationFailure
    }
    if !quiet || file.book == nil { file.faults.forEach { printError($0.text) } }
    guard let book = file.book else { throw ExitCode.validationFailure }
    let known = book.entries.map(\.rule.id)
    for id in ruleIDs where !known.contains(id) {
      complain("there is no rule '\(id)'; the rules are \(known.joined(separator: ", "))")
      throw ExitCode.validationFailure
    }
    let inForce = book.inForce(ruleIDs)
    guard inForce.count <= Rulebook.ruleCountMax else {
      complain("more than \(Rulebook.ruleCountMax) rules are named")
      throw ExitCode.validationFailure
    }
    return inForce
  }
}

enum WindowMode: String, ExpressibleByArgument, CaseIterable { case scheduled, all }

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

struct TimeArgument: ExpressibleByArgument {
  var time: EventTime

  init?(argument: String) {
    guard let time = EventTime(userText: argument) else { return nil }
    self.time = time
  }
}

/// Writes a line for the person at the terminal.
func complain(_ message: SafeText) {
  try? writeAll(STDERR_FILENO, Array("sluice: \(message.description)\n".utf8)[...])
}
