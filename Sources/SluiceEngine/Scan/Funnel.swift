import SluiceRules

/// The funnel of one worker: how many events passed each step of each rule's filter.
struct Funnel: ~Copyable {
  private let filters: RuleFilters
  /// Counts of events, indexed by rule, then by the number of steps that they passed: from 0 to all.
  private let events: UnsafeFixedArray<Int>
  /// Number of entries per rule in `events`.
  private let stride: Int
  /// Number of steps that the current event passed, by rule.
  private let stepsPassed: UnsafeFixedArray<Int>

  init(_ filters: RuleFilters) {
    self.filters = filters
    stride = 1 + ((0..<filters.ruleCount).map { filters.stepCount(of: $0) }.max() ?? 0)
    events = UnsafeFixedArray(repeating: 0, count: filters.ruleCount * stride)
    stepsPassed = UnsafeFixedArray(repeating: 0, count: filters.ruleCount)
  }

  /// Tries the filters on an event, without counting it.
  ///
  /// - Parameter value: returns a field's unescaped value; nil for null.
  /// - Returns: a number whose bit n is set if the event passes the filter of rule n.
  @inline(__always)
  func tryAll(_ value: (Field) -> UnsafeBytes?) -> UInt32 {
    var rules: UInt32 = 0
    for rule in 0..<stepsPassed.count {
      let steps = filters.stepsPassed(of: rule, value)
      stepsPassed[rule] = steps
      if steps == filters.stepCount(of: rule) { rules |= 1 << UInt32(rule) }
    }
    return rules
  }

  /// Bits of the rules whose first step the last tried event passed.
  var begun: UInt32 {
    var rules: UInt32 = 0
    for rule in 0..<stepsPassed.count where stepsPassed[rule] > 0 { rules |= 1 << UInt32(rule) }
    return rules
  }

  /// Counts the last tried event, except for rules that reject it.
  func count(except rejecting: UInt32) {
    for rule in 0..<stepsPassed.count where rejecting & 1 << UInt32(rule) == 0 {
      events[rule * stride + stepsPassed[rule]] += 1
    }
  }

  /// Counts the last tried event.
  func count() {
    for rule in 0..<stepsPassed.count { events[rule * stride + stepsPassed[rule]] += 1 }
  }

  /// Numbers of events that passed a step and all steps before it, by rule and step.
  var eventsPassed: [[Int]] {
    (0..<filters.ruleCount).map { rule in
      let all = filters.stepCount(of: rule)
      return (0..<all).map { step in (step + 1...all).reduce(0) { $0 + events[rule * stride + $1] } }
    }
  }
}
