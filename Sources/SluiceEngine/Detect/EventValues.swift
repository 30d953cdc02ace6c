import SluiceRecords

/// What columns are made of: values over some of a shard's observations.
extension MergedShard {
  /// A column's number over some observations, at least one, in order of time; what has no value is not a number.
  func number(_ aggregate: Aggregate, of rows: ArraySlice<Observation>) -> Double {
    switch aggregate {
    case .eventCount: return Double(rows.count)
    case .eventCountWhere(let program):
      return Double(rows.count { row in program.holds { value($0, of: row) } })
    case .distinctCount(let field, let null): return Double(values(field, null: null, of: rows).count)
    case .ofField(let statistic, let field): return number(statistic, field, of: rows)
    case .firstTime: return rows.first.map { Double($0.time.milliseconds) } ?? .nan
    case .lastTime: return rows.last.map { Double($0.time.milliseconds) } ?? .nan
    default: return .nan
    }
  }

  /// Over the integers that a field holds. The order of the rows cannot matter, as nothing is rounded before the end.
  private func number(_ statistic: Statistic, _ field: Field, of rows: ArraySlice<Observation>) -> Double {
    var (count, sum, least, greatest) = (0, Int128(0), Int.max, Int.min)
    for row in rows {
      guard let number = value(field, of: row)?.decimalInteger else { continue }
      count += 1
      sum += Int128(number)
      least = Swift.min(least, number)
      greatest = Swift.max(greatest, number)
    }
    if count == 0 { return .nan }
    return switch statistic {
    case .sum: Double(sum)
    case .min: Double(least)
    case .max: Double(greatest)
    case .avg: Double(sum) / Double(count)
    }
  }

  /// Distinct values of a field.
  func values(_ field: Field, null: LogText?, of rows: ArraySlice<Observation>) -> Set<Value> {
    guard field != .clientIP else { return addresses(null: null, of: rows) }
    let place = place(of: field)
    // Few facets, many rows: each distinct facet is looked at once.
    let entries = Set(rows.map { $0.facets[place.facet.rawValue] })
    return entries.reduce(into: []) { values, entry in
      if let bytes = value(at: place, of: entry) {
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

  /// Distinct elements of a field that holds a comma-separated list.
  func elements(_ field: Field, of rows: ArraySlice<Observation>) -> Set<Value> {
    values(field, null: nil, of: rows).reduce(into: []) { elements, value in
      guard case .text(let text) = value else { return }
      withBytes(text.bytes) { $0.forEachPart { elements.insert(.text(LogText($0.array))) } }
    }
  }

  /// Distinct texts that a template gives.
  ///
  /// - Parameter clientIP: of the key.
  func texts(_ template: Template, of rows: ArraySlice<Observation>, clientIP: IPAddress?) -> Set<Value> {
    // Rows of the same facets give the same text, unless it holds the event's address.
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
  /// A kept value as the log meant it.
  fileprivate func value(_ bytes: UnsafeBytes) -> Value {
    switch kind {
    case .boolean: .bool(bytes.isTrue)
    case .integer: bytes.decimalInteger.map { .integer($0) } ?? .text(LogText(bytes.array))
    default: .text(LogText(bytes.array))
    }
  }
}
