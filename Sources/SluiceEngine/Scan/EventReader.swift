import SluiceRules

/// A reader of the fields of one event at a time. It finds the records of a line, then returns an event's values,
/// unescaped, when they are asked for.
///
///     reader.open(line)
///     while let record = reader.next() {
///       if case .event = record { … reader.value(.eventType) … }
///     }
///
/// Values are views of the line where it contains them unchanged, otherwise of the reader's scratch memory. Both are
/// valid until the next record.
struct EventReader: ~Copyable {
  private var records: RecordReader
  private var risk: RiskParser
  private var scratch = UnsafeBuffer(capacity: 16 << 10)
  private var scratchUsed = 0
  /// Bit n of `resolved` is set if field n has been read, and of `nonNull` if it is not null.
  private var resolved: UInt64 = 0
  private var nonNull: UInt64 = 0
  private let values = UnsafeFixedArray(repeating: UnsafeBytes.empty, count: Field.allCases.count)

  /// - Parameter tries: the tries of the fields that will be asked for and those from which they are derived. Other
  ///   fields read as null.
  init(simdTarget: SIMDTarget = .best, nestingMax: Int = Limits().nestingMax, tries: ShapeTries = .all) {
    records = RecordReader(simdTarget: simdTarget, nestingMax: nestingMax, tries: tries)
    risk = RiskParser(simdTarget: simdTarget)
  }

  // MARK: Records

  mutating func open(_ line: UnsafeBytes) { records.open(line) }

  /// Returns the next record of the line; nil at its end.
  mutating func next() -> RecordReader.Record? {
    let record = records.next()
    if case .event = record {
      resolved = 0
      nonNull = 0
      scratchUsed = 0
      // Unescaped text is never longer than escaped text. Derived fields read some of it again.
      scratch.reserve(4 * records.text.count + 64, keeping: 0)
    }
    return record
  }

  /// Returns whether a text is one complete object and nothing else. No line may be open.
  mutating func isOneObject(_ text: UnsafeBytes) -> Bool { records.isOneObject(text) }

  /// Returns whether the current record of no known shape contains one of the texts, as it is or escaped. It also
  /// searches strings inside strings, as deep as wrappers may nest.
  mutating func unrecognisedTextHolds(oneOf texts: [[UInt8]]) -> Bool {
    var text = records.unrecognisedText
    var memory = UnsafeBuffer(capacity: text.count)
    for _ in 0...ShapeRule.wrappersMax {
      if texts.contains(where: { text.contains($0) }) { return true }
      if text.firstIndex(of: UInt8(ascii: "\\")) == nil { return false }
      let escaped = text.array
      text = withBytes(escaped) { escaped in memory.fill(at: 0) { unescapeLeniently(escaped, $0) } }
    }
    return false
  }

  /// The current record of no known shape, with its wrapper.
  var unrecognisedText: UnsafeBytes { records.unrecognisedText }

  /// The current event as JSON, without the text around it. An event in a string is unescaped.
  var ownText: UnsafeBytes { records.ownText }

  // MARK: Values

  /// Returns the value of a field; nil for null. An empty string is null too.
  mutating func value(_ field: Field) -> UnsafeBytes? {
    let bit: UInt64 = 1 << UInt64(field.rawValue)
    if resolved & bit == 0 {
      if field == .riskLevel || field == .riskReasons {
        resolveRisk()
      } else {
        set(field, logged(field, slot: field.rawValue))
        if nonNull & bit == 0, records.isElastic { setElsewhere(field) }
      }
    }
    return nonNull & bit == 0 ? nil : values[field.rawValue]
  }

  private mutating func set(_ field: Field, _ value: UnsafeBytes?) {
    let bit: UInt64 = 1 << UInt64(field.rawValue)
    resolved |= bit
    guard let value, !value.isEmpty else { return }
    nonNull |= bit
    values[field.rawValue] = value
  }

  private mutating func logged(_ field: Field, slot: Int) -> UnsafeBytes? {
    guard let entry = records[slot: slot] else { return nil }
    let text = records.text[entry.range]
    switch (field.kind, entry.type) {
    case (.string, .string), (.stringOrBoolean, .string), (.stringOrObject, .string): return text
    case (.string, .escapedString), (.stringOrBoolean, .escapedString), (.stringOrObject, .escapedString):
      return spell { unescape(text, $0) }
    case (.boolean, .true), (.boolean, .false), (.stringOrBoolean, .true), (.stringOrBoolean, .false):
      return text
    case (.stringOrObject, .object): return text
    case (.integer, .number): return text.decimalInteger == nil ? nil : text
    default: return nil
    }
  }

  /// Sets a field that is null at its first path in an Elastic document to the next path with a value.
  private mutating func setElsewhere(_ field: Field) {
    for slot in FieldTable.elasticOtherSlots[field.rawValue] {
      guard let value = logged(field, slot: slot), !value.isEmpty else { continue }
      return set(field, value)
    }
  }

  private mutating func spell(_ produce: ((UInt8) -> Void) -> Void) -> UnsafeBytes {
    let text = scratch.fill(at: scratchUsed, produce)
    scratchUsed += text.count
    return text
  }

  private mutating func resolveRisk() {
    var found: RiskParser.ParsedRisk?
    if records.isElastic {
      found = RiskParser.read(
        level: records[slot: Field.riskLevel.rawValue], reasons: records[slot: Field.riskReasons.rawValue],
        in: records.text)
    } else {
      if let json = value(.logOnlySecurityData) { found = risk.read(json: json) }
      if found == nil, let text = value(.risk) { found = RiskParser.read(text: text) }
    }
    set(.riskLevel, found?.level.map { level in spell { put in level.forEach(put) } })
    set(
      .riskReasons,
      found.map { found in
        spell { put in
          for (i, reason) in found.reasons.enumerated() {
            if i > 0 { put(UInt8(ascii: ",")) }
            reason.forEach(put)
          }
        }
      })
  }
}
