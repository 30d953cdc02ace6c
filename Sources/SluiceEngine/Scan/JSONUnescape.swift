/// Unescapes the inside of a JSON string that the walker has checked.
///
/// `\uXXXX` becomes UTF-8, and a pair of surrogates becomes one character. A surrogate without its partner becomes
/// the three bytes of its code point (see `LogText`).
func unescape(_ text: UnsafeBytes, _ put: (UInt8) -> Void) {
  var i = 0
  while i < text.count {
    let byte = text[i]
    guard byte == UInt8(ascii: "\\") else {
      put(byte)
      i += 1
      continue
    }
    let code = text[i + 1]
    i += 2
    switch code {
    case UInt8(ascii: "b"): put(0x08)
    case UInt8(ascii: "f"): put(0x0C)
    case UInt8(ascii: "n"): put(0x0A)
    case UInt8(ascii: "r"): put(0x0D)
    case UInt8(ascii: "t"): put(0x09)
    case UInt8(ascii: "u"):
      var scalar = UInt32(codeUnit(text, at: i))
      i += 4
      if 0xD800...0xDBFF ~= scalar, i + 6 <= text.count, text[i] == UInt8(ascii: "\\"),
        text[i + 1] == UInt8(ascii: "u")
      {
        let low = UInt32(codeUnit(text, at: i + 2))
        if 0xDC00...0xDFFF ~= low {
          scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
          i += 6
        }
      }
      encode(scalar, put)
    default: put(code)  // A quote, a backslash or a slash.
    }
  }
}

/// Unescapes text that need not be the inside of a string. A backslash that begins no escape stays as it is.
///
/// Pairs of surrogates do not become one character, so the result is only good for searching ASCII.
func unescapeLeniently(_ text: UnsafeBytes, _ put: (UInt8) -> Void) {
  var i = 0
  while i < text.count {
    var count = 0
    if text[i] == UInt8(ascii: "\\"), i + 1 < text.count {
      switch text[i + 1] {
      case UInt8(ascii: "u"):
        let isWhole = i + 6 <= text.count && (i + 2..<i + 6).allSatisfy { hexDigit(text[$0]) != nil }
        count = isWhole ? 6 : 0
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
        UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
        count = 2
      default: break
      }
    }
    if count == 0 { put(text[i]) } else { unescape(text[i..<i + count], put) }
    i += max(count, 1)
  }
}

private func codeUnit(_ text: UnsafeBytes, at index: Int) -> UInt16 {
  (0..<4).reduce(0) { $0 << 4 | (hexDigit(text[index + $1]) ?? 0) }
}

private func encode(_ scalar: UInt32, _ put: (UInt8) -> Void) {
  func tail(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: 0x80 | (scalar >> shift & 0x3F)) }
  switch scalar {
  case ..<0x80: put(UInt8(truncatingIfNeeded: scalar))
  case ..<0x800:
    put(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
    put(tail(0))
  case ..<0x10000:
    put(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
    put(tail(6))
    put(tail(0))
  default:
    put(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
    put(tail(12))
    put(tail(6))
    put(tail(0))
  }
}

extension UnsafeBytes {
  /// Returns the offset where the bytes stop being UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above
  /// U+10FFFF); nil if all are UTF-8.
  ///
  /// - Parameter allowsSurrogates: whether half of a pair is allowed. The escape of a lone surrogate becomes such a
  ///   half.
  func firstInvalidUTF8(allowsSurrogates: Bool = false) -> Int? {
    var i = 0
    while i < count {
      if count - i >= 8, word64(at: i) & 0x8080_8080_8080_8080 == 0 {
        i += 8
        continue
      }
      let lead = self[i]
      if lead < 0x80 {
        i += 1
        continue
      }
      // The length, and the bounds of the second byte, which exclude overlong forms, surrogates and too large code
      // points.
      let length: Int
      var second: ClosedRange<UInt8> = 0x80...0xBF
      switch lead {
      case 0xC2...0xDF: length = 2
      case 0xE0: (length, second) = (3, 0xA0...0xBF)
      case 0xED: (length, second) = (3, 0x80...(allowsSurrogates ? 0xBF : 0x9F))
      case 0xE1...0xEF: length = 3
      case 0xF0: (length, second) = (4, 0x90...0xBF)
      case 0xF4: (length, second) = (4, 0x80...0x8F)
      case 0xF1...0xF3: length = 4
      default: return i
      }
      guard count - i >= length, second.contains(self[i + 1]) else { return i }
      for k in 2..<max(length, 2) where self[i + k] & 0xC0 != 0x80 { return i }
      i += length
    }
    return nil
  }
}
