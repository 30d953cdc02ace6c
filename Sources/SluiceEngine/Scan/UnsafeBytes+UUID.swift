extension UnsafeBytes {
  /// The 128 bits of a UUID in its usual spelling, 8-4-4-4-12 lower-case digits; nil for any other text.
  var canonicalUUID: (high: UInt64, low: UInt64)? {
    guard count == 36, self[8] == UInt8(ascii: "-"), self[13] == UInt8(ascii: "-"),
      self[18] == UInt8(ascii: "-"), self[23] == UInt8(ascii: "-")
    else { return nil }
    // The digits are read in groups of eight, without the dashes.
    guard let a = hexadecimal(word64(at: 0)),
      let b = hexadecimal(word64(at: 9) & 0xFFFF_FFFF | word64(at: 14) << 32),
      let c = hexadecimal(word64(at: 19) & 0xFFFF_FFFF | word64(at: 24) << 32),
      let d = hexadecimal(word64(at: 28))
    else { return nil }
    return (a << 32 | b, c << 32 | d)
  }
}

/// Returns the number that eight lower-case hexadecimal digits spell. The first byte of the word is the first digit.
private func hexadecimal(_ digits: UInt64) -> UInt64? {
  func each(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }
  // 1 in each byte that may be a letter: 'a' to 'f' are 0x61 to 0x66, and '0' to '9' are 0x30 to 0x39.
  let letters = digits >> 6 & each(1)
  let nibbles = digits & each(0x0F) &+ letters &* 9
  let areTenOrMore = (nibbles &+ each(0x76)) >> 7 & each(1)
  let isSpelledSo = nibbles &+ each(0x30) &+ letters &* 0x27 == digits
  guard isSpelledSo, areTenOrMore == letters, nibbles & each(0xF0) == 0 else { return nil }
  // The first digit becomes the uppermost. Then pairs, fours and all eight are joined.
  var number = nibbles.byteSwapped
  number = (number | number >> 4) & 0x00FF_00FF_00FF_00FF
  number = (number | number >> 8) & 0x0000_FFFF_0000_FFFF
  return (number | number >> 16) & 0xFFFF_FFFF
}
