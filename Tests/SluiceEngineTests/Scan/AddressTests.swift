import SluiceRecords
import SluiceReference
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Client addresses: one key for all spellings of one address, null for everything else.
@Suite struct AddressTests {
  private func address(_ text: String) -> IPAddress? { withBytes(Array(text.utf8)) { IPAddress($0) } }

  @Test(arguments: [
    ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("::FFFF:c000:0201", "192.0.2.1"),
    ("0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"), ("2001:0db8:0:0::1", "2001:db8::1"), ("0.0.0.0", "0.0.0.0"),
    ("255.255.255.255", "255.255.255.255"), ("::", "::"), ("::1", "::1"), ("0::0", "::"),
    ("ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789"),
    ("0000:0000:0000:0000:0000:ffff:192.168.100.228", "192.168.100.228"), ("::192.0.2.1", "::c000:201"),
  ])
  func everySpellingReadsAsItsAddress(text: String, canonical: String) {
    #expect(address(text)?.description == canonical)
  }

  @Test(arguments: [
    "", "null", "unknown", "192.0.2", "192.0.2.256", "192.0.2.01", "192.0.2.1.", ".192.0.2.1", "1.2.3.4.5",
    " 192.0.2.1", "192.0.2.1 ", "192.0.2.1:443", "192.0.2.1/32", "[2001:db8::1]", "2001:db8:::1",
    "2001:db8::1%eth0",
    "fe80::1%1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "::ffff:192.0.2.256", "1::2::3", ":1::",
    "0x7f.1",
    "127.1", "3221225985", "1", ":", "192.0.2.1\0", "2001:db8::g", "１92.0.2.1",
    "0000:0000:0000:0000:0000:ffff:0192.168.100.228",
  ])
  func malformedAddressesAreRefused(text: String) { #expect(address(text) == nil) }

  @Test func agreesWithTheReference() {
    for seed in TestScale.seeds(20_000) {
      var rng = SplitMix64(seed: seed)
      var text = Array(Self.spelling(&rng).utf8)
      for _ in 0..<rng.pick([0, 0, 1, 2]) where !text.isEmpty {
        let index = Int.random(in: 0..<text.count, using: &rng)
        let byte = rng.pick(Array("0123456789abcdefF:.% g\0".utf8))
        if rng.oneIn(2) { text.insert(byte, at: index) } else { text[index] = byte }
      }
      let found = withBytes(text) { IPAddress($0) }
      let expected = referenceAddress(LogText(text))
      if found != expected { Issue.record("seed \(seed): \(LogText(text).description.debugDescription)") }
      // Canonical text reads back as the same address.
      if let found, address(found.description) != found { Issue.record("seed \(seed): \(found)") }
    }
  }

  private static func spelling(_ rng: inout SplitMix64) -> String {
    func byte() -> String { String(Int.random(in: 0...260, using: &rng)) }
    let v4 = (0..<4).map { _ in byte() }.joined(separator: ".")
    if rng.oneIn(3) { return v4 }
    var groups = (0..<rng.pick([8, 8, 7, 6])).map { _ in
      rng.oneIn(2)
        ? "0" : String(UInt16.random(in: 0 ... .max, using: &rng), radix: 16, uppercase: rng.oneIn(4))
    }
    if rng.oneIn(2) { groups.removeSubrange(1..<Int.random(in: 2..<groups.count, using: &rng)) }
    if groups.count < 8 || rng.oneIn(3) { groups[rng.pick(Array(groups.indices))] = "" }
    if rng.oneIn(5) { groups[groups.count - 1] = v4 }
    let text = groups.joined(separator: ":")
    return text.hasPrefix(":") || text.hasSuffix(":") ? (rng.oneIn(2) ? ":" + text : text + ":") : text
  }
}
