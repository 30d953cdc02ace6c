import SluiceEngine
import SluiceRules

/// The rules files' advice for readers of a detection.
struct RuleGuidance {
  private let entries: [String: Rulebook.Entry]
  /// The section numbers of the rules, by rule id.
  private let numbers: [String: Int]

  /// - Parameter rules: rule ids in the order of their sections on the page.
  init(_ book: Rulebook, rules: [String]) {
    entries = Dictionary(uniqueKeysWithValues: book.entries.map { ($0.rule.id, $0) })
    numbers = Dictionary(uniqueKeysWithValues: rules.enumerated().map { ($1, $0) })
  }

  func entry(_ rule: String) -> Rulebook.Entry? { entries[rule] }
  func falsePositives(_ rule: String) -> [String] { entries[rule]?.falsePositives ?? [] }
  func nextSteps(_ rule: String) -> [String] { entries[rule]?.nextSteps ?? [] }
  /// Returns the anchor of the rule's section, or of all sections if it has none.
  func anchor(_ rule: String) -> String { numbers[rule].map { "rule-\($0)" } ?? "rules" }

  /// Returns the link to the vendor's page. A source in a user's file is shown as text, not as a link.
  func link(_ rule: String) -> String? {
    guard let source = entries[rule]?.source,
      source == Rulebook.builtIn.entries.first(where: { $0.rule.id == rule })?.source
    else { return nil }
    return source
  }
}
