/// Finds out whether events of one client IP come close enough together for some rule to fire.
struct WindowFloors: Sendable {
  private struct Rule {
    var bit: UInt32
    var floor: Int
    /// Milliseconds that the events of a window may span; nil for any.
    var span: Int64?
    /// Times of the last events, of one fewer than the floor, in a ring.
    var last: [Int64] = []
    var count = 0
  }

  private var rules: [Rule]
  private let keepsDuplicates: Bool
  private var lastTime: Int64 = .min

  /// - Parameters:
  ///   - floors: by rule, see ``MergeRules``.
  ///   - windows: by rule.
  init(_ floors: [Int], windows: [Window], keepsDuplicates: Bool) {
    self.keepsDuplicates = keepsDuplicates
    rules = zip(floors, windows).enumerated().map { index, rule in
      var own = Rule(bit: 1 << UInt32(index), floor: rule.0, span: rule.1.span)
      own.last = Array(repeating: 0, count: max(0, min(own.floor, Self.floorMax) - 1))
      return own
    }
  }

  /// Beyond that a floor is taken for this, so that a ring has an end.
  private static let floorMax = 256

  /// Begins with another client IP.
  mutating func begin() {
    for index in rules.indices { rules[index].count = 0 }
    lastTime = .min
  }

  /// Takes an event of those rules. - Returns: whether nothing has fired yet, nor may be there twice. False too if it comes
  /// before the last, as then nothing is known.
  mutating func stayBelow(_ time: Int64, _ passed: UInt32) -> Bool {
    guard time > lastTime || keepsDuplicates && time == lastTime else { return false }
    lastTime = time
    for index in rules.indices where passed & rules[index].bit != 0 {
      let ring = rules[index].last.count
      guard ring > 0 else { return false }
      let at = rules[index].count % ring
      if rules[index].count >= ring {
        guard let span = rules[index].span, time - rules[index].last[at] > span else { return false }
      }
      rules[index].last[at] = time
      rules[index].count += 1
    }
    return true
  }
}

extension Window {
  /// Milliseconds from the first event of a window to the last at most; nil for any.
  fileprivate var span: Int64? {
    switch self {
    case .hopping(let length, _): length
    case .session(_, let maximum): maximum
    case .whole: nil
    }
  }
}
