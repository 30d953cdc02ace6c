/// Decides whether any window can satisfy a condition, by narrowing the intervals of its columns.
/// ``ImpossibleFilter`` does it for filters.
///
/// A condition is called impossible only if it is; whatever the bounds do not decide counts as possible. The known
/// facts are the bounds of counts and the relations between columns (see ``ColumnRelations``). Further facts: a sum
/// lies between the number of groups times the minimum and times the maximum, and a part is at most its whole, however
/// both are scaled. Every alternative is tried, up to a maximum number.
struct ImpossibleCondition {
  private typealias Subject = ColumnRelations.Subject
  private typealias Atom = (comparison: Expression.Comparison, left: Expression, right: Expression)

  private let relations: ColumnRelations

  private static let alternativesMax = 256
  /// The maximum for all alternatives together; no real rule has more.
  private static let atomsMax = 5000
  /// The maximum number of comparisons among which the responsible ones are searched for.
  private static let blamedMax = 32
  /// Every round propagates bounds one step further. More rounds than steps would rarely find more.
  private static let roundsMax = 8

  /// Returns why no window can satisfy the condition; nil if some window may.
  static func impossibility(of condition: Expression, columns: [Column], groups: Rule.InnerGroups?) -> String?
  {
    let search = ImpossibleCondition(
      relations: ColumnRelations(columns: columns, inner: groups, condition: condition))
    guard let alternatives = search.alternatives(condition, isNegated: false),
      alternatives.reduce(0, { $0 + $1.count }) <= atomsMax
    else { return nil }
    for alternative in alternatives where search.conflict(alternative) == nil { return nil }
    return alternatives.first.map { search.reason($0) } ?? "it is false always"
  }

  /// Returns the condition as alternatives of comparisons that must all hold; nil if there are too many.
  ///
  /// Parts that are not comparisons are omitted, so an alternative may demand less than the condition.
  private func alternatives(_ condition: Expression, isNegated: Bool) -> [[Atom]]? {
    switch condition {
    case .compare(let comparison, let a, let b):
      if !isNegated { return [[(comparison, a, b)]] }
      // NaN makes a comparison false, and its opposite too.
      return relations.mayLackValue(a) || relations.mayLackValue(b) ? [[]] : [[(comparison.opposite, a, b)]]
    case .not(let part): return alternatives(part, isNegated: !isNegated)
    case .all(let parts), .any(let parts):
      let isConjunction = if case .all = condition { !isNegated } else { isNegated }
      var result: [[Atom]] = isConjunction ? [[]] : []
      for part in parts {
        guard let own = alternatives(part, isNegated: isNegated) else { return nil }
        if isConjunction, own.count == 1 {
          for index in result.indices { result[index] += own[0] }
        } else {
          result = isConjunction ? result.flatMap { atoms in own.map { atoms + $0 } } : result + own
        }
        if result.count > Self.alternativesMax { return nil }
      }
      return result
    case .number, .column, .negate, .arithmetic, .wholeUnits: return [[]]
    }
  }

  // MARK: Reasons

  /// - Parameter atoms: comparisons that cannot hold together.
  private func reason(_ atoms: [Atom]) -> String {
    guard atoms.count <= Self.blamedMax else { return "its comparisons cannot hold together" }
    var blamed = atoms
    for index in atoms.indices.reversed() {
      var fewer = blamed
      fewer.remove(at: index)
      if conflict(fewer) != nil { blamed = fewer }
    }
    let texts = blamed.map { "'\(text($0))'" }
    guard texts.count > 1 else { return "\(texts.joined()) can never hold\(bounds(blamed))" }
    let list = texts.dropLast().joined(separator: ", ")
    return "\(list) and \(texts[texts.count - 1]) cannot hold together\(contradiction(blamed))"
  }

  private func text(_ atom: Atom) -> String {
    "\(atom.left.text(columns: relations.columns)) \(atom.comparison.rawValue) \(atom.right.text(columns: relations.columns))"
  }

  /// Describes the bounds of a single column that is compared with a number.
  private func bounds(_ atoms: [Atom]) -> String {
    guard let atom = atoms.first, case .column(let index) = atom.left, case .number = atom.right else {
      return ""
    }
    var state = State(relations)
    guard state.narrow([], reading: relations.columnsRead(by: [atom.left])) == nil else { return "" }
    let interval = state.interval(atom.left)
    let parts =
      (interval.lower.isFinite ? ["at least \(shown(interval.lower))"] : [])
      + (interval.upper.isFinite ? ["at most \(shown(interval.upper))"] : [])
    return parts.isEmpty
      ? "" : ": '\(relations.columns[index].name)' is \(parts.joined(separator: " and "))"
  }

  /// Describes the contradictory bounds of a column in the comparisons.
  private func contradiction(_ atoms: [Atom]) -> String {
    guard case .empty(let intervals)? = conflict(atoms) else { return "" }
    for atom in atoms {
      for case .column(let index) in [atom.left, atom.right] {
        let subject = relations.subject(of: index)
        guard let interval = intervals[subject], relations.isInteger(subject), interval.lower.isFinite,
          interval.upper.isFinite
        else { continue }
        return
          ": '\(relations.columns[index].name)' would have to be at least \(shown(interval.lower)) and at most \(shown(interval.upper))"
      }
    }
    return ""
  }

  private func shown(_ bound: Double) -> String { Int(exactly: bound).map(String.init) ?? "\(bound)" }

  // MARK: Narrowing

  private enum Conflict {
    /// A comparison that the intervals of its sides rule out.
    case comparison
    /// The empty intervals of subjects.
    case empty([Subject: Interval])
  }

  private func conflict(_ atoms: [Atom]) -> Conflict? {
    var state = State(relations)
    return state.narrow(atoms, reading: relations.columnsRead(by: atoms.flatMap { [$0.left, $0.right] }))
  }

  /// The bounds and limits that hold if some comparisons hold.
  private struct State {
    let relations: ColumnRelations
    private var known: [Subject: Interval] = [:]
    /// Limits that always hold and those that follow from the comparisons, by the smaller subject.
    private var limits: [Subject: [ColumnRelations.Limit]] = [:]
    /// Limits of group counts that follow from bounds of the inner columns, and these bounds.
    private var groupLimits: (bounds: [Interval], limits: [ColumnRelations.Limit]) = ([], [])

    init(_ relations: ColumnRelations) {
      self.relations = relations
      for subject in relations.read.map({ relations.subject(of: $0) }) + [.events] {
        known[subject] = relations.basis(subject)
      }
      guard relations.inner != nil else { return }
      known[.groups] = relations.basis(.groups)
      for column in relations.innerCounts {
        for statistic in [Statistic.sum, .min, .max, .avg] {
          known[.ofGroups(statistic, column)] = relations.basis(.ofGroups(statistic, column))
        }
      }
    }

    /// Narrows the bounds as if the comparisons held. - Returns: why they cannot.
    ///
    /// - Parameter columns: the columns that the comparisons read, ascending. They have values, because a comparison
    ///   with a column that has none is false.
    mutating func narrow(_ atoms: [Atom], reading columns: [Int]) -> Conflict? {
      for _ in 0..<ImpossibleCondition.roundsMax {
        let before = known
        let all = relations.limits + atoms.flatMap { limitsOf($0) } + limitsOfSums() + limitsOfGroups()
        limits = Dictionary(grouping: all, by: \.small)
        for atom in atoms where isRuledOut(atom) { return .comparison }
        for limit in all where limit.factor == 1 {
          guard let a = known[limit.small], let b = known[limit.large] else { continue }
          narrow(limit.small, Interval(lower: -.infinity, upper: b.upper))
          narrow(limit.large, Interval(lower: a.lower, upper: .infinity))
        }
        for column in relations.innerCounts { multiply(column) }
        // Ascending, because columns read columns above them.
        for index in columns {
          if case .expression(let expression) = relations.columns[index].aggregate {
            narrow(.column(index), interval(expression))
          }
        }
        let empty = known.filter { $0.value.isEmpty }
        if !empty.isEmpty { return .empty(empty) }
        if known == before { break }
      }
      return nil
    }

    private mutating func narrow(_ subject: Subject, _ interval: Interval) {
      let new = (known[subject] ?? .all).intersection(interval)
      known[subject] = relations.isInteger(subject) ? new.integers : new
    }

    /// Narrows both sides of a comparison. - Returns: whether it cannot hold.
    private mutating func isRuledOut(_ atom: Atom) -> Bool {
      let (left, right) = (interval(atom.left), interval(atom.right))
      let (first, second) = (
        left.intersection(.numbers(atom.comparison, right)),
        right.intersection(.numbers(atom.comparison.swapped, left))
      )
      if case .column(let index) = atom.left { narrow(relations.subject(of: index), first) }
      if case .column(let index) = atom.right { narrow(relations.subject(of: index), second) }
      let isSamePoint = left == right && left.lower == left.upper
      if isSamePoint && atom.comparison == .unequal || contradicts(atom) { return true }
      // A column's impossible value shows in its empty bounds.
      if case .column = atom.left { return false }
      if case .column = atom.right { return false }
      return first.isEmpty || second.isEmpty
    }

    private func contradicts(_ atom: Atom) -> Bool {
      func never(_ a: Expression, exceeds b: Expression) -> Bool { limit(a, b).map { $0 <= 1 } ?? false }
      func never(_ a: Expression, reaches b: Expression) -> Bool {
        interval(b).lower > 0 && limit(a, b).map { $0 < 1 } ?? false
      }
      let (a, b) = (atom.left, atom.right)
      return switch atom.comparison {
      case .moreThan: never(a, exceeds: b)
      case .lessThan: never(b, exceeds: a)
      case .unequal: never(a, exceeds: b) && never(b, exceeds: a)
      case .atLeast: never(a, reaches: b)
      case .atMost: never(b, reaches: a)
      case .equal: never(a, reaches: b) || never(b, reaches: a)
      }
    }

    // MARK: Limits

    /// Returns a factor enlarged by more than its rounding error. Short factors are exact.
    private func widened(_ factor: Double, isExact: Bool = true) -> Double {
      isExact && factor.significandWidth <= 20 ? factor : factor * (1 + 1e-12)
    }

    private func isNeverNegative(_ subject: Subject) -> Bool { known[subject].map { $0.lower >= 0 } ?? false }

    /// Returns the least known factor for which `a <= factor × b`; nil if none is known.
    ///
    /// - Returns: 1 for any signs; any other factor only if `b` is never negative.
    private func limit(_ a: Expression, _ b: Expression) -> Double? {
      guard let small = relations.multiple(a) else { return nil }
      return terms(b).compactMap { limit(small, $0) }.min()
    }

    private func limit(_ a: ColumnRelations.Multiple, _ b: ColumnRelations.Multiple) -> Double? {
      guard let factor = limit(a.subject, b.subject) else { return nil }
      if factor == 1, a.isExact, b.isExact, a.factor == b.factor { return 1 }
      guard isNeverNegative(b.subject) else { return nil }
      return widened(a.factor * factor / b.factor, isExact: a.isExact && b.isExact)
    }

    /// Returns the lower bound of `a / b`, if that has a value, where `a` limits `b`; nil if no limit is known.
    private func leastQuotient(_ a: Expression, _ b: Expression) -> Double? {
      guard let a = relations.multiple(a), let b = relations.multiple(b),
        let factor = limit(b.subject, a.subject), isNeverNegative(a.subject)
      else { return nil }
      let least = a.factor / (b.factor * factor)
      return a.isExact && b.isExact && least.significandWidth <= 20 ? least : least * (1 - 1e-12)
    }

    private func limit(_ a: Subject, _ b: Subject) -> Double? {
      var factors: [Subject: Double] = [a: 1]
      var reached = [a]
      for _ in 0..<ImpossibleCondition.roundsMax where !reached.isEmpty {
        var next: [Subject] = []
        for small in reached {
          guard let factor = factors[small] else { continue }
          for limit in limits[small] ?? [] {
            let product = widened(factor * limit.factor)
            if product < factors[limit.large] ?? .infinity {
              factors[limit.large] = product
              next.append(limit.large)
            }
          }
        }
        reached = next
      }
      return factors[b]
    }

    /// Returns the multiples that a sum consists of; none exceeds the sum.
    private func terms(_ expression: Expression) -> [ColumnRelations.Multiple] {
      if let multiple = relations.multiple(expression) { return [multiple] }
      switch expression {
      case .column(let index):
        guard case .expression(let sum) = relations.columns[index].aggregate,
          case .arithmetic(.add, let a, let b) = sum, interval(a).lower >= 0, interval(b).lower >= 0
        else { return [] }
        return [a, b].compactMap { relations.multiple($0) }
      case .arithmetic(.add, let a, let b) where interval(a).lower >= 0 && interval(b).lower >= 0:
        return terms(a) + terms(b)
      default: return []
      }
    }

    /// Returns the limits between the two sides of a comparison that holds.
    private func limitsOf(_ atom: Atom) -> [ColumnRelations.Limit] {
      guard let left = relations.multiple(atom.left), let right = relations.multiple(atom.right) else {
        return []
      }
      func limit(_ a: ColumnRelations.Multiple, _ b: ColumnRelations.Multiple) -> [ColumnRelations.Limit] {
        let factor = widened(b.factor / a.factor, isExact: a.isExact && b.isExact)
        guard factor == 1 || isNeverNegative(a.subject) && isNeverNegative(b.subject) else { return [] }
        return [ColumnRelations.Limit(small: a.subject, large: b.subject, factor: factor)]
      }
      return switch atom.comparison {
      case .equal: limit(left, right) + limit(right, left)
      case .atLeast, .moreThan: limit(right, left)
      case .atMost, .lessThan: limit(left, right)
      case .unequal: []
      }
    }

    /// Returns limits from `groups × min <= sum <= groups × max` and `sum = groups × avg`.
    private func limitsOfSums() -> [ColumnRelations.Limit] {
      relations.innerCounts.flatMap { column -> [ColumnRelations.Limit] in
        func bounds(_ statistic: Statistic) -> Interval { known[.ofGroups(statistic, column)] ?? .all }
        let sum = Subject.ofGroups(.sum, column)
        func isFactor(_ bound: Double) -> Bool { (1e-9...1e9).contains(bound) }
        var limits: [ColumnRelations.Limit] = []
        // An average is rounded.
        for (statistic, isExact) in [(Statistic.max, true), (.avg, false)] {
          let bound = bounds(statistic).upper
          if isFactor(bound) {
            limits.append(.init(small: sum, large: .groups, factor: widened(bound, isExact: isExact)))
          }
        }
        for (statistic, isExact) in [(Statistic.min, true), (.avg, false)] {
          let bound = bounds(statistic).lower
          if isFactor(bound) {
            limits.append(.init(small: .groups, large: sum, factor: widened(1 / bound, isExact: isExact)))
          }
        }
        return limits
      }
    }

    /// Returns limits of group counts whose condition holds in all groups or in none, given the inner columns' bounds.
    private mutating func limitsOfGroups() -> [ColumnRelations.Limit] {
      if relations.groupConditions.isEmpty { return [] }
      let bounds = relations.innerCounts.map { column in
        Interval(
          lower: known[.ofGroups(.min, column)]?.lower ?? -.infinity,
          upper: known[.ofGroups(.max, column)]?.upper ?? .infinity)
      }
      if bounds == groupLimits.bounds { return groupLimits.limits }
      groupLimits = (bounds, [])
      let comparisons = zip(relations.innerCounts, bounds).flatMap { column, bounds in
        [
          Expression.compare(.atLeast, .column(column), .number(bounds.lower)),
          Expression.compare(.atMost, .column(column), .number(bounds.upper)),
        ]
      }
      for (column, condition) in relations.groupConditions {
        if !relations.mayHoldInSome(.all(comparisons + [.not(condition)])) {
          groupLimits.limits.append(.init(small: .groups, large: .column(column)))
        }
        if !relations.mayHoldInSome(.all(comparisons + [condition])) {
          narrow(.column(column), Interval(lower: -.infinity, upper: 0))
        }
      }
      return groupLimits.limits
    }

    /// Narrows bounds by `groups × min <= sum <= groups × max` and `avg = sum / groups`.
    private mutating func multiply(_ column: Int) {
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
      narrow(sum, atMost(n.upper * g.upper))
      narrow(sum, atLeast(n.lower * l.lower))
      if n.upper.isFinite, n.upper > 0 { narrow(greatest, atLeast(s.lower / n.upper)) }
      if g.upper.isFinite, g.upper > 0 { narrow(.groups, atLeast(s.lower / g.upper)) }
      if n.lower > 0 { narrow(least, atMost(s.upper / n.lower)) }
      if l.lower > 0 { narrow(.groups, atMost(s.upper / l.lower)) }
      narrow(.ofGroups(.avg, column), .applying(.divide, s, n))
      // The average was rounded, so an integer bound could be missed by a little.
      if let a = known[.ofGroups(.avg, column)], a.lower > 0 {
        narrow(sum, atLeast(n.lower * a.lower * (1 - 1e-12)))
        narrow(sum, atMost(n.upper * a.upper * (1 + 1e-12)))
      }
    }

    // MARK: Expressions

    func interval(_ expression: Expression) -> Interval {
      switch expression {
      case .number(let value): return .point(value)
      case .column(let index): return known[relations.subject(of: index)] ?? .all
      case .negate(let part):
        let interval = interval(part)
        return Interval(lower: -interval.upper, upper: -interval.lower)
      case .arithmetic(let operation, let a, let b):
        return Interval.applying(operation, interval(a), interval(b)).intersection(related(operation, a, b))
      case .wholeUnits(_, .column(let from), .column(let to))
      where relations.subject(of: from) == .firstTime && relations.subject(of: to) == .lastTime:
        return Interval(lower: 0, upper: .infinity)
      default: return .all
      }
    }

    /// Returns the bounds of a quotient or a difference of related numbers, if it has a value.
    private func related(_ operation: Expression.Operation, _ a: Expression, _ b: Expression) -> Interval {
      switch operation {
      case .divide where interval(b).lower >= 0:
        return Interval(lower: leastQuotient(a, b) ?? -.infinity, upper: limit(a, b) ?? .infinity)
      case .subtract:
        return Interval(
          lower: limit(b, a).map { $0 <= 1 } == true ? 0 : -.infinity,
          upper: limit(a, b).map { $0 <= 1 } == true ? 0 : .infinity)
      default: return .all
      }
    }
  }
}

extension Expression {
  /// Returns numbers, columns and arithmetic as a rules file writes them.
  fileprivate func text(columns: [Column]) -> String {
    func inner(_ part: Expression) -> String {
      if case .arithmetic = part { "(\(part.text(columns: columns)))" } else { part.text(columns: columns) }
    }
    return switch self {
    case .number(let value): Int(exactly: value).map(String.init) ?? "\(value)"
    case .column(let index): columns[index].name
    case .negate(let part): "-\(inner(part))"
    case .arithmetic(let operation, let a, let b): "\(inner(a)) \(operation.rawValue) \(inner(b))"
    case .wholeUnits(let unit, let from, let to):
      "\(ColumnChecker.unitName(milliseconds: unit))(\(from.text(columns: columns)), \(to.text(columns: columns)))"
    case .compare, .all, .any, .not: "a condition"
    }
  }
}
