/// What the walker saw of one line: for each field where its value lies, and of what JSON type it is.
struct EventView: ~Copyable {
  enum JSONType: UInt8 { case string, escapedString, number, `true`, `false`, null, object, array }

  struct Entry {
    var start: UInt32 = 0
    var count: UInt32 = 0
    var type = JSONType.null
  }

  /// Bit n is set if the field with number n is present.
  private(set) var present: UInt64 = 0
  private let entries = UnsafeFixedArray(repeating: Entry(), count: Field.allCases.count)

  subscript(field: Field) -> Entry? {
    present & (1 << UInt64(field.rawValue)) == 0 ? nil : entries[field.rawValue]
  }

  mutating func clear() { present = 0 }

  mutating func forget(_ fields: UInt64) { present &= ~fields }

  /// - Parameter range: of the line; of a string, without its quotes.
  @inline(__always)
  mutating func set(_ field: Int, _ range: Range<Int>, _ type: JSONType) {
    entries[field] = Entry(
      start: UInt32(truncatingIfNeeded: range.lowerBound), count: UInt32(truncatingIfNeeded: range.count),
      type: type)
    present |= 1 << UInt64(field)
  }
}
