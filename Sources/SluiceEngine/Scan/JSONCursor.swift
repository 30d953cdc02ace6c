import CKernels

/// A line of JSON with the places marked where the plain text of its strings ends or is interrupted.
///
/// The marks are made for the whole line at once, by a kernel in C (see `kernels.h`), so that the end of a string is found in
/// one step, whatever its length, and not byte by byte. Functions read a token at an offset and return the offset behind it.
struct JSONCursor {
  let bytes: UnsafeBytes
  /// Bit n & 7 of byte n >> 3; set for every n from `count` on.
  private let stops: UnsafePointer<UInt8>

  /// - Parameter marks: memory for the marks; must outlive the line and not be written meanwhile.
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
    // As a rule there is none.
    bytes.isBeyondSpace(start) ? start : skipSomeSpace(start)
  }

  @inline(never)
  private func skipSomeSpace(_ start: Int) -> Int {
    var at = start
    while at < count, self[at] == 0x20 || self[at] == 0x0A || self[at] == 0x0D || self[at] == 0x09 { at += 1 }
    return at
  }

  /// Whether two bytes stand at an offset.
  @inline(__always)
  func has(_ first: Unicode.Scalar, _ second: Unicode.Scalar, _ at: Int) -> Bool {
    let pair = UInt16(UInt8(ascii: first)) | UInt16(UInt8(ascii: second)) << 8
    return UInt(bitPattern: at &+ 1) < UInt(bitPattern: count) && bytes.word16(at: at) == pair
  }

  /// At the closing quote of a key. Returns where its value starts.
  @inline(__always)
  func skipColon(_ quote: Int) throws(JSONWalker.Fault) -> Int {
    // As a rule there is no white space.
    if has("\"", ":", quote), bytes.isBeyondSpace(quote &+ 2) { return quote &+ 2 }
    return try skipSomeColon(quote &+ 1)
  }

  @inline(never)
  private func skipSomeColon(_ start: Int) throws(JSONWalker.Fault) -> Int {
    let at = skipSpace(start)
    guard has(UInt8(ascii: ":"), at) else { throw JSONWalker.Fault(.colon, at) }
    return skipSpace(at + 1)
  }

  /// At a key of no interest. Returns where its value starts.
  @inline(__always)
  func skipKey(_ at: Int) throws(JSONWalker.Fault) -> Int {
    guard has(UInt8(ascii: "\""), at) else { throw JSONWalker.Fault(.key, at) }
    return try skipColon(try string(at).end)
  }

  // MARK: Strings

  struct StringEnd {
    /// Of the closing quote.
    var end: Int
    var isEscaped: Bool
  }

  /// The first marked byte at or behind an offset; `count` if there is none.
  @inline(__always)
  private func stop(from start: Int) -> Int {
    precondition(UInt(bitPattern: start) <= UInt(bitPattern: count))
    var at = start
    while true {
      // At least 57 of the eight bytes' bits lie at or behind `at`. Ends at `count`, where all bits are set.
      let word =
        UInt64(littleEndian: UnsafeRawPointer(stops + at >> 3).loadUnaligned(as: UInt64.self))
        >> UInt64(at & 7)
      if word != 0 { return at &+ word.trailingZeroBitCount }
      at &+= 57
    }
  }

  /// At the opening quote.
  @inline(__always)
  func string(_ quote: Int) throws(JSONWalker.Fault) -> StringEnd {
    let at = stop(from: quote &+ 1)
    if has(UInt8(ascii: "\""), at) { return StringEnd(end: at, isEscaped: false) }
    return try unusualString(at)
  }

  /// A string with escapes, letters beyond ASCII or faults in it, of which `start` is the first.
  @inline(never)
  private func unusualString(_ start: Int) throws(JSONWalker.Fault) -> StringEnd {
    var at = start
    var isEscaped = false
    var firstBeyondASCII: Int?
    while true {
      guard at < count else { throw JSONWalker.Fault(.stringEnd, count) }
      let byte = self[at]
      if byte == UInt8(ascii: "\"") { break }
      if byte == UInt8(ascii: "\\") {
        isEscaped = true
        at = try escape(at)
      } else if byte < 0x20 {
        throw JSONWalker.Fault(.control, at)
      } else {
        if byte >= 0x80, firstBeyondASCII == nil { firstBeyondASCII = at }
        at += 1
      }
      at = stop(from: at)
    }
    if let first = firstBeyondASCII, let bad = self[first..<at].firstInvalidUTF8() {
      throw JSONWalker.Fault(.utf8, first + bad)
    }
    return StringEnd(end: at, isEscaped: isEscaped)
  }

  /// At a backslash.
  private func escape(_ at: Int) throws(JSONWalker.Fault) -> Int {
    guard at + 1 < count else { throw JSONWalker.Fault(.stringEnd, count) }
    switch self[at + 1] {
    case UInt8(ascii: "u"):
      for i in at + 2..<at + 6 {
        guard i < count, hexDigit(self[i]) != nil else { throw JSONWalker.Fault(.hexadecimal, at + 2) }
      }
      return at + 6
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return at + 2
    default: throw JSONWalker.Fault(.escape, at)
    }
  }

  // MARK: Scalars

  /// At a number or literal, or at what is neither.
  func scalar(_ at: Int) throws(JSONWalker.Fault) -> Int {
    switch self[at] {
    case UInt8(ascii: "t"): return try literal("true", at)
    case UInt8(ascii: "f"): return try literal("false", at)
    case UInt8(ascii: "n"): return try literal("null", at)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number(at)
    default: throw JSONWalker.Fault(.value, at)
    }
  }

  @inline(__always)
  private func literal(_ name: StaticString, _ at: Int) throws(JSONWalker.Fault) -> Int {
    let end = at &+ name.utf8CodeUnitCount
    guard end <= count, bytes[at..<end].elementsEqual(name) else { throw badLiteral(name, at) }
    return end
  }

  @inline(never)
  private func badLiteral(_ name: StaticString, _ at: Int) -> JSONWalker.Fault {
    let same = (0..<name.utf8CodeUnitCount).prefix { has(name.utf8Start[$0], at + $0) }
    return JSONWalker.Fault(.literal, at + same.count)
  }

  /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
  private func number(_ start: Int) throws(JSONWalker.Fault) -> Int {
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

  private func digits(_ start: Int) throws(JSONWalker.Fault) -> Int {
    var at = start
    while at < count, isDigit(self[at]) { at += 1 }
    guard at > start else { throw JSONWalker.Fault(.digit, at) }
    return at
  }
}

extension EventView.JSONType {
  /// Of a number or literal that has been checked.
  init(firstByte: UInt8) {
    switch firstByte {
    case UInt8(ascii: "t"): self = .true
    case UInt8(ascii: "f"): self = .false
    case UInt8(ascii: "n"): self = .null
    default: self = .number
    }
  }
}
