import Glibc

extension IPAddress {
  /// Parses an address as in a log, with the C library's `inet_pton`; nil for any other text.
  ///
  /// The result is also nil for addresses with a scope, a prefix length, a port or surrounding blanks, and for
  /// numbers with leading zeros.
  public init?(utf8 text: Span<UInt8>) {
    // The longest text is a full IPv6 address with an embedded IPv4 one.
    guard (2...45).contains(text.count) else { return nil }
    var isV6 = false
    var terminated = InlineArray<46, CChar>(repeating: 0)
    for i in text.indices {
      switch text[i] {
      case UInt8(ascii: ":"): isV6 = true
      case UInt8(ascii: "."), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
        UInt8(ascii: "A")...UInt8(ascii: "F"):
        break
      default: return nil  // This includes NUL, which would end the text for the C library.
      }
      terminated[i] = CChar(bitPattern: text[i])
    }
    var bytes = InlineArray<16, UInt8>(repeating: 0)
    let isParsed = withUnsafePointer(to: &terminated) { source in
      source.withMemoryRebound(to: CChar.self, capacity: 46) { source in
        withUnsafeMutablePointer(to: &bytes) { inet_pton(isV6 ? AF_INET6 : AF_INET, source, $0) == 1 }
      }
    }
    guard isParsed else { return nil }
    if !isV6 {
      self.init(v4: (0..<4).reduce(0) { $0 << 8 | UInt32(bytes[$1]) })
    } else {
      self.init(
        high: (0..<8).reduce(0) { $0 << 8 | UInt64(bytes[$1]) },
        low: (8..<16).reduce(0) { $0 << 8 | UInt64(bytes[$1]) })
    }
  }
}
