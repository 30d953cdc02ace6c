/// How deep a scan of JSON stands in an object: what is open, and whether in a string.
///
/// It is given the object's bytes piece by piece, and says where the object closes or where it cannot be whole; it does not
/// say that the object is valid, which whoever reads it does. What it sees of damage is what tells where something else begins:
///
/// - brackets that do not match;
/// - an object or array where none may stand, as behind another without a comma, or behind a comma in an object;
/// - in what seems to be a string, `}{"` and a letter: a quote is missing, and this is where two objects meet. A string may end
///   in `}{`, but no letter may follow its quote.
///
/// A step for each byte, and fixed memory.
struct JSONNesting {
  enum Step {
    /// All bytes are used.
    case more
    /// The byte before is the object's last.
    case closed
    /// The byte before cannot belong to the object.
    case damaged
    /// An object begins at the next byte that is not within this one.
    case begins
    /// The same, but `{"`, at this position, have been used for it.
    case begun(at: Position)
  }

  /// Beyond as many levels kinds of brackets are not told apart.
  private static let levelsKept = 1024

  private(set) var isInString = false
  private var depth = 0
  private var isEscaped = false
  /// Bit n of the whole: at depth n an object is open.
  private var kinds = [UInt64](repeating: 0, count: levelsKept / 64)
  /// The last byte outside strings that is not white space; a quote for a string.
  private var previous: UInt8 = 0
  /// Whether it is the brace that ends an object, or a comma behind one.
  private var followsObject = false
  /// How much of `}{"` stands before, begun in a string.
  private var meeting = 0
  private var meetingPosition = Position(fileOffset: 0, offsetInBlock: 0)

  /// Begins an object, of which `{` is used.
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

  /// nil where it is not kept.
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

  /// Uses bytes from `start` on, until something is to be said.
  ///
  /// - Parameters:
  ///   - first: where the first byte of the line stands that is not white space, if it is among these bytes.
  ///   - position: of a byte.
  /// - Returns: where it stands then.
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

  /// Uses the bytes of a string. - Returns: the offset behind its quote, or behind all bytes.
  private mutating func string(_ bytes: UnsafeBytes, from start: Int, position: (Int) -> Position) -> Int {
    var at = start
    while at < bytes.count {
      // Most bytes of a string mean nothing here: eight at a time.
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

  /// How many bytes of a word, from its first on, are neither quote, backslash nor brace.
  @inline(__always)
  private static func plainBytes(_ word: UInt64) -> Int {
    let stops =
      zeroBytes(word ^ 0x2222_2222_2222_2222) | zeroBytes(word ^ 0x5C5C_5C5C_5C5C_5C5C)
      | zeroBytes(word ^ 0x7B7B_7B7B_7B7B_7B7B) | zeroBytes(word ^ 0x7D7D_7D7D_7D7D_7D7D)
    return stops.trailingZeroBitCount / 8
  }

  /// The high bit of every byte that is zero, and nothing else.
  @inline(__always)
  private static func zeroBytes(_ word: UInt64) -> UInt64 {
    let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    return ~(((word & low) &+ low) | word | low)
  }
}
