import SluiceRecords

/// Arithmetic and conditions over a window's columns.
public indirect enum Expression: Sendable {
  case number(Double)
  case column(String)
  case multiply(Expression, Expression)
  case divide(Expression, Expression)
  case atLeast(Expression, Expression)
  case atMost(Expression, Expression)
  case moreThan(Expression, Expression)
  case all([Expression])

  /// The value for given columns; conditions are 1 or 0. Integers are exact up to 2^53, far beyond any count.
  func evaluate(_ column: (String) -> Double) -> Double {
    switch self {
    case .number(let value): value
    case .column(let name): column(name)
    case .multiply(let a, let b): a.evaluate(column) * b.evaluate(column)
    case .divide(let a, let b): a.evaluate(column) / b.evaluate(column)
    case .atLeast(let a, let b): a.evaluate(column) >= b.evaluate(column) ? 1 : 0
    case .atMost(let a, let b): a.evaluate(column) <= b.evaluate(column) ? 1 : 0
    case .moreThan(let a, let b): a.evaluate(column) > b.evaluate(column) ? 1 : 0
    case .all(let conditions): conditions.allSatisfy { $0.evaluate(column) != 0 } ? 1 : 0
    }
  }

  /// The least number of events that a window must hold for the condition to be true, given which columns never exceed
  /// that number.
  func eventFloor(isBoundedByEvents: (String) -> Bool) -> Int {
    switch self {
    case .all(let conditions):
      conditions.map { $0.eventFloor(isBoundedByEvents: isBoundedByEvents) }.max() ?? 1
    case .atLeast(.column(let name), .number(let value)) where isBoundedByEvents(name):
      max(1, Int(value.rounded(.up)))
    case .moreThan(.column(let name), .number(let value)) where isBoundedByEvents(name):
      max(1, Int(value.rounded(.down)) + 1)
    default: 1
    }
  }
}
