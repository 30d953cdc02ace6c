@testable import SluiceEngine
import SluiceRecords
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// Networks against an oracle that compares bits as text, one by one.
@Suite struct NetworkTests {
  private func address(_ text: String) throws -> IPAddress {
    try #require(withBytes(Array(text.utf8)) { IPAddress($0) })
  }

  private func bits(_ address: IPAddress) -> [Character] {
    [address.high, address.low].flatMap { half in
      let digits = String(half, radix: 2)
      return Array(String(repeating: "0", count: 64 - digits.count) + digits)
    }
  }

  @Test(arguments: [
    ("192.0.2.0/24", "192.0.2.0", true), ("192.0.2.0/24", "192.0.2.255", true),
    ("192.0.2.0/24", "192.0.3.0", false), ("192.0.2.0/24", "192.0.1.255", false),
    ("192.0.2.0/24", "::ffff:192.0.2.7", true), ("192.0.2.0/24", "2001:db8::1", false),
    ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.0", false), ("192.0.2.1/32", "192.0.2.2", false),
    ("192.0.2.128/25", "192.0.2.127", false), ("192.0.2.128/25", "192.0.2.128", true),
    ("0.0.0.0/0", "255.255.255.255", true), ("0.0.0.0/0", "::1", false),
    ("::ffff:192.0.2.0/120", "192.0.2.200", true), ("::ffff:192.0.2.0/120", "192.0.3.0", false),
    ("2001:db8::/32", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", true), ("2001:db8::/32", "2001:db9::", false),
    ("2001:db8::/63", "2001:db8:0:1::", true), ("2001:db8::/63", "2001:db8:0:2::", false),
    ("2001:db8::/64", "2001:db8::ffff:0:0:0", true), ("2001:db8::/64", "2001:db8:0:1::", false),
    ("2001:db8::/65", "2001:db8::7fff:0:0:0", true), ("2001:db8::/65", "2001:db8::8000:0:0:0", false),
    ("2001:db8::1", "2001:db8::1", true), ("2001:db8::1/128", "2001:db8::2", false), ("::/0", "ffff::", true),
  ])
  func aNetworkContainsItsOwnAddressesOnly(network: String, other: String, isInside: Bool) throws {
    #expect(try Network(network).contains(address(other)) == isInside)
  }

  @Test func agreesWithItsOracle() throws {
    var inside = 0
    for seed: UInt64 in 1...3000 {
      var rng = SplitMix64(seed: seed)
      var base = IPAddress(high: rng.next(), low: rng.next())
      let prefix = rng.pick([0, 1, 31, 32, 63, 64, 65, 96, 97, 120, 127, 128])
      var kept = bits(base)
      for index in prefix..<128 { kept[index] = "0" }
      base = IPAddress(
        high: UInt64(String(kept[..<64]), radix: 2) ?? 0, low: UInt64(String(kept[64...]), radix: 2) ?? 0)
      // Another address that agrees in as many bits, or in one fewer.
      var other = bits(base)
      for index in min(127, max(0, prefix - 1))..<128 where rng.oneIn(2) {
        other[index] = rng.oneIn(2) ? "0" : "1"
      }
      let address = IPAddress(
        high: UInt64(String(other[..<64]), radix: 2) ?? 0, low: UInt64(String(other[64...]), radix: 2) ?? 0)
      let network = try Network("\(base)/\(base.isV4 ? prefix - 96 : prefix)")
      let expected = kept[..<prefix] == bits(address)[..<prefix]
      #expect(network.contains(address) == expected, "seed \(seed): \(network), \(address)")
      #expect(try Network("\(network)") == network)
      inside += expected ? 1 : 0
    }
    #expect((500..<2900).contains(inside))
  }

  @Test(arguments: [
    ("", Network.ParseError.noAddress), ("x", .noAddress), ("192.0.2", .noAddress),
    ("192.0.2.01", .noAddress),
    ("/24", .noAddress), (" 192.0.2.1", .noAddress), ("fe80::1%eth0", .noAddress),
    ("192.0.2.0/", .noPrefix(bitsMax: 32)), ("192.0.2.0/33", .noPrefix(bitsMax: 32)),
    ("192.0.2.0/024", .noPrefix(bitsMax: 32)), ("192.0.2.0/+24", .noPrefix(bitsMax: 32)),
    ("192.0.2.0/-1", .noPrefix(bitsMax: 32)), ("192.0.2.0/24/1", .noPrefix(bitsMax: 32)),
    ("192.0.2.0/99999999999999999999", .noPrefix(bitsMax: 32)), ("::/129", .noPrefix(bitsMax: 128)),
  ])
  func malformedNetworksAreRefused(text: String, error: Network.ParseError) {
    #expect(throws: error) { try Network(text) }
  }

  @Test(arguments: [
    ("192.0.2.1/24", "192.0.2.0/24"), ("192.0.2.1/0", "0.0.0.0/0"), ("192.0.2.3/31", "192.0.2.2/31"),
    ("2001:db8::1/127", "2001:db8::/127"), ("2001:db8:0:1::/63", "2001:db8::/63"),
    ("::ffff:192.0.2.1/120", "192.0.2.0/24"),
  ])
  func hostBitsAreRefusedWithTheNetworkMeant(text: String, meant: String) throws {
    #expect(throws: Network.ParseError.hostBits(try Network(meant))) { try Network(text) }
    #expect(try "\(Network(meant))" == meant)
  }
}
