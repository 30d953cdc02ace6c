/// The filters of all rules, step by step, for trying them on many events.
///
/// What is tried lies flat: an event passes through here for each rule, and an array of arrays of objects would count references for
/// every step of every one.
final class RuleFilters: @unchecked Sendable {  // Written once, when it is made.
  /// By rule, then by step; owns what `steps` refers to.
  private let programs: [[PredicateProgram]]
  private let steps: UnsafeFixedArray<PredicateProgram.UnsafeView>
  /// By rule, where its steps begin; one more says where the last ones end.
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

  /// How many steps of a rule's filter an event passes, one after the other.
  ///
  /// - Parameter value: a field's value, un-escaped; nil for null.
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

  /// Bit n is set if an event passes the whole filter of rule n.
  func rulesPassed(_ value: (Field) -> UnsafeBytes?) -> UInt32 {
    (0..<ruleCount).reduce(0) { passes($1, value) ? $0 | 1 << UInt32($1) : $0 }
  }
}
