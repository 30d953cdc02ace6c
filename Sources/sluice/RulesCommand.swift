import ArgumentParser
import Glibc
import SluiceEngine
import SluiceSystem

struct RulesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules",
    abstract: "Lists the rules in force with their thresholds, or checks a file of rules.",
    discussion: """
      --check names every fault in FILE as FILE:LINE:COLUMN: message, and exits with 64 if there is one; warnings alone do not \
      count.
      """)

  @Option(help: ArgumentHelp("Change rules and add new ones, as this YAML file says.", valueName: "file"))
  var rules: String?

  @Flag(help: "Say what is wrong with the file, and nothing else.")
  var check = false

  mutating func validate() throws {
    if check, rules == nil { throw ValidationError("--check wants a file: --rules FILE.") }
  }

  func run() throws {
    let file: RulesFile
    do {
      file = try RulesFile(rules)
    } catch {
      complain("\(error)")
      throw ExitCode.validationFailure
    }
    guard check else {
      guard let book = file.book else {
        file.faults.forEach { printError($0.text) }
        throw ExitCode.validationFailure
      }
      try show(RuleTable(book).lines)
      return
    }
    try show(file.faults.map(\.text))
    guard let book = file.book, let rules else { throw ExitCode.validationFailure }
    try show(["\(rules): \(book.entries.count(where: { $0.file == rules })) rules, no errors"])
  }

  private func show(_ lines: [SafeText]) throws {
    let text = SafeText.joined(lines.map { "\($0)\n" })
    do throws(SystemError) {
      try writeAll(STDOUT_FILENO, Array(text.description.utf8)[...])
    } catch {
      complain("\(error)")
      throw ExitCode(3)
    }
  }
}

/// Writes a line to standard error as it is.
func printError(_ line: SafeText) {
  try? writeAll(STDERR_FILENO, Array("\(line.description)\n".utf8)[...])
}
