import SluiceRules

/// The walker's view of one object: the range and JSON type of the value in each slot. A slot belongs to a field, or
/// to something else that the trie notes.
struct EventView: ~Copyable {
  enum JSONType: UInt8 { case string, escapedString, number, `true`, `false`, null, object, array }

  struct Entry {
    var start: UInt32 = 0
    var count: UInt32 = 0
    var type = JSONType.null

    var range: Range<Int> { Int(start)..<Int(start) + Int(count) }

    var isString: Bool { type == .string || type == .escapedString }
  }

  static let slotCount = 64

  /// Bit n is set if slot n is present.
  private(set) var present: UInt64 = 0
  private let entries = UnsafeFixedArray(repeating: Entry(), count: slotCount)

  subscript(field: Field) -> Entry? { self[slot: field.rawValue] }

  subscript(slot slot: Int) -> Entry? { present & (1 << UInt64(slot)) == 0 ? nil : entries[slot] }

  /// Copies another view.
  mutating func adopt(_ other: borrowing EventView) {
    present = other.present
    for slot in 0..<Self.slotCount { entries[slot] = other.entries[slot] }
  }

  mutating func clear() { present = 0 }

  mutating func forget(_ slots: UInt64) { present &= ~slots }

  /// Sets the value of a slot. - Parameter range: its range in the text, without the quotes of a string.
  @inline(__always)
  mutating func set(_ slot: Int, _ range: Range<Int>, _ type: JSONType) {
    entries[slot] = Entry(
      start: UInt32(truncatingIfNeeded: range.lowerBound), count: UInt32(truncatingIfNeeded: range.count),
      type: type)
    present |= 1 << UInt64(slot)
  }
}
