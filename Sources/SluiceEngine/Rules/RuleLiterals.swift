import CKernels

/// Texts for which lines are searched on behalf of rules.
enum RuleLiterals {
  static let bytesMax = Int(SLUICE_LITERAL_BYTES_MAX)
  /// So many literals find a place in the kernels' tables whatever pairs are chosen; one more is for `\u00`.
  static let countMax = Int(SLUICE_PAIRS_MAX) - 1

  /// The literals to look for; nil if every line must be walked, as some rule has none or there are too many.
  static func all(of rules: [Rule]) -> [[UInt8]]? {
    var literals: [[UInt8]] = []
    for rule in rules {
      guard let own = rule.literals else { return nil }
      for literal in own where !literals.contains(literal) { literals.append(literal) }
    }
    // One that holds another is found with it.
    literals = literals.filter { literal in
      !literals.contains { other in other != literal && withBytes(literal) { $0.contains(other) } }
    }
    return literals.count > countMax ? nil : literals
  }
}
