import ArgumentParser
import Glibc
import SluiceEngine
import SluiceRecords
import SluiceReport
import SluiceSystem

struct RulesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules",
    abstract: "List the active rules and exceptions, or check a rules file.",
    discussion: """
      With a rule's id, the command prints that rule as a file for --rules:

        sluice rules okta-credential-stuffing > my-rules.yaml

      --check prints every error in FILE as FILE:LINE:COLUMN: message, and exits with 64 if there is one. Warnings do not change \
      the exit status.

      FILE may contain a list 'exceptions:'. Each exception has an 'owner', a 'reason' and at least one criterion. It applies to \
      detections that meet all its criteria; a null value meets none:

        rule     a rule's id, or a list of them
        cidr     the client IP is, or is in, one of these: 192.0.2.1, 192.0.2.0/24, 2001:db8::/32 (also named ip)
        asn      all AS numbers of the detection's events are among these
        user     all users (actor.alternateId) of the detection's events match one of these; * matches any bytes, ? one byte
        from, to the first and the last event are in this time; 'to' is exclusive

      An exception with 'expires', a time or a date (its midnight, UTC), does not apply to detections whose last event is at \
      that time or later. 'id' names the exception; by default it is exception-N by its position. If several exceptions apply, \
      the first one counts.
      """)

  @Argument(help: ArgumentHelp("A rule to show in full.", valueName: "rule"))
  var id: String?

  @OptionGroup var rules: RulesOption

  @Flag(help: "Say what is wrong with the file, and nothing else.")
  var check = false

  mutating func validate() throws {
    if check, rules.file == nil { throw ValidationError("--check wants a file: --rules FILE.") }
    if check, id != nil { throw ValidationError("--check is about a whole file; leave out the rule's id.") }
  }

  func run() throws {
    let file: RulesFile
    do {
      file = try RulesFile(rules.file)
    } catch {
      fail("\(error)")
      throw ExitStatus.usage
    }
    guard check else {
      guard let book = file.book else {
        file.diagnostics.forEach { complain(of: $0) }
        throw ExitStatus.usage
      }
      if let id {
        guard let lines = book.text(ofRule: id) else { throw noRule(id, of: book) }
        try show(lines)
      } else {
        try show(RuleTable(book).lines)
      }
      return
    }
    try show(file.diagnostics.map(\.text))
    guard let book = file.book, let path = rules.file else { throw ExitStatus.usage }
    let ruleCount = book.entries.count { $0.file == path }
    let exceptions =
      book.exceptions.isEmpty ? "" : ", \(NumberFormat.count(book.exceptions.count, "exception"))"
    try show(["\(path): \(NumberFormat.count(ruleCount, "rule"))\(exceptions), no errors"])
  }

  private func show(_ lines: [SafeText]) throws {
    let text = SafeText.joined(lines.map { "\($0)\n" })
    do throws(SystemError) {
      try writeToReader(STDOUT_FILENO, Array(text.description.utf8)[...])
    } catch {
      fail("\(error)")
      throw ExitStatus.failed
    }
  }
}

/// Writes a line to standard error without a label or a format.
func printError(_ line: SafeText) {
  try? writeAll(STDERR_FILENO, Array("\(line.description)\n".utf8)[...])
}
