/// Arithmetic and conditions over columns, which are referred to by their indices.
///
/// A condition is 1 or 0. A division by zero, an overflow and a null column yield NaN.
/// Every comparison with NaN is false, also `!=`. Integers are exact up to 2^53, far beyond any count.
package indirect enum Expression: Sendable {
  case number(Double)
  case column(Int)
  case negate(Expression)
  case arithmetic(Operation, Expression, Expression)
  case compare(Comparison, Expression, Expression)
  /// The whole units between two times, truncated; a unit is given in milliseconds.
  case wholeUnits(Double, from: Expression, to: Expression)
  case all([Expression])
  case any([Expression])
  case not(Expression)

  package enum Operation: String, CaseIterable, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
  }

  package enum Comparison: String, CaseIterable, Sendable {
    case equal = "=="
    case unequal = "!="
    case atLeast = ">="
    case atMost = "<="
    case moreThan = ">"
    case lessThan = "<"

    @inline(__always)
    package func holds(_ a: Double, _ b: Double) -> Bool {
      switch self {
      case .equal: a == b
      case .unequal: a < b || a > b
      case .atLeast: a >= b
      case .atMost: a <= b
      case .moreThan: a > b
      case .lessThan: a < b
      }
    }

    /// The comparison that is true for (b, a) exactly where this one is true for (a, b).
    package var swapped: Comparison {
      switch self {
      case .equal, .unequal: self
      case .atLeast: .atMost
      case .atMost: .atLeast
      case .moreThan: .lessThan
      case .lessThan: .moreThan
      }
    }

    /// The comparison that is true for two numbers exactly where this one is false.
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

  /// The columns that the expression reads.
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

  /// Returns the value for given columns.
  package func evaluate(_ column: (Int) -> Double) -> Double {
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

  /// Returns the least number of events that a window must hold for the condition to be true.
  ///
  /// - Parameter isBoundedByEvents: whether a column never exceeds the number of events.
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
    // Clamping is safe: a bound beyond all counts is as unreachable when it is smaller.
    let value = Swift.min(Swift.max(value, 0), 1e15)
    return switch comparison {
    case .atLeast, .equal: Swift.max(1, Int(value.rounded(.up)))
    case .moreThan: Int(value.rounded(.down)) + 1
    default: 1
    }
  }
}

extension Expression.Operation {
  package func apply(_ a: Double, _ b: Double) -> Double {
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
