import ArgumentParser
import Glibc
import SluiceEngine
import SluiceRecords

/// What commands that scan have in common: which events are read, how, and by which rules and exceptions.
struct ScanInput: ParsableArguments {
  @OptionGroup var rules: RulesOption

  @Option(help: "Windows as the rules are scheduled, or each query's text once over the whole range.")
  var window: WindowMode = .scheduled

  @Option(
    help: ArgumentHelp(
      "Only events from this time on, such as 2026-01-05T10:00:00Z or 2026-01-05.", valueName: "time"))
  var from: TimeArgument?

  @Option(help: ArgumentHelp("Only events before this time.", valueName: "time"))
  var to: TimeArgument?

  @OptionGroup var archive: ArchiveOptions

  @Flag(help: "Count events again that carry a uuid already seen.")
  var keepDuplicates = false

  @Flag(help: "Require every line, not only those that a rule may match, to be whole, valid JSON.")
  var strict = false

  @Option(help: ArgumentHelp("Key of all hash tables, to count the same work twice.", visibility: .hidden))
  var hashSeed: UInt64?

  @Flag(help: "Say nothing on standard error but errors.")
  var quiet = false

  mutating func validate() throws {
    if let from, let to, to.time <= from.time { throw ValidationError("--to must be later than --from.") }
  }

  /// Those built in: a file's own are not known while a line is typed.
  static let ruleIDs = CompletionKind.list(Rulebook.builtIn.entries.map(\.rule.id))

  /// All but the rules themselves.
  func options(_ paths: [String], _ book: Rulebook) -> ScanOptions {
    var options = ScanOptions(paths: paths)
    options.exceptions = book.exceptions
    options.usesTextWindows = window == .all
    options.from = from?.time
    options.to = to?.time
    options.threads = archive.threads
    options.verifies = archive.verify
    options.keepsDuplicates = keepDuplicates
    options.isStrict = strict
    options.limits = archive.limits
    options.tuning.hashSeed = hashSeed
    return options
  }

  /// Ends the command as wrong usage if the file of rules cannot be read, or is faulty.
  func rulebook() throws -> Rulebook {
    let file: RulesFile
    do {
      file = try RulesFile(rules.file)
    } catch {
      fail("\(error)")
      throw ExitCode.validationFailure
    }
    if !quiet || file.book == nil { file.faults.forEach { complain(of: $0) } }
    guard let book = file.book else { throw ExitCode.validationFailure }
    return book
  }

  /// The rules of those ids, on or off; ends the command as wrong usage if there is none of an id.
  func rules(_ ids: [String], of book: Rulebook) throws -> [Rule] {
    let known = book.entries.map(\.rule.id)
    for id in ids where !known.contains(id) { throw noRule(id, of: book) }
    let inForce = book.inForce(ids)
    guard inForce.count <= Rulebook.ruleCountMax else {
      fail("more than \(Rulebook.ruleCountMax) rules are named")
      throw ExitCode.validationFailure
    }
    return inForce
  }
}

enum WindowMode: String, ExpressibleByArgument, CaseIterable { case scheduled, all }

struct TimeArgument: ExpressibleByArgument {
  var time: EventTime

  init?(argument: String) {
    guard let time = EventTime(userText: argument) else { return nil }
    self.time = time
  }
}
