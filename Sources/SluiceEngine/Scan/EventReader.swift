/// Reads the fields of one event at a time: walks its line, then gives out values, un-escaped, as they are asked for.
///
/// Values are views of the line where it holds them as they are, else of the reader's scratch memory; both last until
/// the next line.
struct EventReader: ~Copyable {
  private var walker: LineWalker
  private var risk: RiskText
  private var line = UnsafeBytes.empty
  private var scratch = UnsafeBuffer(capacity: 16 << 10)
  private var scratchUsed = 0
  /// Bit n: the field with number n has been looked at; it is not null.
  private var resolved: UInt64 = 0
  private var nonNull: UInt64 = 0
  private let values = UnsafeFixedArray(repeating: UnsafeBytes.empty, count: Field.allCases.count)

  /// - Parameter trie: of the fields that will be asked for, and those that they are derived from; others read as null.
  init(kernel: Kernel = .best, nestingMax: Int = Limits().nestingMax, trie: PathTrie = .raw) {
    walker = LineWalker(trie: trie, kernel: kernel, nestingMax: nestingMax)
    risk = RiskText(kernel: kernel)
  }

  mutating func read(_ line: UnsafeBytes) throws(LineWalker.Fault) {
    self.line = line
    resolved = 0
    nonNull = 0
    scratchUsed = 0
    try walker.walk(line)
    // What is spelled out is never longer than its spelling; derived fields read some of it once more.
    scratch.reserve(4 * line.count + 64, keeping: 0)
  }

  /// The value of a field; nil for null, which an empty string is too.
  mutating func value(_ field: Field) -> UnsafeBytes? {
    let bit: UInt64 = 1 << UInt64(field.rawValue)
    if resolved & bit == 0 {
      if field == .riskLevel || field == .riskReasons {
        resolveRisk()
      } else {
        set(field, raw(field))
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

  private mutating func raw(_ field: Field) -> UnsafeBytes? {
    guard let entry = walker.view[field] else { return nil }
    let text = line[Int(entry.start)..<Int(entry.start) + Int(entry.count)]
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

  private mutating func spell(_ produce: ((UInt8) -> Void) -> Void) -> UnsafeBytes {
    let text = scratch.fill(at: scratchUsed, produce)
    scratchUsed += text.count
    return text
  }

  private mutating func resolveRisk() {
    var found: RiskText.Found?
    if let json = value(.logOnlySecurityData) { found = risk.read(json: json) }
    if found == nil, let text = value(.risk) { found = RiskText.read(text: text) }
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
