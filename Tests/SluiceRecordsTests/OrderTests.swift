import SluiceRecords
import Testing

/// The orders that every output follows.
@Suite struct OrderTests {
  /// Expects that every value is less than all values after it, and not less than itself.
  private func expectAscending(_ values: [Value]) {
    for (i, a) in values.enumerated() {
      for (j, b) in values.enumerated() { #expect(Value.inOrder(a, b) == (i < j), "\(a), \(b)") }
    }
  }

  @Test func textsAreOrderedByBytes() {
    // U+FFFF sorts before U+10000 by UTF-8 bytes and after it by UTF-16. Two spellings of é are two texts.
    let texts = ["", "A", "B", "a", "a\0", "aa", "e\u{301}", "\u{E9}", "\u{FFFF}", "\u{10000}"]
    expectAscending(texts.map { .text(LogText($0)) })
    #expect(LogText("e\u{301}") != LogText("\u{E9}"))
    #expect(LogText([0xED, 0xA0, 0x80]) < LogText("\u{E000}"))
  }

  @Test func numbersTruthsTimesAndAddressesAreOrdered() {
    expectAscending([.integer(.min), .integer(-1), .integer(9), .integer(10), .integer(.max)])
    expectAscending([.double(-1), .double(0.5), .double(10)])
    expectAscending([.bool(false), .bool(true)])
    expectAscending([.time(EventTime(milliseconds: -1)), .time(EventTime(milliseconds: 0))])
    expectAscending(Self.addresses.compactMap { $0 }.map { .address($0) })
  }

  /// Null comes first, then addresses by their 16 bytes, with IPv4 as IPv4-mapped.
  private static let addresses: [IPAddress?] = [
    nil, IPAddress(high: 0, low: 1), IPAddress(v4: 0), IPAddress(v4: 0xC000_0201), IPAddress(v4: .max),
    IPAddress(high: 0, low: 1 << 48), IPAddress(high: 0x2001_0DB8_0000_0000, low: 1),
    IPAddress(high: .max, low: 0),
  ]

  @Test func clientIPsAreOrdered() {
    for (i, a) in Self.addresses.enumerated() {
      for (j, b) in Self.addresses.enumerated() { #expect(IPAddress.inOrder(a, b) == (i < j)) }
    }
  }

  private func detection(
    _ rule: RuleMetadata, _ start: Int64, _ address: IPAddress?, _ rest: [Detection.Column] = []
  ) -> Detection {
    let time = EventTime(milliseconds: start)
    return Detection(
      rule: rule, clientIP: address, restOfKey: rest, windowStart: time, windowEnd: time, firstSeen: time,
      lastSeen: time, eventCount: 1, columns: [], message: "")
  }

  @Test func detectionsAreOrderedByRuleTimeAndKey() {
    let v4 = IPAddress(v4: 7)
    func result(_ text: LogText) -> [Detection.Column] { [.init("result", .text(text))] }
    let sorted = [
      detection(.accountsLockedOut, 0, nil, result("FAILURE")),
      detection(.accountsLockedOut, 0, v4, result("FAILURE")),
      detection(.accountsLockedOut, 0, v4, result("SUCCESS")), detection(.accountsLockedOut, 300_000, nil),
      detection(.credentialStuffing, -5, nil), detection(.credentialStuffing, 0, v4),
      detection(.threatInsightUnknownUsers, 0, v4),
    ]
    for (i, a) in sorted.enumerated() {
      for (j, b) in sorted.enumerated() { #expect(Detection.inOrder(a, b) == (i < j), "\(i), \(j)") }
    }
  }
}
