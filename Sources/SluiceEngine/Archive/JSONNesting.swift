/// The nesting at a point of JSON text inside an object: which brackets are open, and whether the point is in a
/// string.
///
/// It receives the object's bytes in parts, and reports where the object closes or cannot be complete. It does not
/// validate the object, which its reader does. It detects the damage that shows where something else begins:
///
/// - brackets that do not match;
/// - an object or array where none may be, such as after another one without a comma, or after a comma in an object;
/// - in what seems to be a string, `}{"` and a letter. A quote is missing there, and two objects meet. A string may
///   end in `}{`, but no letter may follow its quote.
///
/// It takes one step per byte, and fixed memory.
struct JSONNesting {
  enum Step {
    /// All bytes have been consumed.
    case more
    /// The previous byte is the object's last.
    case closed
    /// The previous byte cannot belong to the object.
    case damaged
    /// Another object, which is not inside this one, begins at the next byte.
    case begins
    /// Another object begins at this position, and its first bytes `{"` have been consumed.
    case begun(at: Position)
  }

  /// Number of levels on which the kinds of brackets are distinguished.
  private static let levelsKept = 1024

  private(set) var isInString = false
  private var depth = 0
  private var isEscaped = false
  /// Bits of all levels: bit n is set if an object is open at depth n.
  private var kinds = [UInt64](repeating: 0, count: levelsKept / 64)
  /// The last byte outside strings that is not white space. A quote stands for a string.
  private var previous: UInt8 = 0
  /// Whether that byte is the brace that ends an object, or a comma after it.
  private var followsObject = false
  /// Number of bytes of `}{"`, begun in a string, that precede the point.
  private var meeting = 0
  private var meetingPosition = Position(fileOffset: 0, offsetInBlock: 0)

  /// Begins an object whose `{` has been consumed.
  mutating func begin() {
    depth = 0
    isInString = false
    isEscaped = false
    meeting = 0
    push(UInt8(ascii: "{"))
  }

  private mutating func push(_ byte: UInt8) {
    depth += 1
    previous = byte
    followsObject = false
    guard depth < Self.levelsKept else { return }
    let bit: UInt64 = 1 << UInt64(depth & 63)
    if byte == UInt8(ascii: "{") { kinds[depth >> 6] |= bit } else { kinds[depth >> 6] &= ~bit }
  }

  /// Whether the innermost bracket is that of an object; nil if that was not kept.
  private var isInObject: Bool? {
    depth < Self.levelsKept ? kinds[depth >> 6] & (1 << UInt64(depth & 63)) != 0 : nil
  }

  private var mayHoldValue: Bool {
    switch previous {
    case UInt8(ascii: "["), UInt8(ascii: ":"): true
    case UInt8(ascii: ","): isInObject != true
    default: false
    }
  }

  /// Consumes bytes from `start` on until there is something to report.
  ///
  /// - Parameters:
  ///   - first: offset of the line's first byte that is not white space, if it is among these bytes.
  ///   - position: returns the position of a byte.
  /// - Returns: the offset after the consumed bytes, and the report.
  mutating func advance(_ bytes: UnsafeBytes, from start: Int, first: Int?, position: (Int) -> Position)
    -> (end: Int, step: Step)
  {
    var at = start
    while at < bytes.count {
      if isInString {
        at = string(bytes, from: at, position: position)
        continue
      }
      let byte = bytes[at]
      if meeting == 3 {
        meeting = 0
        switch byte {
        case 0x20, 0x09, 0x0D, 0x0A, UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "}"),
          UInt8(ascii: "]"):
          break
        default:
          begin()
          isInString = true
          return (at, .begun(at: meetingPosition))
        }
      }
      switch byte {
      case 0x20, 0x09, 0x0D, 0x0A: break
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        guard mayHoldValue else {
          let isBeginning = byte == UInt8(ascii: "{") && (followsObject || at == first)
          return isBeginning ? (at, .begins) : (at + 1, .damaged)
        }
        push(byte)
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if let isInObject, isInObject != (byte == UInt8(ascii: "}")) { return (at + 1, .damaged) }
        depth -= 1
        previous = byte
        followsObject = byte == UInt8(ascii: "}")
        if depth == 0 { return (at + 1, .closed) }
      default:
        previous = byte
        if byte != UInt8(ascii: ",") { followsObject = false }
      }
      at += 1
    }
    return (at, .more)
  }

  /// Consumes the bytes of a string. - Returns: the offset after its closing quote, or after all bytes.
  private mutating func string(_ bytes: UnsafeBytes, from start: Int, position: (Int) -> Position) -> Int {
    var at = start
    while at < bytes.count {
      // Most bytes of a string mean nothing here, so eight are skipped at a time.
      if !isEscaped, bytes.count - at >= 8 {
        let plain = Self.plainBytes(bytes.word64(at: at))
        if plain > 0 { meeting = 0 }
        at += plain
        if plain == 8 { continue }
      }
      let byte = bytes[at]
      at += 1
      if isEscaped {
        isEscaped = false
        continue
      }
      switch byte {
      case UInt8(ascii: "\""):
        isInString = false
        previous = byte
        followsObject = false
        meeting = meeting == 2 ? 3 : 0
        return at
      case UInt8(ascii: "\\"):
        isEscaped = true
        meeting = 0
      case UInt8(ascii: "}"): meeting = 1
      case UInt8(ascii: "{") where meeting == 1:
        meeting = 2
        meetingPosition = position(at - 1)
      default: meeting = 0
      }
    }
    return at
  }

  /// Returns how many bytes of a word, from its first on, are neither quote, backslash nor brace.
  @inline(__always)
  private static func plainBytes(_ word: UInt64) -> Int {
    let stops =
      zeroBytes(word ^ 0x2222_2222_2222_2222) | zeroBytes(word ^ 0x5C5C_5C5C_5C5C_5C5C)
      | zeroBytes(word ^ 0x7B7B_7B7B_7B7B_7B7B) | zeroBytes(word ^ 0x7D7D_7D7D_7D7D_7D7D)
    return stops.trailingZeroBitCount / 8
  }

  /// Returns the high bit of every byte that is zero, and no other bits.
  @inline(__always)
  private static func zeroBytes(_ word: UInt64) -> UInt64 {
    let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    return ~(((word & low) &+ low) | word | low)
  }
}
