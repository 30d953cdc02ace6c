import SluiceRecords

/// A network of client IPs: an address of which only the first bits count.
///
/// It uses 128 bits, as addresses do. `192.0.2.0/24` and `::ffff:192.0.2.0/120` are the same network, and `::/0` also
/// contains all IPv4 addresses.
package struct Network: Hashable, Sendable {
  let address: IPAddress
  /// The prefix length, of 128 bits.
  let prefixBits: Int

  package enum ParseError: Error, Equatable {
    case noAddress
    /// The prefix is not a number from 0 to `bitsMax`.
    case noPrefix(bitsMax: Int)
    /// Bits are set after the prefix; the network with these bits cleared is probably meant.
    case hostBits(Network)
  }

  /// Parses `192.0.2.1`, `192.0.2.0/24` or `2001:db8::/32`.
  init(_ text: String) throws(ParseError) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = IPAddress(utf8: Array(parts[0].utf8).span) else { throw .noAddress }
    let bitsMax = parts[0].utf8.contains(UInt8(ascii: ":")) ? 128 : 32
    var bits = bitsMax
    if parts.count == 2 {
      guard let number = Int(parts[1]), String(number) == parts[1], (0...bitsMax).contains(number) else {
        throw .noPrefix(bitsMax: bitsMax)
      }
      bits = number
    }
    self.init(address, prefixBits: 128 - bitsMax + bits)
    if self.address != address { throw .hostBits(self) }
  }

  private init(_ address: IPAddress, prefixBits: Int) {
    self.prefixBits = prefixBits
    self.address = Self.prefix(of: address, bits: prefixBits)
  }

  private static func prefix(of address: IPAddress, bits: Int) -> IPAddress {
    // Swift's shift yields 0 if the distance is at least the width.
    IPAddress(high: address.high & ~(.max >> bits), low: address.low & ~(.max >> max(0, bits - 64)))
  }

  func contains(_ other: IPAddress) -> Bool { Self.prefix(of: other, bits: prefixBits) == address }

  /// Whether it contains all IPv4 addresses.
  var isEverything: Bool { contains(IPAddress(v4: 0)) && prefixBits <= 96 }
}

extension Network: CustomStringConvertible {
  package var description: String {
    let bits = address.isV4 && prefixBits >= 96 ? prefixBits - 96 : prefixBits
    return prefixBits == 128 ? "\(address)" : "\(address)/\(bits)"
  }
}
