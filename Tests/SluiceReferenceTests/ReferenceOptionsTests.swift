import SluiceRecords
import SluiceReference
import SluiceTestSupport
import Testing

@Suite struct ReferenceOptionsTests {
  private static let base = EventTime(milliseconds: 1_767_607_200_000)

  private static func time(_ seconds: Int) -> EventTime {
    EventTime(milliseconds: base.milliseconds + Int64(seconds) * 1000)
  }

  /// 25 users with one sign-in each, one a minute.
  private static let slowStuffing = (0..<25).map { number in
    var event = EventBuilder(eventType: "user.authentication.sso", at: time(number * 60))
    event.user = .string("user\(number)@example.org")
    event.reason = "LOCKED_OUT"
    event.uuid = .string("u\(number)")
    return event.line
  }

  @Test func windowAllGroupsEverything() throws {
    var options = ReferenceOptions()
    #expect(referenceDetections(lines: Self.slowStuffing, options: options).detections.isEmpty)
    options.windowAll = true
    let whole = try #require(referenceDetections(lines: Self.slowStuffing, options: options).detections.first)
    #expect(whole.windowStart == Self.base)
    #expect(whole.windowEnd == Self.time(24 * 60))
    options.from = Self.time(-1)
    let open = try #require(referenceDetections(lines: Self.slowStuffing, options: options).detections.first)
    #expect(open.windowStart == Self.base)
    options.to = Self.time(24 * 60 + 1)
    let closed = try #require(
      referenceDetections(lines: Self.slowStuffing, options: options).detections.first)
    #expect(closed.windowStart == Self.time(-1))
    #expect(closed.windowEnd == Self.time(24 * 60 + 1))
  }

  @Test func fromAndToAreHalfOpen() {
    var options = ReferenceOptions()
    options.windowAll = true
    options.from = Self.base
    options.to = Self.time(24 * 60)
    let result = referenceDetections(lines: Self.slowStuffing, options: options)
    #expect(result.detections.isEmpty)
    #expect(result.observations == ["okta-credential-stuffing": 25])
    options.to = Self.time(24 * 60 + 1)
    #expect(referenceDetections(lines: Self.slowStuffing, options: options).detections.count == 1)
  }

  @Test func duplicatesAreCountedWithinTheRangeOnly() {
    var options = ReferenceOptions()
    let twice = Self.slowStuffing + Self.slowStuffing
    #expect(referenceDetections(lines: twice, options: options).duplicates == 25)
    options.from = Self.time(60)
    #expect(referenceDetections(lines: twice, options: options).duplicates == 24)
    options.keepDuplicates = true
    #expect(referenceDetections(lines: twice, options: options).duplicates == 0)
  }

  /// Null comes before any text, and texts are in the order of their bytes.
  @Test func theLeastDuplicateStays() {
    let results: [JSONTree] = ["b", "a", .null]
    let copies = results.map { result in
      var event = EventBuilder(eventType: "user.account.lock", at: Self.base)
      event.uuid = "u"
      event.result = result
      return event
    }
    for kept in 1...3 {
      // Five other events have the result that must be kept: with it they are six, and fire.
      let expected = results[kept - 1]
      let others = (0..<5).map { number in
        var event = EventBuilder(eventType: "user.account.lock", at: Self.base)
        event.uuid = .string("other\(number)")
        event.result = expected
        return event
      }
      let lines = (copies.prefix(kept) + others).map(\.line)
      for order in [lines, lines.reversed()] {
        let result = referenceDetections(lines: order, options: ReferenceOptions())
        #expect(result.duplicates == kept - 1)
        #expect(result.detections.count == 1)
      }
    }
  }

  @Test func onlyTheSelectedRulesAreAsked() {
    var options = ReferenceOptions()
    options.rules = ["okta-accounts-locked-out"]
    let result = referenceDetections(lines: Self.slowStuffing, options: options)
    #expect(result.observations.isEmpty)
    #expect(result.events == 25)
  }

  @Test func linesAreAccountedFor() {
    var lock = EventBuilder(eventType: "user.account.lock", at: Self.base)
    lock.published = .null
    let lines = [lock.line, Array("[]".utf8), Array("{".utf8), Array(" \t\r".utf8), [], Array("{}".utf8)]
    let result = referenceDetections(lines: lines, options: ReferenceOptions())
    // An empty page holds no record.
    #expect(result.records == 3)
    #expect(result.events == 0)
    #expect(result.blankLines == 2)
    #expect(result.rejected == ["time": 1, "json": 1, "unrecognised": 1])
    #expect(result.observations.isEmpty)
  }

  /// Real events of other types: all are events, none is a detection.
  @Test func realSamplesHoldEventsOnly() throws {
    for (name, _) in SharedData.samples {
      let lines = try SharedData.lines(name)
      let result = referenceDetections(lines: lines, options: ReferenceOptions())
      #expect(result.rejected.isEmpty, "\(name)")
      #expect(result.events == lines.count)
    }
  }
}
