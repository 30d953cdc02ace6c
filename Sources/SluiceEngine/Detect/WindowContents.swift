import SluiceRecords
import SluiceRules

/// The observations of one key. One window is selected at a time; its condition and its columns can be evaluated.
struct WindowContents {
  let rule: Rule
  let shard: MergedShard
  let clientIP: IPAddress?
  let restOfKey: [Detection.Column]
  /// All observations of the key, in order of time.
  let rows: ArraySlice<Observation>

  private var selected: Range<Int> = 0..<0
  private(set) var windowStart = EventTime(milliseconds: 0)
  private var groups: InnerGroupValues?
  private let events: EventValues
  private let numbers: ColumnNumbers

  /// - Parameter groupNumbers: numbers of the rule's inner groups, if it has any.
  init(
    rule: Rule, shard: MergedShard, clientIP: IPAddress?, restOfKey: [Detection.Column],
    rows: ArraySlice<Observation>, groupNumbers: FieldNumbers?
  ) {
    self.rule = rule
    self.shard = shard
    self.clientIP = clientIP
    self.restOfKey = restOfKey
    self.rows = rows
    events = EventValues(in: shard)
    numbers = ColumnNumbers(count: rule.columns.count)
    if let inner = rule.groups, let groupNumbers {
      groups = InnerGroupValues(inner.columns, shard: shard, numbers: groupNumbers)
    }
  }

  /// Selects a window. - Parameter window: indices of its rows, from 0.
  mutating func select(_ window: Range<Int>, windowStart: EventTime) {
    selected = rows.startIndex + window.lowerBound..<rows.startIndex + window.upperBound
    self.windowStart = windowStart
    events.select(rows[selected])
    numbers.forget()
    groups?.take(rows[selected])
  }

  // Conditions are evaluated with a closure, because `evaluate(number)` would copy this value on every call.
  var fires: Bool { holds(rule.condition) }

  func holds(_ condition: Expression) -> Bool { condition.evaluate { number($0) } != 0 }

  /// Returns a column as a number; NaN for null or another type. Each column is evaluated once per window,
  /// however many others refer to it.
  func number(_ index: Int) -> Double {
    if let known = numbers[index] { return known }
    let number = evaluated(rule.columns[index].aggregate)
    numbers[index] = number
    return number
  }

  private func evaluated(_ aggregate: Aggregate) -> Double {
    switch aggregate {
    case .windowStart: Double(windowStart.milliseconds)
    case .groupCount: Double(groups?.count ?? 0)
    case .groupCountWhere(let condition): Double(groups?.count(where: condition) ?? 0)
    case .ofGroups(let statistic, let column): groups?.value(statistic, column) ?? .nan
    case .expression(let expression): expression.evaluate { number($0) }
    default: events.number(aggregate)
    }
  }

  /// Returns the detection of the window. - Parameter files: paths by number; nil for no evidence.
  func detection(windowEnd: EventTime, files: [LogText]?) -> Detection {
    let columns = rule.columns.indices.map { Detection.Column(rule.columns[$0].name, value($0)) }
    var detection = Detection(
      rule: rule.metadata, clientIP: clientIP, restOfKey: restOfKey, windowStart: windowStart,
      windowEnd: windowEnd,
      firstSeen: rows[selected.lowerBound].time, lastSeen: rows[selected.upperBound - 1].time,
      eventCount: selected.count, columns: columns, message: message(columns))
    detection.evidence = files.flatMap { shard.evidence(of: rows[selected], files: $0) }
      .map { DetectionEvidence(events: $0) }
    return detection
  }

  /// Values of the selected window that exceptions can refer to.
  var exceptionSubject: ExceptionSubject {
    ExceptionSubject(
      rule: rule.id, clientIP: clientIP, firstSeen: rows[selected.lowerBound].time,
      lastSeen: rows[selected.upperBound - 1].time,
      values: { [events] field in events.values(field, null: nil) })
  }

  private func value(_ index: Int) -> Value {
    switch rule.columns[index].aggregate {
    case .values(let field, let null): list(events.values(field, null: null))
    case .elements(let field): list(events.elements(field))
    case .texts(let template): list(shard.texts(template, of: rows[selected], clientIP: clientIP))
    case .keyPart(let part): restOfKey[part].value
    case .clientIP: clientIP.map { .address($0) } ?? .null
    case .clientIPText(let null): .text(clientIP.map { LogText($0.description) } ?? null)
    default: Value(number(index), rule.columns[index].type)
    }
  }

  /// Returns a sorted list of values. An empty list is null.
  private func list(_ values: Set<Value>) -> Value {
    values.isEmpty ? .null : .list(values.sorted(by: Value.inOrder))
  }

  private func message(_ columns: [Detection.Column]) -> LogText {
    var text: [UInt8] = []
    for part in rule.message.parts {
      switch part {
      case .text(let constant): text += constant.bytes
      case .clientIP(let null):
        if let clientIP { text += clientIP.description.utf8 } else { text += null.bytes }
      case .column(let index, let null): text += columns[index].value.shown ?? null.bytes
      }
    }
    return LogText(text)
  }
}

/// Numbers of the selected window's columns that have been evaluated so far.
private final class ColumnNumbers {
  private var numbers: [Double?]

  init(count: Int) { numbers = Array(repeating: nil, count: count) }

  /// Forgets all numbers, for another window.
  func forget() {
    for index in numbers.indices { numbers[index] = nil }
  }

  subscript(column: Int) -> Double? {
    get { numbers[column] }
    set { numbers[column] = newValue }
  }
}

extension Value {
  /// Creates the value of a column of some type from a number; null for NaN and infinity.
  fileprivate init(_ number: Double, _ type: ColumnType) {
    guard number.isFinite else {
      self = .null
      return
    }
    // Above 2^53 a double does not represent every integer exactly.
    let integer = abs(number) <= 0x1p53 ? Int(exactly: number) : nil
    switch (type, integer) {
    case (.integer, let integer?): self = .integer(integer)
    case (.time, let integer?): self = .time(EventTime(milliseconds: Int64(integer)))
    default: self = .double(number)
    }
  }

  /// Text of the value in a message; nil for null.
  fileprivate var shown: [UInt8]? {
    switch self {
    case .null: nil
    case .bool(let value): Array("\(value)".utf8)
    case .integer(let value): Array(String(value).utf8)
    case .double(let value): Array(value.description.utf8)
    case .text(let value): value.bytes
    case .time(let time): Array(time.description.utf8)
    case .address(let address): Array(address.description.utf8)
    case .list(let values): Array(values.compactMap(\.shown).joined(separator: Array(", ".utf8)))
    }
  }
}
