import CKernels

/// A line of JSON with marks at the bytes where the plain text of its strings ends or is interrupted.
///
/// A C kernel (see `kernels.h`) makes the marks for the whole line at once. The end of a string is then found in one
/// step, whatever its length, and not byte by byte. Functions read a token at an offset and return the offset after
/// it.
struct JSONCursor {
  let bytes: UnsafeBytes
  /// The marks: bit n & 7 of byte n >> 3 belongs to byte n of the line. It is set for every n from `count` on.
  private let stops: UnsafePointer<UInt8>

  /// - Parameter marks: memory for the marks. It must outlive the line and must not be written meanwhile.
  init(_ bytes: UnsafeBytes, marks: inout UnsafeBuffer, simdTarget: SIMDTarget) {
    self.bytes = bytes
    marks.reserve((bytes.count / 64 + 2) * 8, keeping: 0)
    switch simdTarget {
    case .avx2, .avx512: sluice_string_stops_avx2(bytes.base, bytes.count, marks.base)
    case .portable: sluice_string_stops_portable(bytes.base, bytes.count, marks.base)
    }
    stops = UnsafePointer(marks.base)
  }

  var count: Int { bytes.count }

  @inline(__always)
  subscript(index: Int) -> UInt8 { bytes[index] }

  @inline(__always)
  subscript(range: Range<Int>) -> UnsafeBytes { bytes[range] }

  @inline(__always)
  func has(_ byte: UInt8, _ at: Int) -> Bool { bytes.has(byte, at) }

  @inline(__always)
  func skipSpace(_ start: Int) -> Int {
    // Usually there is none.
    bytes.isBeyondSpace(start) ? start : skipSomeSpace(start)
  }

  @inline(never)
  private func skipSomeSpace(_ start: Int) -> Int {
    var at = start
    while at < count, self[at] == 0x20 || self[at] == 0x0A || self[at] == 0x0D || self[at] == 0x09 { at += 1 }
    return at
  }

  /// Returns whether two bytes are at an offset.
  @inline(__always)
  func has(_ first: Unicode.Scalar, _ second: Unicode.Scalar, _ at: Int) -> Bool {
    let pair = UInt16(UInt8(ascii: first)) | UInt16(UInt8(ascii: second)) << 8
    return UInt(bitPattern: at &+ 1) < UInt(bitPattern: count) && bytes.word16(at: at) == pair
  }

  /// Reads the colon from the closing quote of a key on. Returns the offset of the value.
  @inline(__always)
  func skipColon(_ quote: Int) throws(JSONWalker.ParseError) -> Int {
    // Usually there is no white space.
    if has("\"", ":", quote), bytes.isBeyondSpace(quote &+ 2) { return quote &+ 2 }
    return try skipSomeColon(quote &+ 1)
  }

  @inline(never)
  private func skipSomeColon(_ start: Int) throws(JSONWalker.ParseError) -> Int {
    let at = skipSpace(start)
    guard has(UInt8(ascii: ":"), at) else { throw JSONWalker.ParseError(.colon, at) }
    return skipSpace(at + 1)
  }

  /// Skips an unwanted key. Returns the offset of its value.
  @inline(__always)
  func skipKey(_ at: Int) throws(JSONWalker.ParseError) -> Int {
    guard has(UInt8(ascii: "\""), at) else { throw JSONWalker.ParseError(.key, at) }
    return try skipColon(try string(at).end)
  }

  // MARK: Strings

  struct StringEnd {
    /// Offset of the closing quote.
    var end: Int
    var isEscaped: Bool
  }

  /// Returns the first marked byte at or after an offset; `count` if there is none.
  @inline(__always)
  private func stop(from start: Int) -> Int {
    precondition(UInt(bitPattern: start) <= UInt(bitPattern: count))
    var at = start
    while true {
      // At least 57 bits of the eight bytes are at or after `at`. The loop ends at `count`, where all bits are set.
      let word =
        UInt64(littleEndian: UnsafeRawPointer(stops + at >> 3).loadUnaligned(as: UInt64.self))
        >> UInt64(at & 7)
      if word != 0 { return at &+ word.trailingZeroBitCount }
      at &+= 57
    }
  }

  /// Reads a string from its opening quote on.
  @inline(__always)
  func string(_ quote: Int) throws(JSONWalker.ParseError) -> StringEnd {
    let at = stop(from: quote &+ 1)
    if has(UInt8(ascii: "\""), at) { return StringEnd(end: at, isEscaped: false) }
    return try unusualString(at)
  }

  /// Reads a string with escapes, non-ASCII characters or errors, the first of which is at `start`.
  @inline(never)
  private func unusualString(_ start: Int) throws(JSONWalker.ParseError) -> StringEnd {
    var at = start
    var isEscaped = false
    var firstBeyondASCII: Int?
    while true {
      guard at < count else { throw JSONWalker.ParseError(.stringEnd, count) }
      let byte = self[at]
      if byte == UInt8(ascii: "\"") { break }
      if byte == UInt8(ascii: "\\") {
        isEscaped = true
        at = try escape(at)
      } else if byte < 0x20 {
        throw JSONWalker.ParseError(.control, at)
      } else {
        if byte >= 0x80, firstBeyondASCII == nil { firstBeyondASCII = at }
        at += 1
      }
      at = stop(from: at)
    }
    if let first = firstBeyondASCII, let bad = self[first..<at].firstInvalidUTF8() {
      throw JSONWalker.ParseError(.utf8, first + bad)
    }
    return StringEnd(end: at, isEscaped: isEscaped)
  }

  /// Reads an escape from its backslash on.
  private func escape(_ at: Int) throws(JSONWalker.ParseError) -> Int {
    guard at + 1 < count else { throw JSONWalker.ParseError(.stringEnd, count) }
    switch self[at + 1] {
    case UInt8(ascii: "u"):
      for i in at + 2..<at + 6 {
        guard i < count, hexDigit(self[i]) != nil else { throw JSONWalker.ParseError(.hexadecimal, at + 2) }
      }
      return at + 6
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return at + 2
    default: throw JSONWalker.ParseError(.escape, at)
    }
  }

  // MARK: Scalars

  /// Reads a number or literal, or throws if there is neither.
  func scalar(_ at: Int) throws(JSONWalker.ParseError) -> Int {
    switch self[at] {
    case UInt8(ascii: "t"): return try literal("true", at)
    case UInt8(ascii: "f"): return try literal("false", at)
    case UInt8(ascii: "n"): return try literal("null", at)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number(at)
    default: throw JSONWalker.ParseError(.value, at)
    }
  }

  @inline(__always)
  private func literal(_ name: StaticString, _ at: Int) throws(JSONWalker.ParseError) -> Int {
    let end = at &+ name.utf8CodeUnitCount
    guard end <= count, bytes[at..<end].elementsEqual(name) else { throw badLiteral(name, at) }
    return end
  }

  @inline(never)
  private func badLiteral(_ name: StaticString, _ at: Int) -> JSONWalker.ParseError {
    let same = (0..<name.utf8CodeUnitCount).prefix { has(name.utf8Start[$0], at + $0) }
    return JSONWalker.ParseError(.literal, at + same.count)
  }

  /// Reads a number: `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
  private func number(_ start: Int) throws(JSONWalker.ParseError) -> Int {
    var at = start
    if has(UInt8(ascii: "-"), at) { at += 1 }
    at = has(UInt8(ascii: "0"), at) ? at + 1 : try digits(at)
    if has(UInt8(ascii: "."), at) { at = try digits(at + 1) }
    if has(UInt8(ascii: "e"), at) || has(UInt8(ascii: "E"), at) {
      at += 1
      if has(UInt8(ascii: "+"), at) || has(UInt8(ascii: "-"), at) { at += 1 }
      at = try digits(at)
    }
    return at
  }

  private func digits(_ start: Int) throws(JSONWalker.ParseError) -> Int {
    var at = start
    while at < count, isDigit(self[at]) { at += 1 }
    guard at > start else { throw JSONWalker.ParseError(.digit, at) }
    return at
  }
}

extension EventView.JSONType {
  /// Creates the type of a checked number or literal.
  init(firstByte: UInt8) {
    switch firstByte {
    case UInt8(ascii: "t"): self = .true
    case UInt8(ascii: "f"): self = .false
    case UInt8(ascii: "n"): self = .null
    default: self = .number
    }
  }
}
