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
}

/// The rules that a command is to use: the built-in ones, as a user's file changes them.
///
/// Nothing is read beyond what a rules file can hold; a file that cannot be read is wrong usage, like one that is faulty.
struct RulesFile {
  var book: Rulebook?
  var faults: [RuleFault]

  /// - Parameter path: nil for the built-in rules alone.
  init(_ path: String?) throws(RulesFileError) {
    guard let path else {
      (book, faults) = (.builtIn, [])
      return
    }
    (book, faults) = Rulebook.reading(try Self.bytes(path), file: path)
  }

  private static func bytes(_ path: String) throws(RulesFileError) -> [UInt8] {
    guard let file = fopen(path, "r") else { throw RulesFileError(path: path, code: errno) }
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
