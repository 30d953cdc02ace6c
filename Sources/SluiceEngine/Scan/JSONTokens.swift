/// The tokens of JSON, read from a line at an offset. Each function returns the offset behind what it read.
extension UnsafeBytes {
  @inline(__always)
  func has(_ byte: UInt8, _ at: Int) -> Bool { at < count && self[at] == byte }

  @inline(__always)
  func skipSpace(_ start: Int) -> Int {
    // As a rule there is none.
    start < count && self[start] > 0x20 ? start : skipSomeSpace(start)
  }

  @inline(never)
  private func skipSomeSpace(_ start: Int) -> Int {
    var at = start
    while at < count, self[at] == 0x20 || self[at] == 0x0A || self[at] == 0x0D || self[at] == 0x09 { at += 1 }
    return at
  }

  /// Behind a key: the colon and the white space around it.
  @inline(__always)
  func skipColon(_ start: Int) throws(LineWalker.Fault) -> Int {
    let at = skipSpace(start)
    guard has(UInt8(ascii: ":"), at) else { throw LineWalker.Fault(.colon, at) }
    return skipSpace(at + 1)
  }

  /// At a key of no interest. Returns where its value starts.
  @inline(__always)
  func skipKey(_ at: Int) throws(LineWalker.Fault) -> Int {
    guard has(UInt8(ascii: "\""), at) else { throw LineWalker.Fault(.key, at) }
    return try skipColon(try string(at).end + 1)
  }

  // MARK: Strings

  struct StringEnd {
    /// Of the closing quote.
    var end: Int
    var isEscaped: Bool
  }

  /// At the opening quote.
  @inline(__always)
  func string(_ quote: Int) throws(LineWalker.Fault) -> StringEnd {
    var at = quote + 1
    while at <= count {
      let stops = stringStops(from: at)
      if stops == 0 {
        at += 16
        continue
      }
      at += stops.trailingZeroBitCount
      if has(UInt8(ascii: "\""), at) { return StringEnd(end: at, isEscaped: false) }
      return try unusualString(quote, at)
    }
    throw LineWalker.Fault(.stringEnd, count)
  }

  /// A string with escapes, letters beyond ASCII or faults in it, of which `at` is the first.
  @inline(never)
  private func unusualString(_ quote: Int, _ start: Int) throws(LineWalker.Fault) -> StringEnd {
    var at = start
    var isEscaped = false
    var firstBeyondASCII: Int?
    while true {
      guard at < count else { throw LineWalker.Fault(.stringEnd, count) }
      let byte = self[at]
      if byte == UInt8(ascii: "\"") { break }
      if byte == UInt8(ascii: "\\") {
        isEscaped = true
        at = try escape(at)
      } else if byte < 0x20 {
        throw LineWalker.Fault(.control, at)
      } else {
        if byte >= 0x80, firstBeyondASCII == nil { firstBeyondASCII = at }
        at += 1
      }
      // On to what ends the plain text that follows.
      while at < count {
        let stops = stringStops(from: at)
        if stops != 0 {
          at += stops.trailingZeroBitCount
          break
        }
        at += 16
      }
    }
    if let first = firstBeyondASCII, let bad = self[first..<at].firstInvalidUTF8() {
      throw LineWalker.Fault(.utf8, first + bad)
    }
    return StringEnd(end: at, isEscaped: isEscaped)
  }

  /// At a backslash.
  private func escape(_ at: Int) throws(LineWalker.Fault) -> Int {
    guard at + 1 < count else { throw LineWalker.Fault(.stringEnd, count) }
    switch self[at + 1] {
    case UInt8(ascii: "u"):
      for i in at + 2..<at + 6 {
        guard i < count, hexDigit(self[i]) != nil else { throw LineWalker.Fault(.hexadecimal, at + 2) }
      }
      return at + 6
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return at + 2
    default: throw LineWalker.Fault(.escape, at)
    }
  }

  // MARK: Scalars

  /// At a number or literal, or at what is neither.
  func scalar(_ at: Int) throws(LineWalker.Fault) -> Int {
    switch self[at] {
    case UInt8(ascii: "t"): return try literal("true", at)
    case UInt8(ascii: "f"): return try literal("false", at)
    case UInt8(ascii: "n"): return try literal("null", at)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number(at)
    default: throw LineWalker.Fault(.value, at)
    }
  }

  private func literal(_ name: StaticString, _ at: Int) throws(LineWalker.Fault) -> Int {
    for i in 0..<name.utf8CodeUnitCount {
      guard has(name.utf8Start[i], at + i) else { throw LineWalker.Fault(.literal, at) }
    }
    return at + name.utf8CodeUnitCount
  }

  /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
  private func number(_ start: Int) throws(LineWalker.Fault) -> Int {
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

  private func digits(_ start: Int) throws(LineWalker.Fault) -> Int {
    var at = start
    while at < count, isDigit(self[at]) { at += 1 }
    guard at > start else { throw LineWalker.Fault(.digit, at) }
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
