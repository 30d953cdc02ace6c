import SluiceRecords
import SluiceReference
import Testing

@Suite struct ReferenceAddressTests {
  @Test(arguments: [
    ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
    ("::ffff:192.0.2.1", "192.0.2.1"), ("::FFFF:C000:201", "192.0.2.1"),
    ("0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"),
    ("2001:0db8:0:0::1", "2001:db8::1"), ("2001:DB8::1", "2001:db8::1"), ("::", "::"), ("::1", "::1"),
    ("1::", "1::"),
    ("::192.0.2.1", "::c000:201"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
    ("64:ff9b::192.0.2.1", "64:ff9b::c000:201"),
  ]) func everySpellingReadsAsItsAddress(_ spelling: String, _ canonical: String) {
    #expect(referenceAddress(LogText(spelling))?.description == canonical)
  }

  @Test(arguments: [
    "", "null", "unknown", "192.0.2", "192.0.2.1.1", "192.0.2.256", "192.0.2.01", "192.0.2.1 ", " 192.0.2.1",
    "192.0.2.-1",
    "192.0.2.1:443", "192.0.2.1/32", "0xC0000201", "3221225985", "fe80::1%eth0", "[::1]", "1::2::3", ":::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9", "12345::", "::g", "::1.2.3", ":", "1:", ":1", "192.0.2.1\u{0}", "192.0.2.\u{661}",
  ]) func malformedAddressesAreRefused(_ spelling: String) {
    #expect(referenceAddress(LogText(spelling)) == nil)
  }
}
