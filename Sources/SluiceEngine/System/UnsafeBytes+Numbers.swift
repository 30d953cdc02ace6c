/// Numbers spelled in bytes, and bytes as numbers.

/// Returns the little-endian 32-bit number at `index`.
func littleEndian(_ bytes: UnsafeBytes, at index: Int) -> UInt32 {
  (0..<4).reduce(0) { $0 | UInt32(bytes[index + $1]) << UInt32(8 * $1) }
}

@inline(__always)
func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

@inline(__always)
func hexDigit(_ byte: UInt8) -> UInt16? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
  case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
  case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
  default: nil
  }
}

extension UnsafeBytes {
  /// The bytes as a decimal integer of 64 bits without fraction or exponent; nil for other numbers.
  var decimalInteger: Int? {
    var i = 0
    let isNegative = count > 0 && self[0] == UInt8(ascii: "-")
    if isNegative { i = 1 }
    guard i < count else { return nil }
    var value = 0
    while i < count {
      guard isDigit(self[i]) else { return nil }
      let digit = Int(self[i] - UInt8(ascii: "0"))
      let (product, overflows) = value.multipliedReportingOverflow(by: 10)
      // The value is counted down from zero, because the least integer has no positive counterpart.
      let (sum, overflowsToo) = product.subtractingReportingOverflow(digit)
      if overflows || overflowsToo { return nil }
      value = sum
      i += 1
    }
    if isNegative { return value }
    return value == .min ? nil : -value
  }
}

extension UnsafeBytes {
  /// Returns the decimal number of exactly `digits` digits at `index`; nil if they are not all digits.
  func number(at index: Int, digits: Int) -> Int? {
    guard index >= 0, index + digits <= count else { return nil }
    var value = 0
    for i in index..<index + digits {
      guard isDigit(self[i]) else { return nil }
      value = value * 10 + Int(self[i] - UInt8(ascii: "0"))
    }
    return value
  }
}
