@testable import SluiceEngine
@testable import SluiceReport
@testable import SluiceRules

/// Reads the bytes as a rules file. The outcome must be a rulebook or diagnostics, the same each time. Diagnostics
/// must point into the file. A scan must be possible with accepted rules.
func fuzzRules(_ bytes: [UInt8]) throws(Finding) {
  let (book, faults) = Rulebook.reading(bytes, file: "f")
  try require(book != nil || faults.contains { !$0.isWarning }, "there is neither a book nor a fault")
  try require(book == nil || faults.allSatisfy(\.isWarning), "there is a book in spite of a fault")
  let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).count
  for fault in faults {
    try require(fault.file == "f", "a fault of another file: \(fault)")
    // YAML counts form feeds and similar characters as line ends. There are at most as many of them as bytes.
    try require(
      fault.line >= 1 && fault.line <= max(lines, bytes.count) + 1 && fault.column >= 1,
      "no such place: \(fault)")
    try require(!fault.message.isEmpty, "a fault without words")
  }
  try requireSame(Rulebook.reading(bytes, file: "f").faults, faults, "the faults, found again")
  guard let book else { return }
  _ = RuleTable(book).lines
  let event = Array(
    #"{"eventType":"user.account.lock","published":"2026-01-05T10:00:00Z","outcome":{"reason":"LOCKED_OUT"},"actor":{"alternateId":"a"},"securityContext":{"asNumber":7}}"#
      .utf8)
  let text = Array(repeating: event + [UInt8(ascii: "\n")], count: 3).flatMap { $0 }
  inputFile.write(text)
  var options = ScanOptions(paths: [inputFile.path])
  options.rules = book.entries.prefix(Rulebook.ruleCountMax).map(\.rule)
  options.exceptions = book.exceptions
  options.threads = 1
  do {
    let result = try Scan(options).run()
    // A page takes longer than all else together.
    for format in OutputFormat.allCases where format != .html { _ = format.render(result) }
    _ = Risk(result).json
    _ = Table(result).text
    // Exceptions change only how a detection is described.
    options.exceptions = []
    try requireSame(
      try Scan(options).run().detections.map(\.id), result.detections.map(\.id), "without exceptions")
  } catch let finding as Finding {
    throw finding
  } catch {
    throw Finding(description: "\(error)")
  }
}
