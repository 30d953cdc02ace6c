import ArgumentParser
import Glibc
import SluiceEngine
import SluiceRules
import SluiceSystem

/// The option `--rules`, given at most once: with two files, a rule in both would depend on their order.
struct RulesOption: ParsableArguments {
  @Option(
    name: .customLong("rules"),
    help: ArgumentHelp(
      "Change rules, add new ones and make exceptions, as this YAML file says; see 'sluice help rules'. Once only.",
      valueName: "file"))
  var files: [String] = []

  var file: String? { files.first }

  mutating func validate() throws {
    if files.count > 1 {
      throw ValidationError(
        "--rules is given \(files.count) times; put all rules and exceptions into one file.")
    }
  }

  /// Reads the rulebook; ends the command as wrong usage if the rules file is unreadable or has errors.
  func book(isQuiet: Bool) throws -> Rulebook {
    let rules: RulesFile
    do {
      rules = try RulesFile(file)
    } catch {
      fail("\(error)")
      throw ExitStatus.usage
    }
    if !isQuiet || rules.book == nil { rules.diagnostics.forEach { complain(of: $0) } }
    guard let book = rules.book else { throw ExitStatus.usage }
    return book
  }
}

extension Rulebook {
  /// Returns the rules with the given ids, on or off, or the active rules if no ids are given.
  ///
  /// It ends the command as wrong usage if an id is unknown.
  func rules(_ ids: [String]) throws -> [Rule] {
    let known = entries.map(\.rule.id)
    for id in ids where !known.contains(id) { throw noRule(id, of: self) }
    let activeRules = activeRules(ids)
    guard activeRules.count <= Rulebook.ruleCountMax else {
      fail("more than \(Rulebook.ruleCountMax) rules are named")
      throw ExitStatus.usage
    }
    return activeRules
  }
}

/// The rules of a command: the built-in rules as changed by a user's file.
///
/// It reads at most the size limit of a rules file. An unreadable file is wrong usage, like one with errors.
struct RulesFile {
  var book: Rulebook?
  var diagnostics: [RuleDiagnostic]

  /// - Parameter path: the rules file; nil for the built-in rules only.
  init(_ path: String?) throws(RulesFileError) {
    guard let path else {
      (book, diagnostics) = (.builtIn, [])
      return
    }
    (book, diagnostics) = Rulebook.reading(try Self.bytes(path), file: path)
  }

  private static func bytes(_ path: String) throws(RulesFileError) -> [UInt8] {
    guard let file = fopen(path.cPath, "r") else { throw RulesFileError(path: path, code: errno) }
    defer { fclose(file) }
    // Read one byte more than allowed, so that a longer file is detected.
    var bytes = [UInt8](repeating: 0, count: Rulebook.fileBytesMax + 1)
    let count = fread(&bytes, 1, bytes.count, file)
    if ferror(file) != 0 { throw RulesFileError(path: path, code: errno) }
    return Array(bytes[..<count])
  }
}

/// Reports that no rule has an id, and lists the known ids. - Returns: the exit status.
func noRule(_ id: String, of book: Rulebook) -> ExitCode {
  fail("there is no rule '\(id)'; the rules are \(book.entries.map(\.rule.id).joined(separator: ", "))")
  return ExitStatus.usage
}

struct RulesFileError: Error, CustomStringConvertible {
  var path: String
  var code: Int32

  var description: String { "cannot read the rules in \(path): \(String(cString: strerror(code)))" }
}
