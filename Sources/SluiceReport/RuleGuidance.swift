import SluiceEngine

/// What the rules files say to whoever reads a detection.
struct RuleGuidance {
  private let entries: [String: Rulebook.Entry]
  /// By id, the numbers of the rules' sections.
  private let numbers: [String: Int]

  /// - Parameter rules: ids, in the order in which the page has their sections.
  init(_ book: Rulebook, rules: [String]) {
    entries = Dictionary(uniqueKeysWithValues: book.entries.map { ($0.rule.id, $0) })
    numbers = Dictionary(uniqueKeysWithValues: rules.enumerated().map { ($1, $0) })
  }

  func entry(_ rule: String) -> Rulebook.Entry? { entries[rule] }
  func falsePositives(_ rule: String) -> [String] { entries[rule]?.falsePositives ?? [] }
  func nextSteps(_ rule: String) -> [String] { entries[rule]?.nextSteps ?? [] }
  /// Of the rule's section, else of all.
  func anchor(_ rule: String) -> String { numbers[rule].map { "rule-\($0)" } ?? "rules" }

  /// The vendor's own page. What a user's file names is text on the page and no link.
  func link(_ rule: String) -> String? {
    guard let source = entries[rule]?.source,
      source == Rulebook.builtIn.entries.first(where: { $0.rule.id == rule })?.source
    else { return nil }
    return source
  }
}
