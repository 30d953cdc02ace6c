import SluiceRules

/// The filters of all rules, step by step, for testing many events.
///
/// The steps are flattened. Every rule tests every event, and an array of arrays of objects would count references for
/// every step of every rule.
final class RuleFilters: @unchecked Sendable {  // Written once, in `init`.
  /// The programs by rule and step; they own the memory that `steps` refers to.
  private let programs: [[PredicateProgram]]
  private let steps: UnsafeFixedArray<PredicateProgram.UnsafeView>
  /// The first step of each rule, and the end of the last rule's steps.
  private let starts: UnsafeFixedArray<Int>

  init(_ rules: [Rule]) {
    programs = rules.map { $0.filter.map { PredicateProgram($0.predicate) } }
    let views = programs.flatMap { $0.map(\.unsafeView) }
    steps = UnsafeFixedArray(count: views.count) { views[$0] }
    let counts = programs.map(\.count)
    starts = UnsafeFixedArray(count: counts.count + 1) { counts[..<$0].reduce(0, +) }
  }

  var ruleCount: Int { programs.count }

  func stepCount(of rule: Int) -> Int { starts[rule + 1] - starts[rule] }

  /// Returns how many steps of a rule's filter an event passes before the first that fails.
  ///
  /// - Parameter value: a field's unescaped value; nil for null.
  @inline(__always)
  func stepsPassed(of rule: Int, _ value: (Field) -> UnsafeBytes?) -> Int {
    let start = starts[rule]
    let end = starts[rule + 1]
    var step = start
    while step < end, steps[step].holds(value) { step += 1 }
    return step - start
  }

  func passes(_ rule: Int, _ value: (Field) -> UnsafeBytes?) -> Bool {
    stepsPassed(of: rule, value) == stepCount(of: rule)
  }

  /// Returns the rules whose whole filter an event passes; bit n stands for rule n.
  func rulesPassed(_ value: (Field) -> UnsafeBytes?) -> UInt32 {
    (0..<ruleCount).reduce(0) { passes($1, value) ? $0 | 1 << UInt32($1) : $0 }
  }
}
