/// Numbers of candidate lines, by the set of rules whose candidates they are.
///
/// A line is a rule's candidate if one of its records passes the first step of the rule's filter, or is
/// rejected and holds a text that the rule looks for. A record that cannot be read is a candidate of all
/// rules. A rule that looks for no text has every line as a candidate. So the number for some rules depends
/// on these rules and the archive alone, whatever else was parsed because of `--strict` or other rules.
struct CandidateCounts: Sendable {
  private(set) var byRules: [UInt32: Int] = [:]
  /// Lines of the same rules since the last flush; most lines are of the same rules as the line before.
  private var last: (rules: UInt32, count: Int) = (0, 0)

  /// Candidates of any rule.
  var count: Int { byRules.values.reduce(last.count, +) }

  /// Counts a line. - Parameter rules: bits of the rules whose candidate it is, maybe none.
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

  /// - Parameter renumbered: from bits of rules there to bits of rules here.
  mutating func merge(_ other: CandidateCounts, renumbered: (UInt32) -> UInt32 = { $0 }) {
    var other = other
    other.flush()
    for (rules, count) in other.byRules { add(rules: renumbered(rules), count: count) }
    flush()
  }
}
