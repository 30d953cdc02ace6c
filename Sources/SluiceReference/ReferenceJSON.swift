import SluiceRecords

/// Parses one JSON text (RFC 8259) into a tree, by recursive descent, byte by byte.
///
/// Foundation's parser is not used, because it does not allow three decisions: the last member of a repeated key
/// counts, a lone surrogate escape is kept (as WTF-8, see `LogText`), and `1.0` is not an integer. The tests compare
/// this parser with Foundation's on everything else.
///
/// An invalid text gives nil: truncated, with trailing bytes, with invalid UTF-8, or with more than `depthMax` nested
/// containers.
///
/// - Complexity: linear; one array per object.
enum ReferenceJSON: Equatable {
  case null
  case bool(Bool)
  /// A number as it is written.
  case number(String)
  case string(LogText)
  case array([ReferenceJSON])
  case object([Member])

  struct Member: Equatable {
    var key: LogText
    var value: ReferenceJSON
  }

  /// The maximum depth, so that hostile lines cannot exhaust the stack.
  static let depthMax = 1024

  init?(parsing bytes: [UInt8]) {
    guard String(validating: bytes, as: UTF8.self) != nil else { return nil }
    var parser = Parser(bytes: bytes)
    guard let tree = parser.value(depth: 0) else { return nil }
    parser.skipWhiteSpace()
    guard parser.position == bytes.count else { return nil }
    self = tree
  }

  /// Parses one value from `position` on and moves `position` after it; later bytes are not examined.
  ///
  /// - Parameter depth: the number of enclosing containers.
  init?(in bytes: [UInt8], at position: inout Int, depth: Int) {
    var parser = Parser(bytes: bytes, position: position)
    guard let tree = parser.value(depth: depth) else { return nil }
    guard String(validating: bytes[position..<parser.position], as: UTF8.self) != nil else { return nil }
    position = parser.position
    self = tree
  }

  /// The last member with a name; nil if there is none or this is not an object.
  subscript(_ name: LogText) -> ReferenceJSON? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.key == name }?.value
  }

  /// The value at a path of names.
  subscript(path first: LogText, _ rest: LogText...) -> ReferenceJSON? {
    rest.reduce(self[first]) { $0?[$1] }
  }
}

private struct Parser {
  let bytes: [UInt8]
  var position = 0

  mutating func skipWhiteSpace() {
    while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
  }

  /// Skips the character if it is next.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func take(word: String) -> Bool {
    guard bytes[position...].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    return true
  }

  /// - Parameter depth: the number of enclosing containers.
  mutating func value(depth: Int) -> ReferenceJSON? {
    skipWhiteSpace()
    if take("{") { return object(depth: depth) }
    if take("[") { return array(depth: depth) }
    if take("\"") { return string().map { .string($0) } }
    if take(word: "true") { return .bool(true) }
    if take(word: "false") { return .bool(false) }
    if take(word: "null") { return .null }
    return number()
  }

  mutating func object(depth: Int) -> ReferenceJSON? {
    guard depth < ReferenceJSON.depthMax else { return nil }
    var members: [ReferenceJSON.Member] = []
    skipWhiteSpace()
    if take("}") { return .object([]) }
    repeat {
      skipWhiteSpace()
      guard take("\""), let key = string() else { return nil }
      skipWhiteSpace()
      guard take(":"), let value = value(depth: depth + 1) else { return nil }
      members.append(.init(key: key, value: value))
      skipWhiteSpace()
    } while take(",")
    return take("}") ? .object(members) : nil
  }

  mutating func array(depth: Int) -> ReferenceJSON? {
    guard depth < ReferenceJSON.depthMax else { return nil }
    var elements: [ReferenceJSON] = []
    skipWhiteSpace()
    if take("]") { return .array([]) }
    repeat {
      guard let value = value(depth: depth + 1) else { return nil }
      elements.append(value)
      skipWhiteSpace()
    } while take(",")
    return take("]") ? .array(elements) : nil
  }

  /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
  mutating func number() -> ReferenceJSON? {
    let start = position
    _ = take("-")
    if !take("0") {
      guard digits() > 0 else { return nil }
    }
    if take(".") {
      guard digits() > 0 else { return nil }
    }
    if take("e") || take("E") {
      _ = take("+") || take("-")
      guard digits() > 0 else { return nil }
    }
    return .number(String(decoding: bytes[start..<position], as: UTF8.self))
  }

  mutating func digits() -> Int {
    let start = position
    while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
    return position - start
  }

  /// Parses the rest of a string after its opening quote.
  mutating func string() -> LogText? {
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return LogText(text)
      case 0x00..<0x20: return nil
      case UInt8(ascii: "\\"):
        guard let codePoint = escape() else { return nil }
        text += Self.generalizedUTF8(codePoint)
      default: text.append(byte)
      }
    }
    return nil
  }

  /// Parses the rest of an escape after its backslash into a code point; a surrogate only if it has no partner.
  mutating func escape() -> UInt32? {
    guard position < bytes.count else { return nil }
    let letter = Unicode.Scalar(bytes[position])
    position += 1
    switch letter {
    case "\"", "\\", "/": return letter.value
    case "b": return 0x08
    case "f": return 0x0C
    case "n": return 0x0A
    case "r": return 0x0D
    case "t": return 0x09
    case "u":
      guard let high = fourHexDigits() else { return nil }
      let afterHigh = position
      if (0xD800..<0xDC00).contains(high), take("\\"), take("u"), let low = fourHexDigits(),
        (0xDC00..<0xE000).contains(low)
      {
        return 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
      }
      position = afterHigh
      return high
    default: return nil
    }
  }

  mutating func fourHexDigits() -> UInt32? {
    guard position + 4 <= bytes.count else { return nil }
    var number: UInt32 = 0
    for byte in bytes[position..<position + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      number = number * 16 + UInt32(digit)
    }
    position += 4
    return number
  }

  /// Returns UTF-8 by its bit pattern, which for surrogates is WTF-8.
  static func generalizedUTF8(_ codePoint: UInt32) -> [UInt8] {
    func tail(_ shift: UInt32) -> UInt8 { UInt8(0x80 | (codePoint >> shift) & 0x3F) }
    switch codePoint {
    case ..<0x80: return [UInt8(codePoint)]
    case ..<0x800: return [UInt8(0xC0 | codePoint >> 6), tail(0)]
    case ..<0x10000: return [UInt8(0xE0 | codePoint >> 12), tail(6), tail(0)]
    default: return [UInt8(0xF0 | codePoint >> 18), tail(12), tail(6), tail(0)]
    }
  }
}
