/// Numbers with seven bits per byte, the lowest first. The uppermost bit says that another byte follows (LEB128).
enum Varint {
  static let byteCountMax = 10

  @inline(__always)
  static func forEachByte(of value: UInt64, _ put: (UInt8) -> Void) {
    var rest = value
    while rest >= 0x80 {
      put(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    put(UInt8(truncatingIfNeeded: rest))
  }

  /// Reads a number that this program wrote. If there is none, the process traps.
  @inline(__always)
  static func read(_ bytes: UnsafeBytes, at: inout Int) -> UInt64 {
    let first = bytes[at]
    at += 1
    return first < 0x80 ? UInt64(first) : readLong(bytes, first, at: &at)
  }

  private static func readLong(_ bytes: UnsafeBytes, _ first: UInt8, at: inout Int) -> UInt64 {
    var value = UInt64(first & 0x7F)
    var shift: UInt64 = 7
    while true {
      let byte = bytes[at]
      at += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }
}
