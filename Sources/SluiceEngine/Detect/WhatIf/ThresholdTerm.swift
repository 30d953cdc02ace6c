import SluiceRules

/// A comparison of a column with a number in a rule's condition. The number is replaced by other values.
///
/// The rest of the condition depends only on whether the comparison holds. It is therefore evaluated twice for a
/// window, and each value then costs one comparison. No monotonicity is assumed: a condition may hold for values that
/// are not adjacent.
package struct ThresholdTerm: Sendable {
  /// The rule with a condition that is true if it is true for any value. Its event floor is at most that of each value.
  let rule: Rule
  /// Index of the column in the rule's columns.
  let column: Int
  let comparison: Expression.Comparison
  /// Number in the rule itself.
  package let ownValue: Double
  package let range: ThresholdRange
  /// The rule's condition where the comparison holds, and where it does not.
  let whereHolds: Expression
  let whereFails: Expression

  package var columnName: String { rule.columns[column].name }
  package var operatorText: String { comparison.rawValue }
  package var ruleID: String { rule.id }

  /// Finds the comparison in the condition of a rule.
  ///
  /// - Parameter text: `COLUMN OPERATOR FROM..TO`, followed by ` step N` if needed.
  package init(_ text: String, in rule: Rule) throws(ThresholdError) {
    guard
      let match = text.wholeMatch(
        of: #/\s*([A-Za-z0-9_.]+)\s*(==|!=|>=|<=|>|<)\s*(.*)/#.dotMatchesNewlines()),
      let comparison = Expression.Comparison(rawValue: String(match.output.2))
    else {
      throw ThresholdError(
        "'\(text)' is no comparison with a range of values, such as total_attempts >= 20..40")
    }
    let range = try ThresholdRange(match.output.3)
    let thresholds = rule.condition.thresholds
    let column = rule.columns.index(named: String(match.output.1))
    let found = thresholds.filter { $0.column == column && $0.comparison == comparison }
    guard let column, found.count == 1 else {
      let what = "\(match.output.1) \(comparison.rawValue)"
      let many =
        "stands \(found.count) times in the condition of \(rule.id), so that it says not which is meant"
      throw ThresholdError(
        "'\(what)' \(found.count > 1 ? many : "does not stand in the condition of \(rule.id)"); "
          + Self.list(thresholds, rule))
    }
    self.column = column
    self.comparison = comparison
    self.range = range
    ownValue = found[0].value
    func condition(_ replacement: (Expression) -> Expression) -> Expression {
      rule.condition.mapComparisons { part in
        part.threshold.map { $0.column == column && $0.comparison == comparison } == true
          ? replacement(part) : part
      }
    }
    whereHolds = condition { _ in .number(1) }
    whereFails = condition { _ in .number(0) }
    // The loosened condition is true for some value, so its floor is the least floor of all values.
    var loosened = rule
    loosened.condition = .any(
      range.values.map { value in condition { _ in .compare(comparison, .column(column), .number(value)) } })
    self.rule = loosened
  }

  package static func text(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? "\(number)"
  }

  private static func list(_ thresholds: [Threshold], _ rule: Rule) -> String {
    if thresholds.isEmpty { return "no column is compared with a number there" }
    let terms = thresholds.map { threshold in
      "'\(rule.columns[threshold.column].name) \(threshold.comparison.rawValue) \(Self.text(threshold.value))'"
    }
    return "there are \(terms.joined(separator: ", "))"
  }
}

/// A comparison of a column with a number.
private struct Threshold {
  var column: Int
  var comparison: Expression.Comparison
  var value: Double
}

extension Expression {
  /// The comparison of a column with a number, in either order; nil for other expressions.
  fileprivate var threshold: Threshold? {
    switch self {
    case .compare(let comparison, .column(let column), let other):
      other.constant.map { Threshold(column: column, comparison: comparison, value: $0) }
    case .compare(let comparison, let other, .column(let column)):
      other.constant.map { Threshold(column: column, comparison: comparison.swapped, value: $0) }
    default: nil
    }
  }

  /// Value of an expression without columns; nil for others.
  private var constant: Double? {
    switch self {
    case .number(let value): value
    case .negate(let part): part.constant.map { -$0 }
    case .arithmetic(let operation, let a, let b):
      if let a = a.constant, let b = b.constant { operation.apply(a, b) } else { nil }
    default: nil
    }
  }

  /// Thresholds in the order of the condition.
  fileprivate var thresholds: [Threshold] {
    switch self {
    case .all(let parts), .any(let parts): parts.flatMap(\.thresholds)
    case .not(let part): part.thresholds
    case .compare: threshold.map { [$0] } ?? []
    default: []
    }
  }

  /// Returns the condition with each comparison replaced.
  fileprivate func mapComparisons(_ replacement: (Expression) -> Expression) -> Expression {
    switch self {
    case .all(let parts): .all(parts.map { $0.mapComparisons(replacement) })
    case .any(let parts): .any(parts.map { $0.mapComparisons(replacement) })
    case .not(let part): .not(part.mapComparisons(replacement))
    case .compare: replacement(self)
    default: self
    }
  }
}
