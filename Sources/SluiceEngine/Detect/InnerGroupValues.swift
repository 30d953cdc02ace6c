import SluiceRecords

/// The inner groups of one window at a time, and their columns.
///
/// Groups whose only column is the number of events, which is the usual case, are counted by in a plain array; for others the
/// window's events are parted and every column is evaluated for each group.
struct InnerGroupValues {
  private let columns: [Column]
  private let ofGroup: EventValues
  private let numbers: FieldNumbers
  private let onlyCounts: Bool
  /// How many events of the window each group has; groups without any are not in it.
  private var counts: [Int] = []
  /// By group number; all zero between windows.
  private var tally: [Int] = []
  /// By group, then by column; what has no value is not a number. Empty if there are only counts.
  private var values: [[Double]] = []

  init(_ columns: [Column], shard: MergedShard, numbers: FieldNumbers) {
    self.columns = columns
    ofGroup = EventValues(in: shard)
    self.numbers = numbers
    onlyCounts = columns.allSatisfy { if case .eventCount = $0.aggregate { true } else { false } }
  }

  /// Takes a window's events.
  mutating func take(_ rows: ArraySlice<Observation>) {
    counts.removeAll(keepingCapacity: true)
    var present: [Int] = []
    for row in rows {
      let number = numbers.number(of: row)
      if number >= tally.count { tally.append(contentsOf: repeatElement(0, count: number + 1 - tally.count)) }
      if tally[number] == 0 { present.append(number) }
      tally[number] += 1
    }
    for number in present {
      counts.append(tally[number])
      tally[number] = 0
    }
    if !onlyCounts { evaluate(rows, present) }
  }

  private mutating func evaluate(_ rows: ArraySlice<Observation>, _ present: [Int]) {
    var parts = Dictionary(uniqueKeysWithValues: present.map { ($0, [Observation]()) })
    for row in rows { parts[numbers.number(of: row), default: []].append(row) }
    values = present.map { number in
      ofGroup.select(parts[number, default: []][...])
      return columns.reduce(into: [Double]()) { values, column in
        if case .expression(let expression) = column.aggregate {
          values.append(expression.evaluate { [values] in values[$0] })
        } else {
          values.append(ofGroup.number(column.aggregate))
        }
      }
    }
  }

  var count: Int { counts.count }

  /// Groups of which a condition over their columns holds.
  func count(where condition: Expression) -> Int {
    if onlyCounts {
      if case .compare(let comparison, .column, .number(let bound)) = condition {
        return counts.count { comparison.holds(Double($0), bound) }
      }
      return counts.count { count in condition.evaluate { _ in Double(count) } != 0 }
    }
    return values.count { group in condition.evaluate { group[$0] } != 0 }
  }

  /// A statistic of a column over the groups; not a number if no group has a value.
  func value(_ statistic: Statistic, _ column: Int) -> Double {
    if onlyCounts {
      let sum = counts.reduce(0, +)
      return switch statistic {
      case .sum: Double(sum)
      case .max: Double(counts.max() ?? 0)
      case .min: Double(counts.min() ?? 0)
      case .avg: Double(sum) / Double(counts.count)
      }
    }
    // In order of size, as the order of the groups, in which sums are rounded, may depend on threads.
    let ordered = values.map { $0[column] }.filter { !$0.isNaN }.sorted()
    guard let least = ordered.first, let greatest = ordered.last else { return .nan }
    let sum = ordered.reduce(0, +)
    let result =
      switch statistic {
      case .sum: sum
      case .max: greatest
      case .min: least
      case .avg: sum / Double(ordered.count)
      }
    return result.isFinite ? result : .nan
  }
}
