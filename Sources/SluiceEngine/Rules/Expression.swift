/// Arithmetic and conditions over columns, which are named by their places.
///
/// Conditions are 1 or 0. What has no value (a division by zero, an overflow, a column that is null) is not a number, and every
/// comparison with it is false, also `!=`. Integers are exact up to 2^53, far beyond any count.
indirect enum Expression: Sendable {
  case number(Double)
  case column(Int)
  case negate(Expression)
  case arithmetic(Operation, Expression, Expression)
  case compare(Comparison, Expression, Expression)
  /// Whole units of so many milliseconds from one time to another, cut off.
  case wholeUnits(Double, from: Expression, to: Expression)
  case all([Expression])
  case any([Expression])
  case not(Expression)

  enum Operation: String, CaseIterable, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
  }

  enum Comparison: String, CaseIterable, Sendable {
    case equal = "=="
    case unequal = "!="
    case atLeast = ">="
    case atMost = "<="
    case moreThan = ">"
    case lessThan = "<"

    @inline(__always)
    func holds(_ a: Double, _ b: Double) -> Bool {
      switch self {
      case .equal: a == b
      case .unequal: a < b || a > b
      case .atLeast: a >= b
      case .atMost: a <= b
      case .moreThan: a > b
      case .lessThan: a < b
      }
    }

    /// What holds of (b, a) where this holds of (a, b).
    var swapped: Comparison {
      switch self {
      case .equal, .unequal: self
      case .atLeast: .atMost
      case .atMost: .atLeast
      case .moreThan: .lessThan
      case .lessThan: .moreThan
      }
    }

    /// What holds of numbers where this does not.
    var opposite: Comparison {
      switch self {
      case .equal: .unequal
      case .unequal: .equal
      case .atLeast: .lessThan
      case .lessThan: .atLeast
      case .atMost: .moreThan
      case .moreThan: .atMost
      }
    }
  }

  /// The columns in it.
  var columns: [Int] {
    switch self {
    case .number: []
    case .column(let index): [index]
    case .negate(let part), .not(let part): part.columns
    case .arithmetic(_, let a, let b), .compare(_, let a, let b), .wholeUnits(_, let a, let b):
      a.columns + b.columns
    case .all(let parts), .any(let parts): parts.flatMap(\.columns)
    }
  }

  /// The value for given columns.
  func evaluate(_ column: (Int) -> Double) -> Double {
    switch self {
    case .number(let value): return value
    case .column(let index): return column(index)
    case .negate(let a): return -a.evaluate(column)
    case .arithmetic(let operation, let a, let b):
      return operation.apply(a.evaluate(column), b.evaluate(column))
    case .compare(let comparison, let a, let b):
      return comparison.holds(a.evaluate(column), b.evaluate(column)) ? 1 : 0
    case .wholeUnits(let unit, let from, let to):
      return ((to.evaluate(column) - from.evaluate(column)) / unit).rounded(.towardZero)
    case .all(let conditions): return conditions.allSatisfy { $0.evaluate(column) != 0 } ? 1 : 0
    case .any(let conditions): return conditions.contains { $0.evaluate(column) != 0 } ? 1 : 0
    case .not(let condition): return condition.evaluate(column) == 0 ? 1 : 0
    }
  }

  /// The least number of events that a window must hold for the condition to be true, given which columns never exceed
  /// that number.
  func eventFloor(isBoundedByEvents: (Int) -> Bool) -> Int {
    switch self {
    case .all(let conditions):
      return conditions.map { $0.eventFloor(isBoundedByEvents: isBoundedByEvents) }.max() ?? 1
    case .any(let conditions):
      return conditions.map { $0.eventFloor(isBoundedByEvents: isBoundedByEvents) }.min() ?? 1
    case .compare(let comparison, .column(let index), .number(let value)) where isBoundedByEvents(index):
      return Self.floor(comparison, value)
    case .compare(let comparison, .number(let value), .column(let index)) where isBoundedByEvents(index):
      return Self.floor(comparison.swapped, value)
    default: return 1
    }
  }

  private static func floor(_ comparison: Comparison, _ value: Double) -> Int {
    // A bound beyond all counts is no less out of reach for being cut.
    let value = Swift.min(Swift.max(value, 0), 1e15)
    return switch comparison {
    case .atLeast, .equal: Swift.max(1, Int(value.rounded(.up)))
    case .moreThan: Int(value.rounded(.down)) + 1
    default: 1
    }
  }
}

extension Expression.Operation {
  func apply(_ a: Double, _ b: Double) -> Double {
    let result =
      switch self {
      case .add: a + b
      case .subtract: a - b
      case .multiply: a * b
      case .divide: a / b
      }
    return result.isFinite ? result : .nan
  }
}
