/// Writes JSON text and keeps the given order of keys.
///
/// Swift's own encoders promise neither the order of keys nor the form of numbers. The records' bytes are a contract
/// (same input, same bytes out), so this type writes them.
///
///     var json = JSONWriter()
///     json.object { $0.member("id", "a"); $0.member("n", 3) }   // {"id":"a","n":3}
package struct JSONWriter {
  package private(set) var bytes: [UInt8] = []
  private var needsComma = false

  package init() {}

  package mutating func object(_ members: (inout JSONWriter) throws -> Void) rethrows {
    try nested(open: "{", close: "}", members)
  }

  package mutating func array(_ elements: (inout JSONWriter) throws -> Void) rethrows {
    try nested(open: "[", close: "]", elements)
  }

  private mutating func nested(
    open: Unicode.Scalar, close: Unicode.Scalar, _ body: (inout JSONWriter) throws -> Void
  ) rethrows {
    separate()
    bytes.append(UInt8(ascii: open))
    needsComma = false
    try body(&self)
    bytes.append(UInt8(ascii: close))
    needsComma = true
  }

  /// Writes `"name":`; exactly one value must follow.
  package mutating func key(_ name: String) {
    separate()
    quoted(Array(name.utf8))
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  package mutating func member(_ name: String, _ value: Value) {
    key(name)
    write(value)
  }

  package mutating func member(_ name: String, _ value: String?) {
    member(name, value.map { .text(LogText($0)) } ?? .null)
  }

  package mutating func member(_ name: String, _ value: Int?) {
    member(name, value.map { .integer($0) } ?? .null)
  }

  package mutating func member(_ name: String, _ value: [String]) {
    member(name, .list(value.map { .text(LogText($0)) }))
  }

  package mutating func write(_ value: Value) {
    if case .list(let values) = value {
      array { json in for value in values { json.write(value) } }
      return
    }
    separate()
    switch value {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let value): bytes.append(contentsOf: String(value).utf8)
    case .double(let value):
      // Swift's description is the shortest text that reads back as the same double.
      precondition(value.isFinite, "JSON has no spelling for \(value)")
      bytes.append(contentsOf: value.description.utf8)
    case .text(let text): quoted(text.bytes)
    case .time(let time): quoted(Array(time.description.utf8))
    case .address(let address): quoted(Array(address.description.utf8))
    case .list: preconditionFailure("written above")
    }
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = false
  }

  /// Writes a quoted string.
  ///
  /// It escapes the quote, the backslash and controls, as JSON requires. It also escapes DEL and ``isInvisible(_:)``,
  /// so that a record is safe to show on a terminal.
  private mutating func quoted(_ text: [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    var i = 0
    while i < text.count {
      // This is usually the whole text.
      let plainEnd = text[i...].firstIndex { !Self.isPlain($0) } ?? text.count
      bytes.append(contentsOf: text[i..<plainEnd])
      i = plainEnd
      if i == text.count { break }
      let byte = text[i]
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0x0A: bytes.append(contentsOf: "\\n".utf8)
      case 0x0D: bytes.append(contentsOf: "\\r".utf8)
      case 0x09: bytes.append(contentsOf: "\\t".utf8)
      case 0x00..<0x20, 0x7F: escape(UInt16(byte))
      case 0xC2...0xF4:
        let (scalar, count) = Self.scalar(text[i...])
        if Self.isInvisible(scalar) {
          escape(scalar)
        } else {
          bytes.append(contentsOf: text[i..<i + count])
        }
        i += count - 1
      default: bytes.append(byte)
      }
      i += 1
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  /// Returns the WTF-8 code point at the start of a text and its byte count; truncated text counts as one byte.
  private static func scalar(_ text: ArraySlice<UInt8>) -> (value: UInt32, count: Int) {
    let first = UInt32(text[text.startIndex])
    let count = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    guard text.count >= count else { return (first, 1) }
    let rest = text.dropFirst().prefix(count - 1)
    return (rest.reduce(first & (0x7F >> UInt32(count))) { $0 << 6 | UInt32($1 & 0x3F) }, count)
  }

  private mutating func escape(_ scalar: UInt32) {
    if scalar > 0xFFFF {
      escape(UInt16(0xD7C0 + (scalar >> 10)))
      escape(UInt16(0xDC00 + (scalar & 0x3FF)))
    } else {
      escape(UInt16(scalar))
    }
  }

  private mutating func escape(_ unit: UInt16) {
    let digits = Array("0123456789abcdef".utf8)
    bytes.append(contentsOf: "\\u".utf8)
    for shift in stride(from: 12, through: 0, by: -4) {
      bytes.append(digits[Int(unit >> UInt16(shift)) & 15])
    }
  }

  /// Returns whether a scalar is invisible.
  ///
  /// These are C1 controls, surrogates (from lone surrogate escapes), and Unicode 16's format characters and line and
  /// paragraph separators: zero-width, bidirectional, tags.
  private static func isInvisible(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x80...0x9F, 0xAD, 0x600...0x605, 0x61C, 0x6DD, 0x70F, 0x890...0x891, 0x8E2, 0x180E, 0x200B...0x200F,
      0x2028...0x202E,
      0x2060...0x206F, 0xD800...0xDFFF, 0xFEFF, 0xFFF9...0xFFFB, 0x110BD, 0x110CD, 0x13430...0x1343F,
      0x1BCA0...0x1BCA3,
      0x1D173...0x1D17A, 0xE0001, 0xE0020...0xE007F:
      true
    default: false
    }
  }
}
