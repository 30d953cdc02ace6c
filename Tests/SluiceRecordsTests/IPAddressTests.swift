import SluiceRecords
import Testing

/// Addresses according to RFC 5952, sections 4 and 5, by its own examples.
@Suite struct IPAddressTests {
  private func address(_ groups: UInt64...) -> IPAddress {
    func number(_ part: ArraySlice<UInt64>) -> UInt64 { part.reduce(0) { $0 << 16 | $1 } }
    return IPAddress(high: number(groups[..<4]), low: number(groups[4...]))
  }

  @Test func addressesAreWrittenAsRFC5952Recommends() {
    #expect(address(0x2001, 0xDB8, 0, 0, 0, 0, 0, 1).description == "2001:db8::1", "4.1, leading zeros")
    #expect(
      address(0x2001, 0xDB8, 0, 0, 0, 0, 2, 1).description == "2001:db8::2:1", "4.2.1, as short as possible")
    #expect(
      address(0x2001, 0xDB8, 0, 1, 1, 1, 1, 1).description == "2001:db8:0:1:1:1:1:1",
      "4.2.2, not for one group")
    #expect(address(0x2001, 0, 0, 1, 0, 0, 0, 1).description == "2001:0:0:1::1", "4.2.3, the longest run")
    #expect(
      address(0x2001, 0xDB8, 0, 0, 1, 0, 0, 1).description == "2001:db8::1:0:0:1", "4.2.3, else the first")
    #expect(
      address(0x2001, 0xDB8, 0xAAAA, 0xBBBB, 0xCCCC, 0xDDDD, 0xEEEE, 0xFFFF).description
        == "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", "4.3, lower case")
  }

  @Test func zeroGroupsAtTheEdgesAndMappedAddressesAreShort() {
    #expect(address(0, 0, 0, 0, 0, 0, 0, 0).description == "::")
    #expect(address(0, 0, 0, 0, 0, 0, 0, 1).description == "::1")
    #expect(address(1, 0, 0, 0, 0, 0, 0, 0).description == "1::")
    #expect(address(0, 1, 2, 3, 4, 5, 6, 7).description == "0:1:2:3:4:5:6:7")
    #expect(address(1, 2, 3, 4, 5, 6, 0, 0).description == "1:2:3:4:5:6::")
    #expect(address(0, 0, 1, 0, 0, 0, 0, 0).description == "0:0:1::")
    #expect(address(0, 0, 0, 0, 0, 0xFFFF, 0xC000, 0x0201).description == "192.0.2.1", "IPv4-mapped is IPv4")
    #expect(IPAddress(v4: 0xC000_0201) == address(0, 0, 0, 0, 0, 0xFFFF, 0xC000, 0x0201))
    #expect(IPAddress(v4: 0).description == "0.0.0.0")
    #expect(!address(0, 0, 0, 0, 1, 0xFFFF, 0xC000, 0x0201).isV4)
  }
}
