import CKernels
import SluiceRules

/// The set of literals for which lines are searched, so that only lines are parsed that a rule may match.
package enum LiteralSet {
  /// Number of literals that fit into the kernels' tables whichever pairs are chosen. One more is for `\u00`.
  static let countMax = Int(SLUICE_PAIRS_MAX) - 1

  /// Returns the literals to search for; nil if every line must be parsed, because some rule has none or there are
  /// too many.
  static func all(of rules: [Rule]) -> [[UInt8]]? {
    precondition(Predicate.literalBytesMax <= SLUICE_LITERAL_BYTES_MAX)
    var literals: [[UInt8]] = []
    for rule in rules {
      guard let own = rule.literals else { return nil }
      for literal in own where !literals.contains(literal) { literals.append(literal) }
    }
    // A literal that contains another is found with it.
    literals = literals.filter { literal in
      !literals.contains { other in other != literal && withBytes(literal) { $0.contains(other) } }
    }
    return literals.count > countMax ? nil : literals
  }

  /// Returns whether the rules together force every line to be parsed, although no single rule does.
  package static func areTooMany(_ rules: [Rule]) -> Bool {
    rules.allSatisfy { $0.literals != nil } && all(of: rules) == nil
  }
}
