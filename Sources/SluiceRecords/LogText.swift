import Glibc

/// A string of the log, unescaped, as bytes.
///
/// Log text is compared byte for byte after JSON unescaping. Swift's `String` equates canonically equivalent texts,
/// which would merge users that the log distinguishes. The bytes are UTF-8, except for lone surrogates: the log may
/// contain the escape `\ud800` alone, which UTF-8 cannot represent. It is stored as the three bytes of its code point
/// (WTF-8) and written as that escape again.
public struct LogText: Hashable, Sendable {
  public var bytes: [UInt8]

  public init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

  public init(_ string: String) { self.bytes = Array(string.utf8) }

  /// Hashes all bytes at once; an array would hash them one by one.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(bytes.count)
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
  }
}

extension LogText: Comparable {
  /// Orders texts by bytes, which for UTF-8 is the order of code points.
  public static func < (a: Self, b: Self) -> Bool {
    a.bytes.withUnsafeBytes { a in
      b.bytes.withUnsafeBytes { b in
        let common = min(a.count, b.count)
        // Only an empty array may have no address, and then the common length is 0.
        let order = common == 0 ? 0 : memcmp(a.baseAddress!, b.baseAddress!, common)
        return order != 0 ? order < 0 : a.count < b.count
      }
    }
  }
}

extension LogText: ExpressibleByStringLiteral, CustomStringConvertible {
  public init(stringLiteral value: String) { self.init(value) }

  /// The text for messages and tests; a lone surrogate becomes U+FFFD here. Outputs write `bytes`.
  public var description: String { String(decoding: bytes, as: UTF8.self) }
}
