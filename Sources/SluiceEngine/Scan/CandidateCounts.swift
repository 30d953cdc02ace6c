/// Numbers of candidate lines, by the set of rules whose candidates they are.
///
/// A line is a rule's candidate if one of its records passes the first step of the rule's filter. It is also one if a
/// record is rejected and contains a literal of the rule. An unreadable record is a candidate of all rules. For a
/// rule without literals every line is a candidate. The number for some rules therefore depends only on these rules
/// and the archive, not on lines parsed because of `--strict` or other rules.
struct CandidateCounts: Sendable {
  private(set) var byRules: [UInt32: Int] = [:]
  /// Lines with the same rules since the last flush. Most lines have the same rules as the line before.
  private var last: (rules: UInt32, count: Int) = (0, 0)

  /// Number of candidates of any rule.
  var count: Int { byRules.values.reduce(last.count, +) }

  /// Counts a line. - Parameter rules: bits of the rules whose candidate it is; 0 if it is none.
  mutating func add(rules: UInt32, count: Int = 1) {
    guard rules != 0 else { return }
    if rules != last.rules {
      flush()
      last = (rules, 0)
    }
    last.count += count
  }

  private mutating func flush() {
    if last.count > 0 { byRules[last.rules, default: 0] += last.count }
    last = (0, 0)
  }

  /// - Parameter renumbered: maps the bits of the other counts' rules to the bits of these rules.
  mutating func merge(_ other: CandidateCounts, renumbered: (UInt32) -> UInt32 = { $0 }) {
    var other = other
    other.flush()
    for (rules, count) in other.byRules { add(rules: renumbered(rules), count: count) }
    flush()
  }
}
