import ArgumentParser
import Glibc
import SluiceEngine
import SluiceSystem

/// `--rules`, which is taken once: what two files say of one rule would depend on their order.
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

  /// Ends the command as wrong usage if the file of rules cannot be read, or is faulty.
  func book(isQuiet: Bool) throws -> Rulebook {
    let rules: RulesFile
    do {
      rules = try RulesFile(file)
    } catch {
      fail("\(error)")
      throw ExitCode.validationFailure
    }
    if !isQuiet || rules.book == nil { rules.faults.forEach { complain(of: $0) } }
    guard let book = rules.book else { throw ExitCode.validationFailure }
    return book
  }
}

extension Rulebook {
  /// The rules of those ids, on or off, or those in force if there are none; ends the command as wrong usage if there is
  /// none of an id.
  func rules(_ ids: [String]) throws -> [Rule] {
    let known = entries.map(\.rule.id)
    for id in ids where !known.contains(id) { throw noRule(id, of: self) }
    let inForce = inForce(ids)
    guard inForce.count <= Rulebook.ruleCountMax else {
      fail("more than \(Rulebook.ruleCountMax) rules are named")
      throw ExitCode.validationFailure
    }
    return inForce
  }
}

/// The rules that a command is to use: the built-in ones, as a user's file changes them.
///
/// Nothing is read beyond what a rules file can hold; a file that cannot be read is wrong usage, like one that is faulty.
struct RulesFile {
  var book: Rulebook?
  var faults: [RuleDiagnostic]

  /// - Parameter path: nil for the built-in rules alone.
  init(_ path: String?) throws(RulesFileError) {
    guard let path else {
      (book, faults) = (.builtIn, [])
      return
    }
    (book, faults) = Rulebook.reading(try Self.bytes(path), file: path)
  }

  private static func bytes(_ path: String) throws(RulesFileError) -> [UInt8] {
    guard let file = fopen(path.cPath, "r") else { throw RulesFileError(path: path, code: errno) }
    defer { fclose(file) }
    // One byte more than is allowed, so that it is seen to be too long.
    var bytes = [UInt8](repeating: 0, count: Rulebook.fileBytesMax + 1)
    let count = fread(&bytes, 1, bytes.count, file)
    if ferror(file) != 0 { throw RulesFileError(path: path, code: errno) }
    return Array(bytes[..<count])
  }
}

/// Says that no rule has an id, and which have. - Returns: the status to end with.
func noRule(_ id: String, of book: Rulebook) -> ExitCode {
  fail("there is no rule '\(id)'; the rules are \(book.entries.map(\.rule.id).joined(separator: ", "))")
  return .validationFailure
}

struct RulesFileError: Error, CustomStringConvertible {
  var path: String
  var code: Int32

  var description: String { "cannot read the rules in \(path): \(String(cString: strerror(code)))" }
}
