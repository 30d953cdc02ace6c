import SluiceRules

/// Tests whether enough events of one client IP are close enough in time for some rule to fire.
struct WindowFloors: Sendable {
  private struct Rule {
    var bit: UInt32
    var floor: Int
    /// Maximum milliseconds that the events of a window span; nil for any.
    var span: Int64?
    /// Ring of the times of the last events. It has one element fewer than the floor.
    var last: [Int64] = []
    var count = 0
  }

  private var rules: [Rule]
  private let keepsDuplicates: Bool
  private var lastTime: Int64 = .min

  /// - Parameters:
  ///   - floors: floors by rule; see ``MergeRules``.
  ///   - windows: windows by rule.
  init(_ floors: [Int], windows: [Window], keepsDuplicates: Bool) {
    self.keepsDuplicates = keepsDuplicates
    rules = zip(floors, windows).enumerated().map { index, rule in
      var own = Rule(bit: 1 << UInt32(index), floor: rule.0, span: rule.1.span)
      own.last = Array(repeating: 0, count: max(0, min(own.floor, Self.floorMax) - 1))
      return own
    }
  }

  /// Maximum floor. Larger floors count as this one, which bounds the ring.
  private static let floorMax = 256

  /// Begins another client IP.
  mutating func begin() {
    for index in rules.indices { rules[index].count = 0 }
    lastTime = .min
  }

  /// Takes an event that passed some rules' filters.
  ///
  /// - Returns: whether no rule can have fired yet and no event can be a duplicate. Also false if the event is earlier
  ///   than the last one, because then nothing is known.
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
  /// Maximum milliseconds from the first to the last event of a window; nil for any.
  fileprivate var span: Int64? {
    switch self {
    case .hopping(let length, _): length
    case .session(_, let maximum): maximum
    case .whole: nil
    }
  }
}
