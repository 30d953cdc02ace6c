/// The numbers between two bounds, both included; empty if the lower bound exceeds the upper.
///
/// Bounds are rounded in the same way as values at evaluation, and rounding keeps order, so bounds hold to the last
/// digit.
struct Interval: Equatable {
  var lower: Double
  var upper: Double

  static let all = Interval(lower: -.infinity, upper: .infinity)

  var isEmpty: Bool { lower > upper }

  static func point(_ value: Double) -> Interval { Interval(lower: value, upper: value) }

  /// Returns the numbers for which a comparison with some number of another interval holds.
  static func numbers(_ comparison: Expression.Comparison, _ other: Interval) -> Interval {
    switch comparison {
    case .equal: other
    case .unequal: .all
    case .atLeast: Interval(lower: other.lower, upper: .infinity)
    case .moreThan: Interval(lower: other.lower.nextUp, upper: .infinity)
    case .atMost: Interval(lower: -.infinity, upper: other.upper)
    case .lessThan: Interval(lower: -.infinity, upper: other.upper.nextDown)
    }
  }

  func intersection(_ other: Interval) -> Interval {
    Interval(lower: max(lower, other.lower), upper: min(upper, other.upper))
  }

  /// The integers in the interval.
  var integers: Interval { Interval(lower: lower.rounded(.up), upper: upper.rounded(.down)) }

  static func applying(_ operation: Expression.Operation, _ a: Interval, _ b: Interval) -> Interval {
    if operation == .divide, b.lower <= 0, b.upper >= 0 { return .all }
    let corners = [a.lower, a.upper].flatMap { x in
      [b.lower, b.upper].map { y in
        switch operation {
        case .add: x + y
        case .subtract: x - y
        case .multiply: x * y
        case .divide: x / y
        }
      }
    }
    // Infinity times zero, or infinity over or minus itself: the possible values lie between the other corners.
    let known = corners.filter { !$0.isNaN }
    return Interval(lower: known.min() ?? -.infinity, upper: known.max() ?? .infinity)
  }
}
