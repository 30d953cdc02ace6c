import SluiceRecords
import SluiceRules

/// Values over some of a shard's observations, from which columns are computed. A value that several columns need
/// is computed once.
final class EventValues {
  let shard: MergedShard
  /// Selected observations, at least one, in order of time.
  private(set) var rows: ArraySlice<Observation> = []
  private var statistics: [Field: FieldStatistics] = [:]
  private var values: [Distinct: Set<Value>] = [:]
  private var programs: [Predicate: PredicateProgram] = [:]

  private struct Distinct: Hashable {
    var field: Field
    var null: LogText?
  }

  init(in shard: MergedShard) { self.shard = shard }

  /// Selects other observations.
  func select(_ rows: ArraySlice<Observation>) {
    self.rows = rows
    if !statistics.isEmpty { statistics.removeAll(keepingCapacity: true) }
    if !values.isEmpty { values.removeAll(keepingCapacity: true) }
  }

  /// Returns a column as a number; NaN if it has no value.
  func number(_ aggregate: Aggregate) -> Double {
    switch aggregate {
    case .eventCount: return Double(rows.count)
    case .eventCountWhere(let predicate):
      let program = program(predicate)
      return Double(rows.count { row in program.holds { shard.value($0, of: row) } })
    case .distinctCount(let field, let null): return Double(values(field, null: null).count)
    case .ofField(let statistic, let field): return statistics(field).number(statistic)
    case .firstTime: return rows.first.map { Double($0.time.milliseconds) } ?? .nan
    case .lastTime: return rows.last.map { Double($0.time.milliseconds) } ?? .nan
    default: return .nan
    }
  }

  private func program(_ predicate: Predicate) -> PredicateProgram {
    if let known = programs[predicate] { return known }
    let program = PredicateProgram(predicate)
    programs[predicate] = program
    return program
  }

  private func statistics(_ field: Field) -> FieldStatistics {
    if let known = statistics[field] { return known }
    var found = FieldStatistics()
    for row in rows {
      if let number = shard.value(field, of: row)?.decimalInteger { found.add(number) }
    }
    statistics[field] = found
    return found
  }

  /// Returns the distinct values of a field.
  func values(_ field: Field, null: LogText?) -> Set<Value> {
    let asked = Distinct(field: field, null: null)
    if let known = values[asked] { return known }
    let found = shard.values(field, null: null, of: rows)
    values[asked] = found
    return found
  }

  /// Returns the distinct elements of a field that holds a comma-separated list.
  func elements(_ field: Field) -> Set<Value> {
    values(field, null: nil).reduce(into: []) { elements, value in
      guard case .text(let text) = value else { return }
      withBytes(text.bytes) { $0.forEachPart { elements.insert(.text(LogText($0.array))) } }
    }
  }
}

/// Statistics of the integers in a field. The order of the rows does not matter, because nothing is rounded
/// before the end.
private struct FieldStatistics {
  private var (count, sum, least, greatest) = (0, Int128(0), Int.max, Int.min)

  mutating func add(_ number: Int) {
    count += 1
    sum += Int128(number)
    least = min(least, number)
    greatest = max(greatest, number)
  }

  func number(_ statistic: Statistic) -> Double {
    if count == 0 { return .nan }
    return switch statistic {
    case .sum: Double(sum)
    case .min: Double(least)
    case .max: Double(greatest)
    case .avg: Double(sum) / Double(count)
    }
  }
}

extension MergedShard {
  /// Returns the distinct values of a field.
  func values(_ field: Field, null: LogText?, of rows: ArraySlice<Observation>) -> Set<Value> {
    guard field != .clientIP else { return addresses(null: null, of: rows) }
    let slot = slot(of: field)
    // There are few facet entries and many rows, so each distinct entry is examined once.
    let entries = Set(rows.map { $0.facets[slot.facet.rawValue] })
    return entries.reduce(into: []) { values, entry in
      if let bytes = value(at: slot, of: entry) {
        values.insert(field.value(bytes))
      } else if let null {
        values.insert(.text(null))
      }
    }
  }

  private func addresses(null: LogText?, of rows: ArraySlice<Observation>) -> Set<Value> {
    rows.reduce(into: []) { values, row in
      if let address = row.address {
        values.insert(.address(address))
      } else if let null {
        values.insert(.text(null))
      }
    }
  }

  /// Returns the distinct texts that a template produces.
  ///
  /// - Parameter clientIP: client IP of the key.
  func texts(_ template: Template, of rows: ArraySlice<Observation>, clientIP: IPAddress?) -> Set<Value> {
    // Rows with equal facets produce the same text, unless the template contains the event's address.
    let showsAddress = template.parts.contains { if case .field(.clientIP, _) = $0 { true } else { false } }
    let distinct =
      showsAddress
      ? Array(rows) : Array(rows.reduce(into: [SIMD4<UInt32>: Observation]()) { $0[$1.facets] = $1 }.values)
    let address = clientIP?.description
    return distinct.reduce(into: []) { texts, row in
      var text: [UInt8] = []
      for part in template.parts {
        switch part {
        case .text(let constant): text += constant.bytes
        case .field(let field, let null):
          if let value = value(field, of: row) { value.append(to: &text) } else { text += null.bytes }
        case .clientIP(let null):
          if let address { text += address.utf8 } else { text += null.bytes }
        }
      }
      texts.insert(.text(LogText(text)))
    }
  }
}

extension Field {
  /// Returns a kept value with its type in the log.
  fileprivate func value(_ bytes: UnsafeBytes) -> Value {
    switch kind {
    case .boolean: .bool(bytes.isTrue)
    case .integer: bytes.decimalInteger.map { .integer($0) } ?? .text(LogText(bytes.array))
    default: .text(LogText(bytes.array))
    }
  }
}
