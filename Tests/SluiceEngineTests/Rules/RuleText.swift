import SluiceEngine
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// A rules file with one rule, of which single lines can be replaced.
struct RuleText {
  var lines: [(key: String, text: String)] = [
    ("id", "test-rule"), ("title", "A rule"), ("severity", "medium"),
    ("filter", "['eventType == \"user.account.lock\"']"), ("key", "[client_ip]"), ("window", "{length: 5m}"),
    ("groups", "{by: [actor.alternateId], columns: {attempts: count()}}"),
    ("columns", "{n: count()}"), ("condition", "n >= 1"),
  ]

  /// Makes a rule with changed lines.
  ///
  /// - Parameter changes: New values by key; nil removes the key.
  init(_ changes: [(String, String?)] = []) {
    for (key, text) in changes {
      if let index = lines.firstIndex(where: { $0.key == key }) {
        if let text { lines[index].text = text } else { lines.remove(at: index) }
      } else if let text {
        lines.append((key, text))
      }
    }
  }

  /// The file's text. The rule begins on line 2, and each value is on one line.
  var text: String {
    "rules:\n" + lines.enumerated().map { ($0 == 0 ? "  - " : "    ") + "\($1.key): \($1.text)\n" }.joined()
  }

  /// Returns the line and column of a value, counted from 1.
  func place(of key: String) -> (line: Int, column: Int) {
    let index = lines.firstIndex { $0.key == key } ?? 0
    return (index + 2, 4 + key.count + 2 + 1)
  }

  var faults: [RuleDiagnostic] { Rulebook.reading(Array(text.utf8), file: "f.yaml").faults }

  func rule(_ id: String = "test-rule") throws -> Rule {
    let (book, faults) = Rulebook.reading(Array(text.utf8), file: "f.yaml")
    return try #require(book?.activeRules([id]).first, "\(faults)")
  }
}
