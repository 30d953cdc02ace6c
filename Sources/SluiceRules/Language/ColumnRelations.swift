/// Relations between the columns of a condition that hold for all events: which column never exceeds which, and by what
/// factor.
///
/// They follow from the aggregates. No count exceeds the number of events. A count by one condition never exceeds a
/// count by a condition that it implies. The minimum is at most the average, which is at most the maximum. Only columns
/// that the condition reads, directly or through other columns, are considered.
struct ColumnRelations {
  /// The subject of a bound: a column, or the quantity that columns read, so that two columns of one quantity share it.
  enum Subject: Hashable {
    case column(Int)
    case events, groups
    case ofGroups(Statistic, Int)
    case ofField(Statistic, Field)
    case firstTime, lastTime
  }

  /// `small <= factor × large`. If the factor is not 1, both are never negative.
  struct Limit {
    var small: Subject
    var large: Subject
    var factor = 1.0
  }

  /// A subject times a positive number; some expressions have this form.
  struct Multiple {
    var factor: Double
    var subject: Subject
    /// Whether its evaluation never rounds.
    var isExact: Bool
  }

  let columns: [Column]
  let inner: Rule.InnerGroups?
  /// The columns that the condition reads, directly or through others, ascending.
  let read: [Int]
  /// The inner columns that are counts and that matter to `read`, ascending.
  let innerCounts: [Int]
  /// Whether a column may lack a value, by column index.
  private let lacksValue: [Bool]
  /// The columns as multiples of a subject, by column index; nil if a column is not one.
  private let multiples: [Multiple?]
  private(set) var limits: [Limit] = []
  /// The columns that count groups by a condition; empty if there are too many to compare.
  private(set) var groupConditions: [(column: Int, condition: Expression)] = []
  /// Subjects that count events by a condition that no event can satisfy.
  private var alwaysZero: Set<Subject> = []

  /// The maximum number of columns for which all pairs are compared.
  private static let comparedMax = 32

  init(columns: [Column], inner: Rule.InnerGroups?, condition: Expression) {
    self.columns = columns
    self.inner = inner
    read = Self.columnsRead(by: [condition], columns)
    innerCounts = Self.innerCounts(columns: read.map { columns[$0] }, inner)
    // Columns read only columns above them, so earlier results suffice and no column is visited twice.
    var (lacking, found): ([Bool], [Multiple?]) = ([], [])
    for index in columns.indices {
      guard case .expression(let expression) = columns[index].aggregate else {
        lacking.append(Self.mayLackValue(columns[index].aggregate, inner))
        found.append(Multiple(factor: 1, subject: Self.subject(of: index, columns), isExact: true))
        continue
      }
      lacking.append(Self.mayLackValue(expression, lacking))
      found.append(Self.multiple(expression, found, columns, inner))
    }
    (lacksValue, multiples) = (lacking, found)
    limits = limitsOfAggregates()
    compareConditions()
  }

  /// Returns the columns that expressions read, directly or through others, ascending.
  func columnsRead(by expressions: [Expression]) -> [Int] { Self.columnsRead(by: expressions, columns) }

  private static func columnsRead(by expressions: [Expression], _ columns: [Column]) -> [Int] {
    var read: Set<Int> = []
    var next = expressions.flatMap(\.columns)
    while let index = next.popLast() {
      guard read.insert(index).inserted, case .expression(let expression) = columns[index].aggregate else {
        continue
      }
      next += expression.columns
    }
    return read.sorted()
  }

  private static func innerCounts(columns: [Column], _ inner: Rule.InnerGroups?) -> [Int] {
    var found: Set<Int> = []
    for column in columns {
      switch column.aggregate {
      case .ofGroups(_, let index): found.insert(index)
      case .groupCountWhere(let condition): found.formUnion(condition.columns)
      default: break
      }
    }
    return found.filter { isCount($0, inner) }.sorted()
  }

  // MARK: Properties of columns

  /// Returns whether an inner column is a count, and so an integer of at least 0 in every group.
  private static func isCount(_ column: Int, _ inner: Rule.InnerGroups?) -> Bool {
    switch inner?.columns[column].aggregate {
    case .eventCount, .eventCountWhere, .distinctCount: true
    default: false
    }
  }

  func isCount(_ column: Int) -> Bool { Self.isCount(column, inner) }

  func subject(of index: Int) -> Subject { Self.subject(of: index, columns) }

  private static func subject(of index: Int, _ columns: [Column]) -> Subject {
    switch columns[index].aggregate {
    case .eventCount: .events
    case .groupCount: .groups
    case .ofGroups(let statistic, let column): .ofGroups(statistic, column)
    case .ofField(let statistic, let field): .ofField(statistic, field)
    case .firstTime: .firstTime
    case .lastTime: .lastTime
    default: .column(index)
    }
  }

  func isInteger(_ subject: Subject) -> Bool {
    switch subject {
    case .events, .groups, .firstTime, .lastTime: true
    case .ofGroups(let statistic, let column): statistic != .avg && isCount(column)
    case .ofField(let statistic, _): statistic != .avg
    case .column(let index): columns[index].type == .integer || columns[index].type == .time
    }
  }

  /// Returns the bounds of a subject that hold whatever the condition.
  func basis(_ subject: Subject) -> Interval {
    func from(_ lower: Double) -> Interval { Interval(lower: lower, upper: .infinity) }
    if alwaysZero.contains(subject) { return .point(0) }
    switch subject {
    case .events, .groups: return from(1)
    case .ofGroups(_, let column) where isCount(column):
      // Every group has at least one event.
      switch inner?.columns[column].aggregate {
      case .eventCount, .distinctCount(_, null: .some): return from(1)
      default: return from(0)
      }
    case .column(let index):
      switch columns[index].aggregate {
      case .distinctCount(_, let null): return from(null == nil ? 0 : 1)
      case .eventCountWhere, .groupCountWhere: return from(0)
      default: return .all
      }
    case .ofGroups, .ofField, .firstTime, .lastTime: return .all
    }
  }

  func mayLackValue(_ expression: Expression) -> Bool { Self.mayLackValue(expression, lacksValue) }

  private static func mayLackValue(_ aggregate: Aggregate, _ inner: Rule.InnerGroups?) -> Bool {
    switch aggregate {
    case .ofField: true
    case .ofGroups(_, let column): !isCount(column, inner)
    default: false
    }
  }

  private static func mayLackValue(_ expression: Expression, _ lacksValue: [Bool]) -> Bool {
    switch expression {
    case .number: return false
    case .column(let index): return lacksValue[index]
    case .negate(let part): return mayLackValue(part, lacksValue)
    case .arithmetic(.add, let a, let b), .arithmetic(.subtract, let a, let b), .wholeUnits(_, let a, let b):
      return mayLackValue(a, lacksValue) || mayLackValue(b, lacksValue)
    default: return true
    }
  }

  // MARK: Multiples

  func multiple(_ expression: Expression) -> Multiple? {
    Self.multiple(expression, multiples, columns, inner)
  }

  private static func multiple(
    _ expression: Expression, _ multiples: [Multiple?], _ columns: [Column], _ inner: Rule.InnerGroups?
  ) -> Multiple? {
    let part: Multiple?
    let factor: Double
    switch expression {
    case .column(let index): return multiples[index]
    case .arithmetic(.multiply, .number(let number), let other),
      .arithmetic(.multiply, let other, .number(let number)):
      (part, factor) = (multiple(other, multiples, columns, inner), number)
    case .arithmetic(.divide, let other, .number(let number)):
      (part, factor) = (multiple(other, multiples, columns, inner), 1 / number)
    default: return nil
    }
    guard var result = part else { return nil }
    result.factor *= factor
    // Outside this range, products may lose more digits than bounds are widened by, or may overflow.
    guard (1e-9...1e9).contains(result.factor) else { return nil }
    // The product of a count and a short number is exact, because no count comes near 2^53.
    result.isExact =
      result.isExact && result.factor.significandWidth <= 20 && isWhole(result.subject, columns, inner)
    return result
  }

  /// Returns whether a subject is a count, and so an integer far below 2^53.
  private static func isWhole(_ subject: Subject, _ columns: [Column], _ inner: Rule.InnerGroups?) -> Bool {
    switch subject {
    case .events, .groups: return true
    case .ofGroups(let statistic, let column): return statistic != .avg && isCount(column, inner)
    case .column(let index):
      switch columns[index].aggregate {
      case .eventCountWhere, .distinctCount, .groupCountWhere: return true
      default: return false
      }
    case .ofField, .firstTime, .lastTime: return false
    }
  }

  // MARK: Limits

  private func limitsOfAggregates() -> [Limit] {
    var orders: [(Subject, Subject)] = [(.firstTime, .lastTime), (.groups, .events)]
    for index in read {
      switch columns[index].aggregate {
      case .eventCountWhere: orders.append((.column(index), .events))
      case .distinctCount(let field, _):
        orders.append((.column(index), .events))
        // Each value has a group, and no group has two values.
        if inner?.by.contains(field) == true { orders.append((.column(index), .groups)) }
      case .groupCountWhere: orders.append((.column(index), .groups))
      case .ofField(_, let field): orders.append((.ofField(.min, field), .ofField(.max, field)))
      default: break
      }
    }
    for column in innerCounts {
      orders += [
        (.ofGroups(.min, column), .ofGroups(.avg, column)),
        (.ofGroups(.avg, column), .ofGroups(.max, column)),
        (.ofGroups(.min, column), .ofGroups(.max, column)),
        (.ofGroups(.max, column), .ofGroups(.sum, column)),
        (.ofGroups(.sum, column), .events),
      ]
      if case .eventCount = inner?.columns[column].aggregate {
        orders += [(.events, .ofGroups(.sum, column)), (.groups, .ofGroups(.sum, column))]
      }
    }
    return orders.map { Limit(small: $0.0, large: $0.1) }
  }

  /// Finds counts by two conditions where one condition implies the other.
  private mutating func compareConditions() {
    var events: [(subject: Subject, predicate: Predicate)] = []
    for index in read {
      switch columns[index].aggregate {
      case .groupCountWhere(let condition): groupConditions.append((index, condition))
      case .eventCountWhere(let predicate): events.append((.column(index), predicate))
      default: break
      }
    }
    for column in innerCounts {
      if case .eventCountWhere(let predicate) = inner?.columns[column].aggregate {
        // Every event is in exactly one group.
        events.append((.ofGroups(.sum, column), predicate))
      }
    }
    guard max(groupConditions.count, events.count, innerCounts.count) <= Self.comparedMax else {
      groupConditions = []
      return
    }
    for (a, condition) in groupConditions {
      for (b, other) in groupConditions where a != b && !mayHoldInSome(.all([condition, .not(other)])) {
        limits.append(Limit(small: .column(a), large: .column(b)))
      }
    }
    for (a, predicate) in events {
      if ImpossibleFilter.impossibility(of: predicate) != nil { alwaysZero.insert(a) }
      for (b, other) in events where a != b {
        guard ImpossibleFilter.impossibility(of: .all([predicate, .not(other)])) != nil else { continue }
        limits.append(Limit(small: a, large: b))
      }
    }
    for a in innerCounts {
      for b in innerCounts where a != b && !mayHoldInSome(.compare(.moreThan, .column(a), .column(b))) {
        limits += [.sum, .min, .max, .avg].map { Limit(small: .ofGroups($0, a), large: .ofGroups($0, b)) }
      }
    }
  }

  /// Returns whether a condition over the inner columns may hold in some group.
  func mayHoldInSome(_ condition: Expression) -> Bool {
    guard let inner else { return true }
    return ImpossibleCondition.impossibility(of: condition, columns: inner.columns, groups: nil) == nil
  }
}
