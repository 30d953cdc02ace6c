/// Of the events that one worker looked at, how many passed each step of each rule's filter.
struct Funnel: ~Copyable {
  private let filters: RuleFilters
  /// By rule, and then by how many steps an event passed, from none to all: events.
  private let events: UnsafeFixedArray<Int>
  /// Numbers of a rule in `events`.
  private let stride: Int
  /// By rule, how many steps the event in hand passed.
  private let stepsPassed: UnsafeFixedArray<Int>

  init(_ filters: RuleFilters) {
    self.filters = filters
    stride = 1 + ((0..<filters.ruleCount).map { filters.stepCount(of: $0) }.max() ?? 0)
    events = UnsafeFixedArray(repeating: 0, count: filters.ruleCount * stride)
    stepsPassed = UnsafeFixedArray(repeating: 0, count: filters.ruleCount)
  }

  /// Tries the filters on an event, which is not counted yet.
  ///
  /// - Parameter value: a field's value, un-escaped; nil for null.
  /// - Returns: bit n is set if it passes that of rule n.
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

  /// Bits of the rules of which the event that was tried last passed the first step.
  var begun: UInt32 {
    var rules: UInt32 = 0
    for rule in 0..<stepsPassed.count where stepsPassed[rule] > 0 { rules |= 1 << UInt32(rule) }
    return rules
  }

  /// Counts the event that was tried last, except for rules that reject it.
  func count(except rejecting: UInt32) {
    for rule in 0..<stepsPassed.count where rejecting & 1 << UInt32(rule) == 0 {
      events[rule * stride + stepsPassed[rule]] += 1
    }
  }

  /// Counts the event that was tried last.
  func count() {
    for rule in 0..<stepsPassed.count { events[rule * stride + stepsPassed[rule]] += 1 }
  }

  /// By rule, then by step: how many events passed it and all before it.
  var eventsPassed: [[Int]] {
    (0..<filters.ruleCount).map { rule in
      let all = filters.stepCount(of: rule)
      return (0..<all).map { step in (step + 1...all).reduce(0) { $0 + events[rule * stride + $1] } }
    }
  }
}
