import SluiceRecords

/// One key's observations, of which one window is selected at a time; says whether it fires, and with what columns.
struct WindowContents {
  let rule: Rule
  let shard: MergedShard
  let clientIP: IPAddress?
  let restOfKey: [Detection.Column]
  /// In order of time.
  let rows: ArraySlice<Observation>
  private let groupNumbers: FieldNumbers?

  private var selected: Range<Int> = 0..<0
  private var windowStart = EventTime(milliseconds: 0)
  /// How many events of the window each inner group has; groups without any are not in it.
  private var groupCounts: [Int] = []
  /// By group number; all zero between windows.
  private var tally: [Int] = []

  init(
    rule: Rule, shard: MergedShard, clientIP: IPAddress?, restOfKey: [Detection.Column],
    rows: ArraySlice<Observation>, groupNumbers: FieldNumbers?
  ) {
    self.rule = rule
    self.shard = shard
    self.clientIP = clientIP
    self.restOfKey = restOfKey
    self.rows = rows
    self.groupNumbers = groupNumbers
  }

  /// - Parameter window: which rows, counted from 0.
  mutating func select(_ window: Range<Int>, windowStart: EventTime) {
    selected = rows.startIndex + window.lowerBound..<rows.startIndex + window.upperBound
    self.windowStart = windowStart
    countGroups()
  }

  private mutating func countGroups() {
    guard let groupNumbers else { return }
    groupCounts.removeAll(keepingCapacity: true)
    var present: [Int] = []
    for row in rows[selected] {
      let number = groupNumbers.number(of: row)
      if number >= tally.count { tally.append(contentsOf: repeatElement(0, count: number + 1 - tally.count)) }
      if tally[number] == 0 { present.append(number) }
      tally[number] += 1
    }
    for number in present {
      groupCounts.append(tally[number])
      tally[number] = 0
    }
  }

  // `evaluate(number)` would copy this value, with all it refers to, for every call.
  var fires: Bool { rule.condition.evaluate { number($0) } != 0 }

  /// A column as a number; a column that is none makes every comparison false.
  private func number(_ name: String) -> Double {
    guard let column = rule.columns.first(where: { $0.name == name }) else {
      preconditionFailure("the rule \(rule.id) has no column \(name)")
    }
    if case .expression(let expression) = column.aggregate { return expression.evaluate { number($0) } }
    switch value(column.aggregate) {
    case .integer(let value): return Double(value)
    case .double(let value): return value
    default: return .nan
    }
  }

  func detection(windowEnd: EventTime) -> Detection {
    let columns = rule.columns.map { Detection.Column($0.name, value($0.aggregate)) }
    return Detection(
      rule: rule.metadata, clientIP: clientIP, restOfKey: restOfKey, windowStart: windowStart,
      windowEnd: windowEnd,
      firstSeen: rows[selected.lowerBound].time, lastSeen: rows[selected.upperBound - 1].time,
      eventCount: selected.count, columns: columns, message: message(columns))
  }

  private func message(_ columns: [Detection.Column]) -> LogText {
    let address = clientIP?.description
    var text: [UInt8] = []
    for part in rule.message.parts {
      guard case .column(let name) = part else {
        write(part, rows[selected.lowerBound], address, to: &text)
        continue
      }
      switch columns.first(where: { $0.name == name })?.value {
      case .integer(let value): text += String(value).utf8
      case .double(let value): text += value.description.utf8
      case .text(let value): text += value.bytes
      default: break
      }
    }
    return LogText(text)
  }

  // MARK: Aggregates

  private func value(_ aggregate: Aggregate) -> Value {
    switch aggregate {
    case .eventCount: .integer(selected.count)
    case .eventCountWhere(let predicate): .integer(eventCount(where: PredicateProgram(predicate)))
    case .firstTime: .time(rows[selected.lowerBound].time)
    case .lastTime: .time(rows[selected.upperBound - 1].time)
    case .windowStart: .time(windowStart)
    case .values(let field, let null): list(values(field, null: null))
    case .distinctCount(let field, let null): .integer(values(field, null: null).count)
    case .elements(let field):
      list(
        values(field, null: nil).reduce(into: Set<Value>()) { elements, value in
          guard case .text(let text) = value else { return }
          withBytes(text.bytes) { $0.forEachPart { elements.insert(.text(LogText($0.array))) } }
        })
    case .texts(let template): list(texts(template))
    case .groups(let aggregate): groups(aggregate)
    case .keyPart(let name): restOfKey.first { $0.name == name }?.value ?? .null
    case .clientIP: clientIP.map { .address($0) } ?? .null
    case .clientIPText(let null): .text(clientIP.map { LogText($0.description) } ?? null)
    case .expression(let expression): .double(expression.evaluate { number($0) })
    }
  }

  private func eventCount(where program: PredicateProgram) -> Int {
    rows[selected].count { row in program.holds { shard.value($0, of: row) } }
  }

  private func groups(_ aggregate: GroupAggregate) -> Value {
    switch aggregate {
    case .count: .integer(groupCounts.count)
    case .sum: .integer(groupCounts.reduce(0, +))
    case .maximum: .integer(groupCounts.max() ?? 0)
    case .minimum: .integer(groupCounts.min() ?? 0)
    case .average: .double(Double(groupCounts.reduce(0, +)) / Double(groupCounts.count))
    case .countWithAtMost(let limit): .integer(groupCounts.count { $0 <= limit })
    }
  }

  /// An empty list is null.
  private func list(_ values: Set<Value>) -> Value {
    values.isEmpty ? .null : .list(values.sorted(by: Value.inOrder))
  }

  private func values(_ field: Field, null: LogText?) -> Set<Value> {
    guard let place = Facet.places[field.rawValue] else { preconditionFailure("\(field) is not kept") }
    // Few facets, many rows: each distinct facet is looked at once.
    let entries = Set(rows[selected].map { $0.facets[place.facet.rawValue] })
    return entries.reduce(into: []) { values, entry in
      if let bytes = FacetBytes.field(place.index, of: shard.facets[place.facet.rawValue][Int(entry)]) {
        values.insert(field.value(bytes))
      } else if let null {
        values.insert(.text(null))
      }
    }
  }

  private func texts(_ template: Template) -> Set<Value> {
    let rows = rows[selected].reduce(into: [SIMD4<UInt32>: Observation]()) { $0[$1.facets] = $1 }
    let address = clientIP?.description
    return rows.values.reduce(into: []) { texts, row in
      var text: [UInt8] = []
      for part in template.parts { write(part, row, address, to: &text) }
      texts.insert(.text(LogText(text)))
    }
  }

  /// - Parameter address: the client IP as text, which is the same for all rows.
  private func write(
    _ part: Template.Part, _ row: Observation, _ address: String?, to text: inout [UInt8]
  ) {
    switch part {
    case .text(let constant): text += constant.bytes
    case .field(let field, let null):
      if let value = shard.value(field, of: row) { value.append(to: &text) } else { text += null.bytes }
    case .clientIP(let null):
      if let address { text += address.utf8 } else { text += null.bytes }
    case .column: preconditionFailure("columns stand in messages only")
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
