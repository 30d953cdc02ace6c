import SluiceRecords
import SluiceRules

/// The inner groups of one window at a time, and their columns.
///
/// Usually the only column of the groups is the number of events, and a plain array counts it. Otherwise the events
/// of the window are partitioned, and every column is evaluated for each group.
struct InnerGroupValues {
  private let columns: [Column]
  private let ofGroup: EventValues
  private let numbers: FieldNumbers
  private let onlyCounts: Bool
  /// Number of the window's events by group. Groups without events are absent.
  private var counts: [Int] = []
  /// Event counts by group number. They are all zero between windows.
  private var tally: [Int] = []
  /// Column values by group, then by column; NaN for a missing value. Empty if event counts are the only columns.
  private var values: [[Double]] = []

  init(_ columns: [Column], shard: MergedShard, numbers: FieldNumbers) {
    self.columns = columns
    ofGroup = EventValues(in: shard)
    self.numbers = numbers
    onlyCounts = columns.allSatisfy { if case .eventCount = $0.aggregate { true } else { false } }
  }

  /// Takes the events of a window.
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

  /// Returns the number of groups whose columns fulfil a condition.
  func count(where condition: Expression) -> Int {
    if onlyCounts {
      if case .compare(let comparison, .column, .number(let bound)) = condition {
        return counts.count { comparison.holds(Double($0), bound) }
      }
      return counts.count { count in condition.evaluate { _ in Double(count) } != 0 }
    }
    return values.count { group in condition.evaluate { group[$0] } != 0 }
  }

  /// Returns a statistic of a column over the groups; NaN if no group has a value.
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
    // Sums are rounded, and the order of groups may depend on threads. Sorting makes the result independent of it.
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
