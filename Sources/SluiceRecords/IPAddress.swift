/// An IP address as 128 bits; an IPv4 address is its IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2).
///
/// Therefore `192.0.2.1` and `::ffff:192.0.2.1` are the same value, and addresses are ordered by their 16 bytes.
/// An absent address is `nil`, which sorts before every address.
public struct IPAddress: Hashable, Sendable {
  /// Bytes 0 to 7 and 8 to 15, each as a big-endian number.
  public var high: UInt64
  public var low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  public init(v4 bits: UInt32) { self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(bits)) }

  public var isV4: Bool { high == 0 && low >> 32 == 0xFFFF }
}

extension IPAddress: Comparable {
  public static func < (a: Self, b: Self) -> Bool { (a.high, a.low) < (b.high, b.low) }

  /// Orders client IPs as every output does: null first, then by the 16 bytes.
  public static func inOrder(_ a: IPAddress?, _ b: IPAddress?) -> Bool {
    switch (a, b) {
    case (nil, nil), (_, nil): false
    case (nil, _): true
    case (let a?, let b?): a < b
    }
  }
}

extension IPAddress: CustomStringConvertible {
  /// The canonical text (RFC 5952): dotted decimal for IPv4, else lower-case hexadecimal groups without leading zeros.
  ///
  /// The first longest run of at least two zero groups is written `::`.
  public var description: String {
    if isV4 {
      return (0..<4).map { String(UInt8(truncatingIfNeeded: low >> (24 - 8 * $0))) }.joined(separator: ".")
    }
    let groups = (0..<8).map { i in
      UInt16(truncatingIfNeeded: (i < 4 ? high : low) >> (48 - 16 * (i % 4)))
    }
    var run = 0..<0
    var start = 0
    while start < 8 {
      var end = start
      while end < 8, groups[end] == 0 { end += 1 }
      if end - start >= 2, end - start > run.count { run = start..<end }
      start = max(end, start + 1)
    }
    func hex(_ part: ArraySlice<UInt16>) -> String {
      part.map { String($0, radix: 16) }.joined(separator: ":")
    }
    return run.isEmpty
      ? hex(groups[...]) : hex(groups[..<run.lowerBound]) + "::" + hex(groups[run.upperBound...])
  }
}
