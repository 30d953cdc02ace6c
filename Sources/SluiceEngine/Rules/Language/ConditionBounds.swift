/// Whether any window can satisfy a condition: intervals of what its columns can be, narrowed by what must hold together.
///
/// Says that a condition is impossible only where it is: what the bounds do not tell is taken for possible. Known are
/// the bounds of counts, and what follows from what columns are: the least is at most the average and that at most the
/// greatest, no count exceeds the events, a sum lies between the groups times the least and times the greatest. Of
/// alternatives each is tried, up to a number.
struct ConditionBounds {
  /// What an interval is of: a column, or what columns are made of, so that two columns of one thing share it.
  private enum Subject: Hashable {
    case column(Int)
    case events, groups
    case ofGroups(Statistic, Int)
    case ofField(Statistic, Field)
    case firstTime, lastTime
  }

  private let columns: [Column]
  private let inner: Rule.InnerGroups?

  private static let alternativesMax = 256

  /// Why no window can satisfy the condition; nil if some may.
  static func impossibility(of condition: Expression, columns: [Column], groups: Rule.InnerGroups?) -> String?
  {
    let bounds = ConditionBounds(columns: columns, inner: groups)
    guard let alternatives = bounds.alternatives(condition, isNegated: false) else { return nil }
    var reason: String?
    for alternative in alternatives {
      guard let why = bounds.contradiction(alternative) else { return nil }
      reason = reason ?? why
    }
    return reason ?? "it is false always"
  }

  private typealias Atom = (comparison: Expression.Comparison, left: Expression, right: Expression)

  /// The condition as alternatives, each of comparisons that must all hold; nil if these are too many. What cannot be said in
  /// comparisons is left out, so that an alternative asks for less.
  private func alternatives(_ condition: Expression, isNegated: Bool) -> [[Atom]]? {
    switch condition {
    case .compare(let comparison, let a, let b):
      if !isNegated { return [[(comparison, a, b)]] }
      // What is not a number makes comparisons false, so that their opposites need not hold.
      return mayLackValue(a) || mayLackValue(b) ? [[]] : [[(comparison.opposite, a, b)]]
    case .not(let part): return alternatives(part, isNegated: !isNegated)
    case .all(let parts), .any(let parts):
      let isConjunction = if case .all = condition { !isNegated } else { isNegated }
      var result: [[Atom]] = isConjunction ? [[]] : []
      for part in parts {
        guard let own = alternatives(part, isNegated: isNegated) else { return nil }
        result = isConjunction ? result.flatMap { atoms in own.map { atoms + $0 } } : result + own
        if result.count > Self.alternativesMax { return nil }
      }
      return result
    case .number, .column, .negate, .arithmetic, .wholeUnits: return [[]]
    }
  }

  private func mayLackValue(_ expression: Expression) -> Bool {
    switch expression {
    case .number: return false
    case .column(let index):
      switch columns[index].aggregate {
      case .expression(let expression): return mayLackValue(expression)
      case .ofField: return true
      case .ofGroups(_, let column): return !isCount(column)
      default: return false
      }
    case .negate(let part): return mayLackValue(part)
    case .arithmetic(.add, let a, let b), .arithmetic(.subtract, let a, let b), .wholeUnits(_, let a, let b):
      return mayLackValue(a) || mayLackValue(b)
    default: return true
    }
  }

  /// Whether an inner column counts, so that it is an integer from 0 up in every group.
  private func isCount(_ column: Int) -> Bool {
    switch inner?.columns[column].aggregate {
    case .eventCount, .eventCountWhere, .distinctCount: true
    default: false
    }
  }

  // MARK: Narrowing

  private func contradiction(_ atoms: [Atom]) -> String? {
    var known: [Subject: Interval] = [:]
    for subject in columns.indices.map({ self.subject(of: $0) }) + [.events] {
      known[subject] = basis(subject)
    }
    if let inner {
      known[.groups] = basis(.groups)
      for column in inner.columns.indices where isCount(column) {
        for statistic in [Statistic.sum, .min, .max, .avg] {
          known[.ofGroups(statistic, column)] = basis(.ofGroups(statistic, column))
        }
      }
    }
    let rules = orders()
    // Every round carries bounds one step on; more rounds than steps there are bring nothing new worth waiting for.
    for _ in 0..<8 {
      let before = known
      for atom in atoms {
        if let why = apply(atom, &known) { return why }
      }
      for (small, large) in rules {
        guard let a = known[small], let b = known[large] else { continue }
        narrow(small, Interval(lower: -.infinity, upper: b.upper), &known)
        narrow(large, Interval(lower: a.lower, upper: .infinity), &known)
      }
      for column in inner?.columns.indices ?? 0..<0 where isCount(column) { multiply(column, &known) }
      for index in columns.indices {
        if case .expression(let expression) = columns[index].aggregate {
          narrow(.column(index), interval(expression, known), &known)
        }
      }
      if let (subject, interval) = known.filter({ $0.value.isEmpty }).min(by: { name($0.key) < name($1.key) })
      {
        return
          "\(name(subject)) would have to be at least \(shown(interval.lower)) and at most \(shown(interval.upper))"
      }
      if known == before { break }
    }
    return nil
  }

  private func shown(_ bound: Double) -> String { Int(exactly: bound).map(String.init) ?? "\(bound)" }

  private func narrow(_ subject: Subject, _ interval: Interval, _ known: inout [Subject: Interval]) {
    let old = known[subject] ?? .all
    let new = old.intersection(interval)
    known[subject] = isInteger(subject) ? new.integers : new
  }

  /// Narrows both sides of a comparison. - Returns: why it cannot hold, if it cannot.
  private func apply(_ atom: Atom, _ known: inout [Subject: Interval]) -> String? {
    let (left, right) = (interval(atom.left, known), interval(atom.right, known))
    let (first, second) = (
      left.intersection(.numbers(atom.comparison, right)),
      right.intersection(.numbers(atom.comparison.swapped, left))
    )
    if case .column(let a) = atom.left, case .column(let b) = atom.right,
      contradicts(atom.comparison, subject(of: a), subject(of: b))
    {
      return "'\(columns[a].name)' \(atom.comparison.rawValue) '\(columns[b].name)' can never hold"
    }
    let isSamePoint = left == right && left.lower == left.upper
    if case .column(let index) = atom.left { narrow(subject(of: index), first, &known) }
    if case .column(let index) = atom.right { narrow(subject(of: index), second, &known) }
    if case .column = atom.left, !isSamePoint { return nil }
    if case .column = atom.right, !isSamePoint { return nil }
    if first.isEmpty || second.isEmpty || isSamePoint && atom.comparison == .unequal {
      return "its '\(atom.comparison.rawValue)' can never hold"
    }
    return nil
  }

  /// Whether a comparison is ruled out by what two columns are.
  private func contradicts(_ comparison: Expression.Comparison, _ a: Subject, _ b: Subject) -> Bool {
    switch comparison {
    case .moreThan: neverExceeds(a, b)
    case .lessThan: neverExceeds(b, a)
    case .unequal: a == b
    case .equal, .atLeast, .atMost: false
    }
  }

  private func neverExceeds(_ a: Subject, _ b: Subject) -> Bool {
    let orders = orders()
    var reached: Set = [a]
    while true {
      let next = orders.filter { reached.contains($0.0) && !reached.contains($0.1) }.map(\.1)
      if reached.contains(b) { return true }
      if next.isEmpty { return false }
      reached.formUnion(next)
    }
  }

  /// `groups × min <= sum <= groups × max`.
  private func multiply(_ column: Int, _ known: inout [Subject: Interval]) {
    let (sum, least, greatest) = (
      Subject.ofGroups(.sum, column), Subject.ofGroups(.min, column), Subject.ofGroups(.max, column)
    )
    guard let s = known[sum], let l = known[least], let g = known[greatest], let n = known[.groups] else {
      return
    }
    func atLeast(_ value: Double) -> Interval {
      Interval(lower: value.isNaN ? -.infinity : value, upper: .infinity)
    }
    func atMost(_ value: Double) -> Interval {
      Interval(lower: -.infinity, upper: value.isNaN ? .infinity : value)
    }
    narrow(sum, atMost(n.upper * g.upper), &known)
    narrow(sum, atLeast(n.lower * l.lower), &known)
    if n.upper.isFinite, n.upper > 0 { narrow(greatest, atLeast(s.lower / n.upper), &known) }
    if g.upper.isFinite, g.upper > 0 { narrow(.groups, atLeast(s.lower / g.upper), &known) }
    if n.lower > 0 { narrow(least, atMost(s.upper / n.lower), &known) }
    if l.lower > 0 { narrow(.groups, atMost(s.upper / l.lower), &known) }
  }

  // MARK: What columns are

  private func subject(of index: Int) -> Subject {
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

  private func isInteger(_ subject: Subject) -> Bool {
    switch subject {
    case .events, .groups, .firstTime, .lastTime: true
    case .ofGroups(let statistic, let column): statistic != .avg && isCount(column)
    case .ofField(let statistic, _): statistic != .avg
    case .column(let index): columns[index].type == .integer || columns[index].type == .time
    }
  }

  /// What is known of it whatever the condition.
  private func basis(_ subject: Subject) -> Interval {
    func from(_ lower: Double) -> Interval { Interval(lower: lower, upper: .infinity) }
    switch subject {
    case .events, .groups: return from(1)
    case .ofGroups(_, let column) where isCount(column):
      // A group holds one event at least.
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

  /// Pairs of which the first never exceeds the second.
  private func orders() -> [(Subject, Subject)] {
    var orders: [(Subject, Subject)] = [(.firstTime, .lastTime), (.groups, .events)]
    for index in columns.indices {
      switch columns[index].aggregate {
      case .eventCountWhere: orders.append((.column(index), .events))
      case .distinctCount(let field, let null):
        orders.append((.column(index), .events))
        if null == nil, inner?.by == [field] { orders.append((.column(index), .groups)) }
      case .groupCountWhere: orders.append((.column(index), .groups))
      case .ofField(_, let field): orders.append((.ofField(.min, field), .ofField(.max, field)))
      default: break
      }
    }
    for (column, aggregate) in (inner?.columns ?? []).map(\.aggregate).enumerated() where isCount(column) {
      orders += [
        (.ofGroups(.min, column), .ofGroups(.avg, column)),
        (.ofGroups(.avg, column), .ofGroups(.max, column)),
        (.ofGroups(.min, column), .ofGroups(.max, column)),
        (.ofGroups(.max, column), .ofGroups(.sum, column)),
        (.ofGroups(.sum, column), .events),
      ]
      if case .eventCount = aggregate {
        orders += [(.events, .ofGroups(.sum, column)), (.groups, .ofGroups(.sum, column))]
      }
    }
    return orders
  }

  private func interval(_ expression: Expression, _ known: [Subject: Interval]) -> Interval {
    switch expression {
    case .number(let value): return .point(value)
    case .column(let index): return known[subject(of: index)] ?? .all
    case .negate(let part):
      let interval = interval(part, known)
      return Interval(lower: -interval.upper, upper: -interval.lower)
    case .arithmetic(let operation, let a, let b):
      return .applying(operation, interval(a, known), interval(b, known))
    case .wholeUnits(_, .column(let from), .column(let to))
    where subject(of: from) == .firstTime && subject(of: to) == .lastTime:
      return Interval(lower: 0, upper: .infinity)
    default: return .all
    }
  }

  private func name(_ subject: Subject) -> String {
    if let index = columns.indices.first(where: { self.subject(of: $0) == subject }) {
      return "'\(columns[index].name)'"
    }
    switch subject {
    case .events: return "the number of events"
    case .groups: return "the number of groups"
    case .ofGroups(let statistic, let column):
      return "\(statistic.rawValue)(\(inner?.columns[column].name ?? ""))"
    case .ofField(let statistic, let field): return "\(statistic.rawValue)(\(field.name))"
    case .firstTime: return "the first time"
    case .lastTime: return "the last time"
    case .column(let index): return "'\(columns[index].name)'"
    }
  }
}
