@testable import SluiceEngine
import SluiceRecords
@testable import SluiceReport
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// The detections that an exception covers: each criterion, just met and just missed.
@Suite struct ExceptionTests {
  private static let base: Int64 = 1_767_607_200_000

  /// Returns six locks of one bucket, from 10:00:00.000 to 10:00:05.000.
  private func locks(
    ip: JSONTree? = "192.0.2.1", users: [JSONTree?] = ["svc-1"], asNumbers: [JSONTree?] = [64500],
    from start: Int64 = 0
  ) -> [[UInt8]] {
    (0..<6).map { number in
      var event = EventBuilder(
        eventType: "user.account.lock", at: EventTime(milliseconds: Self.base + start + Int64(number) * 1000))
      event.ip = ip
      event.user = users[number % users.count]
      event.asNumber = asNumbers[number % asNumbers.count]
      return event.line
    }
  }

  /// Returns the result under the given exceptions, which are spelled as in a rules file, without owner and reason.
  private func result(
    _ exceptions: [String], _ lines: [[UInt8]], threads: Int = 1,
    _ change: (inout ScanOptions) -> Void = { _ in }
  ) throws -> ScanResult {
    let text = "exceptions:\n" + exceptions.map { "  - {\($0), owner: o, reason: r}\n" }.joined()
    let (book, diagnostics) = Rulebook.reading(Array(text.utf8), file: "f.yaml")
    let exceptions = try #require(book, "\(diagnostics)").exceptions
    return scanned(lines.joinedLines(), named: "a.json") {
      $0.exceptions = exceptions
      $0.threads = threads
      change(&$0)
    }
  }

  private func covers(_ exception: String, _ lines: [[UInt8]]) throws -> Bool {
    let detections = try result([exception], lines).detections
    #expect(detections.count == 1)
    return detections.first?.suppressed != nil
  }

  @Test(arguments: [
    ("ip: 192.0.2.1", true), ("ip: '::ffff:192.0.2.1'", true), ("ip: 192.0.2.2", false),
    ("cidr: 192.0.2.0/31", true), ("cidr: 192.0.2.2/31", false),
    ("cidr: [198.51.100.0/24, 192.0.2.0/24]", true),
    ("rule: okta-accounts-locked-out", true), ("rule: okta-credential-stuffing", false),
    ("rules: [okta-credential-stuffing, okta-accounts-locked-out]", true),
    ("asn: 64500", true), ("asn: [1, 64500]", true), ("asn: 64501", false),
    ("user: svc-*", true), ("user: ['x', 'svc-?']", true), ("user: SVC-*", false), ("user: svc", false),
    ("from: '2026-01-05T10:00:00Z'", true), ("from: '2026-01-05T10:00:00.001Z'", false),
    ("to: '2026-01-05T10:00:05.001Z'", true), ("to: '2026-01-05T10:00:05Z'", false),
    ("from: 2026-01-05, to: 2026-01-06", true), ("from: 2026-01-06", false), ("to: 2026-01-05", false),
    // All criteria must hold.
    (
      "ip: 192.0.2.1, asn: 64500, user: svc-*, rule: okta-accounts-locked-out, from: 2026-01-05, to: 2026-01-06",
      true
    ),
    ("ip: 192.0.2.1, asn: 64501", false), ("ip: 192.0.2.2, asn: 64500", false),
    ("user: svc-*, asn: 1", false),
    ("rule: okta-credential-stuffing, ip: 192.0.2.1", false), ("to: 2026-01-05, user: '*'", false),
  ])
  func everyGivenCriterionMustHold(exception: String, isCovered: Bool) throws {
    #expect(try covers(exception, locks()) == isCovered)
  }

  @Test(arguments: [
    ("cidr: '2001:db8::/32'", true), ("cidr: '2001:db9::/32'", false), ("ip: '2001:DB8:0::1'", true),
    ("cidr: '2001:db8::/127'", true), ("cidr: '2001:db8::2/127'", false), ("cidr: 0.0.0.0/0", false),
  ])
  func ipv6AddressesAreCoveredByTheirNetworks(exception: String, isCovered: Bool) throws {
    #expect(try covers(exception, locks(ip: "2001:0db8:0:0::1")) == isCovered)
  }

  /// The criterion must hold for every user and every AS number, not only for one of them.
  @Test func everyUserAndASNumberMustMatch() throws {
    let mixed = locks(users: ["svc-1", "svc-2", "jane"], asNumbers: [1, 2])
    #expect(try !covers("user: svc-*", mixed))
    #expect(try covers("user: [svc-*, jane]", mixed))
    #expect(try !covers("asn: 1", mixed))
    #expect(try covers("asn: [2, 1]", mixed))
    // Events outside the detection's window do not matter.
    #expect(try covers("user: svc-*", locks() + locks(users: ["jane"], from: 300_000).prefix(5)))
  }

  @Test func nullMeetsNoCriterion() throws {
    #expect(try !covers("cidr: '::/0'", locks(ip: .null)))
    #expect(try !covers("user: '*'", locks(users: [.null, nil, ""])))
    #expect(try !covers("asn: [0, 1]", locks(asNumbers: [.null, nil, "1"])))
    #expect(
      try covers("rule: okta-accounts-locked-out", locks(ip: .null, users: [.null], asNumbers: [.null])))
    // Missing users and AS numbers do not matter.
    #expect(try covers("user: svc-*", locks(users: ["svc-1", .null])))
    #expect(try covers("asn: 64500", locks(asNumbers: [64500, .null])))
  }

  /// The facts come from the events, whatever the rule shows: this rule has neither column nor key.
  @Test func criteriaHoldForRulesWithoutTheirColumns() throws {
    let rule = try RuleText([("groups", nil), ("key", "[]"), ("window", "whole")]).rule()
    let lines = locks(users: ["svc-1", "svc-2"], asNumbers: [7, 8])
    for (exception, isCovered) in [
      ("asn: [7, 8]", true), ("asn: 7", false), ("user: svc-?", true), ("user: svc-1", false),
      ("ip: 192.0.2.1", false),
    ] {
      let detections = try result([exception], lines) { $0.rules = [rule] }.detections
      #expect(detections.map { $0.suppressed != nil } == [isCovered], "\(exception)")
    }
  }

  // MARK: Order and expiry

  @Test func theFirstOfSeveralApplies() throws {
    let all = ["id: a, ip: 192.0.2.9", "id: b, asn: 64500", "id: c, ip: 192.0.2.1"]
    for (order, first) in [([0, 1, 2], "b"), ([2, 1, 0], "c"), ([1, 0, 2], "b")] {
      let result = try result(order.map { all[$0] }, locks())
      #expect(result.detections.map(\.suppressed?.exception) == [first])
      #expect(result.stats.exceptions.filter { $0.use.hidden == 1 }.map(\.exception.id) == [first])
      #expect(result.stats.exceptions.map(\.exception.id) == order.map { ["a", "b", "c"][$0] })
    }
  }

  /// The last event, at 10:00:05, decides; an exception that expires at that time is expired.
  @Test(arguments: [
    ("'2026-01-05T10:00:05.001Z'", true), ("'2026-01-05T10:00:05Z'", false),
    ("'2026-01-05T10:00:04.999Z'", false),
    ("2026-01-06", true), ("2026-01-05", false),
  ])
  func anExceptionAppliesToEventsBeforeItsExpiry(expires: String, applies: Bool) throws {
    let result = try result(["ip: 192.0.2.1, expires: \(expires)"], locks())
    #expect((result.detections[0].suppressed != nil) == applies)
    #expect(
      result.stats.exceptions.map(\.use) == [
        ExceptionUse(hidden: applies ? 1 : 0, expired: applies ? 0 : 1)
      ])
  }

  /// An expired exception yields to later ones. Whether others cover the same detections does not matter, nor does
  /// its position in the list.
  @Test func anExpiredExceptionGivesWayToItsRenewal() throws {
    let old = "id: old, ip: 192.0.2.1, expires: 2026-01-01"
    let lines = locks() + locks(ip: "192.0.2.2", from: 300_000)
    let renewed = try result([old, "id: new, ip: 192.0.2.1, expires: 2027-01-01"], lines)
    #expect(renewed.detections.map(\.suppressed?.exception) == ["new", nil])
    #expect(
      renewed.stats.exceptions.map(\.use) == [
        ExceptionUse(hidden: 0, expired: 1), ExceptionUse(hidden: 1, expired: 0),
      ])
    let behind = try result(["id: new, ip: 192.0.2.1, expires: 2027-01-01", old], lines)
    #expect(behind.detections.map(\.suppressed?.exception) == ["new", nil])
    #expect(
      behind.stats.exceptions.map(\.use) == [
        ExceptionUse(hidden: 1, expired: 0), ExceptionUse(hidden: 0, expired: 1),
      ])
    let twice = try result([old, "asn: 64500, expires: 2026-01-02", "asn: 1, expires: 2026-01-01"], lines)
    #expect(twice.stats.exceptions.map(\.use.expired) == [1, 2, 0])
    #expect(twice.shown.count == 2)
  }

  @Test func recordsAndSummaryNameTheException() throws {
    let lines = locks() + locks(ip: "192.0.2.2", from: 300_000) + locks(ip: "192.0.2.3", from: 600_000)
    let result = try result(
      [
        "id: office, ip: 192.0.2.1, expires: 2026-07-01", "id: gone, ip: 192.0.2.2, expires: 2026-01-02",
        "id: spare, ip: 192.0.2.9",
      ], lines)
    let records = result.detections.map { String(decoding: $0.ndjson, as: UTF8.self) }
    let expected =
      #"},"suppressed":{"exception":"office","owner":"o","reason":"r","expires":"2026-07-01T00:00:00.000Z"},"message":"#
    #expect(records.map { $0.contains(expected) } == [true, false, false])
    #expect(records.map { $0.contains("suppressed") } == [true, false, false])
    #expect(
      ExceptionSummary(result.stats).lines.map(\.description) == [
        "Hidden by office (o: r): 1 detection.",
        "Expired on 2026-01-02T00:00:00.000Z: gone (o), which would have covered 1 detection.",
        "Unused: spare.",
      ])
    let table = Table(result).text
    #expect(!table.contains("192.0.2.1"))
    #expect(table.contains("192.0.2.2"))
    #expect(table.contains("192.0.2.3"))
    #expect(table.contains("\nUnused: spare.\nNext: "))
    let stats = String(decoding: result.stats.json, as: UTF8.self)
    #expect(
      stats.contains(
        #"""
        "suppressed":{"okta-accounts-locked-out":1,"okta-credential-stuffing":0,\#
        "okta-threatinsight-unknown-users":0},"exceptions":[{"id":"office","owner":"o","reason":"r",\#
        "expires":"2026-07-01T00:00:00.000Z","hidden":1,"expired":0},{"id":"gone","owner":"o","reason":"r",\#
        "expires":"2026-01-02T00:00:00.000Z","hidden":0,"expired":1},{"id":"spare","owner":"o","reason":"r",\#
        "expires":null,"hidden":0,"expired":0}]
        """#
      ), "\(stats)")
    #expect(stats.contains(#""detections":{"okta-accounts-locked-out":3,"#))
  }

  /// Six locks from 10:00:00 to 10:00:05, and an event at 13:30 that no rule matches.
  @Test(arguments: [
    ("ip: 192.0.2.9", "Unused: e."), ("ip: 192.0.2.9, expires: 2026-01-06", "Unused: e."),
    ("ip: 192.0.2.9, expires: 2026-01-01", "Expired on 2026-01-01T00:00:00.000Z: e (o)."),
    ("ip: 192.0.2.9, expires: '2026-01-05T12:00:00Z'", "Expired on 2026-01-05T12:00:00.000Z: e (o)."),
    (
      "ip: 192.0.2.1, expires: '2026-01-05T12:00:00Z'",
      "Hidden by e (o: r): 1 detection.|Expired on 2026-01-05T12:00:00.000Z: e (o)."
    ),
    ("ip: 192.0.2.1, expires: '2026-01-05T14:00:00Z'", "Hidden by e (o: r): 1 detection."),
    (
      "ip: 192.0.2.1, expires: '2026-01-05T10:00:05Z'",
      "Expired on 2026-01-05T10:00:05.000Z: e (o), which would have covered 1 detection."
    ),
  ])
  func theSummaryTellsExpiredFromUnused(exception: String, says: String) throws {
    let other = EventBuilder(
      eventType: "user.session.end", at: EventTime(milliseconds: Self.base + 210 * 60_000))
    for threads in [1, 3] {
      let result = try result(["id: e, \(exception)"], locks() + [other.line], threads: threads)
      let lines = ExceptionSummary(result.stats).lines.map(\.description)
      #expect(lines == says.split(separator: "|").map(String.init))
    }
  }

  /// In an archive without events, the last event is unknown, so no exception has expired.
  @Test func withoutEventsEveryExceptionIsUnused() throws {
    let result = try result(["id: e, asn: 1, expires: 2026-01-01"], [])
    #expect(ExceptionSummary(result.stats).lines.map(\.description) == ["Unused: e."])
  }

  @Test func withoutExceptionsNothingIsSaid() throws {
    let result = scanned(locks().joinedLines(), named: "a.json")
    #expect(ExceptionSummary(result.stats).lines.isEmpty)
    #expect(result.shown == result.detections)
    let stats = String(decoding: result.stats.json, as: UTF8.self)
    #expect(!stats.contains("suppressed"))
    #expect(!stats.contains("exceptions"))
    let hidden = try self.result(["asn: 64500"], locks())
    #expect(Table(hidden).text.hasPrefix("No detections but those that exceptions cover.\n"))
  }
}
