import ArgumentParser
import Glibc
import SluiceEngine
import SluiceRecords
import SluiceRules

/// Options shared by the commands that evaluate rules: the rules, the exceptions and the event times.
struct DetectionInput: ParsableArguments {
  @OptionGroup var rules: RulesOption

  @Option(help: "Windows as the rules are scheduled, or each query's text once over the whole range.")
  var window: WindowMode = .scheduled

  @Option(
    help: ArgumentHelp(
      "Only events from this time on, such as 2026-01-05T10:00:00Z or 2026-01-05.", valueName: "time"))
  var from: TimeArgument?

  @Option(help: ArgumentHelp("Only events before this time.", valueName: "time"))
  var to: TimeArgument?

  @Flag(help: "Count events again that carry a uuid already seen.")
  var keepDuplicates = false

  @Option(help: ArgumentHelp("Key of all hash tables, to count the same work twice.", visibility: .hidden))
  var hashSeed: UInt64?

  @Flag(help: "Say nothing on standard error but why a result is missing or incomplete.")
  var quiet = false

  mutating func validate() throws {
    if let from, let to, to.time <= from.time { throw ValidationError("--to must be later than --from.") }
  }

  /// The built-in rules: the rules of a file are unknown while the command line is typed.
  static let ruleIDs = CompletionKind.list(Rulebook.builtIn.entries.map(\.rule.id))

  func set(_ options: inout ScanOptions, _ book: Rulebook) {
    options.exceptions = book.exceptions
    options.usesTextWindows = window == .all
    options.from = from?.time
    options.to = to?.time
    options.keepsDuplicates = keepDuplicates
    options.tuning.hashSeed = hashSeed
  }

  func rulebook() throws -> Rulebook { try rules.book(isQuiet: quiet) }

  func rules(_ ids: [String], of book: Rulebook) throws -> [Rule] { try book.rules(ids) }
}

/// Options shared by the commands that scan: which events are read and how, and the rules and exceptions.
struct ScanInput: ParsableArguments {
  @OptionGroup var detection: DetectionInput

  @OptionGroup var archive: ArchiveOptions

  @OptionGroup var memory: MemoryOption

  @Flag(help: "Require every line, not only those that a rule may match, to be whole, valid JSON.")
  var strict = false

  @Option(
    help: ArgumentHelp(
      "Keep a partial of each file here, and read only files of which there is none, or that have changed.",
      valueName: "folder"),
    completion: .directory)
  var partials: String?

  @Flag(help: "With --partials: know files by their content too, for which all of them are read.")
  var paranoid = false

  mutating func validate() throws {
    if paranoid, partials == nil { throw ValidationError("--paranoid is for --partials.") }
  }

  /// The scan options, except for the rules themselves.
  func options(_ paths: [String], _ book: Rulebook) -> ScanOptions {
    var options = ScanOptions(paths: paths)
    detection.set(&options, book)
    options.threads = archive.threads
    options.verifies = archive.verify
    options.isStrict = strict
    options.limits = archive.limits
    options.memoryBytes = memory.bytes
    options.partials = partials.map { folder in
      var folder = PartialFolder(folder)
      folder.isParanoid = paranoid
      return folder
    }
    return options
  }
}

/// The option for the memory that a command may use.
struct MemoryOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Memory to keep to: what does not fit is written to a file in TMPDIR, or /var/tmp, and read again. \
      Default: half of what this process may have.
      """,
      valueName: "size"))
  var memory: ByteCount?

  static let leastBytes = 64 << 20

  mutating func validate() throws {
    if let memory, memory.bytes < Self.leastBytes { throw ValidationError("--memory takes 64M at least.") }
  }

  var bytes: Int { memory?.bytes ?? defaultMemoryBytes() }
}

enum WindowMode: String, ExpressibleByArgument, CaseIterable { case scheduled, all }

struct TimeArgument: ExpressibleByArgument {
  var time: EventTime

  init?(argument: String) {
    guard let time = EventTime(userText: argument) else { return nil }
    self.time = time
  }
}
