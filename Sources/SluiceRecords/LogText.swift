import Glibc

/// A string of the log, un-escaped, as bytes.
///
/// Log text is kept as the bytes it has after JSON un-escaping and is compared byte for byte: Swift's
/// `String` equates canonically equivalent spellings, which would merge users that the log tells apart.
/// The bytes are UTF-8, but for lone surrogates: the log may hold the escape `\ud800` alone, which no
/// UTF-8 can spell. It is kept as the three bytes its code point would have (WTF-8) and written back
/// as that escape.
public struct LogText: Hashable, Sendable {
  public var bytes: [UInt8]

  public init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

  public init(_ string: String) { self.bytes = Array(string.utf8) }

  /// All bytes at once; an array would give them to the hasher one by one.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(bytes.count)
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
  }
}

extension LogText: Comparable {
  /// The order of the bytes, which for UTF-8 is the order of the code points.
  public static func < (a: Self, b: Self) -> Bool {
    a.bytes.withUnsafeBytes { a in
      b.bytes.withUnsafeBytes { b in
        let common = min(a.count, b.count)
        // Only an empty array may have no address, and then there is nothing in common.
        let order = common == 0 ? 0 : memcmp(a.baseAddress!, b.baseAddress!, common)
        return order != 0 ? order < 0 : a.count < b.count
      }
    }
  }
}

extension LogText: ExpressibleByStringLiteral, CustomStringConvertible {
  public init(stringLiteral value: String) { self.init(value) }

  /// For messages and tests; a lone surrogate becomes U+FFFD here. Outputs write `bytes`.
  public var description: String { String(decoding: bytes, as: UTF8.self) }
}
