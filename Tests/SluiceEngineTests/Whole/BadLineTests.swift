import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Bad lines. Each costs only itself, and the lines around it fire as if it were not there.
@Suite struct BadLineTests {
  struct Line: Sendable, CustomTestStringConvertible {
    var name: String
    var bytes: [UInt8]
    var reason: Reason.Word

    var testDescription: String { name }
  }

  private static let type = #""eventType":"user.account.lock","published":"2026-01-05T10:00:00Z""#

  private static func line(_ name: String, _ text: String, _ reason: Reason.Word = "json") -> Line {
    Line(name: name, bytes: Array(text.utf8), reason: reason)
  }

  /// Lines that all contain a rule's literal, so that they are parsed.
  static let bad: [Line] = [
    line("cut in a key", #"{\#(type),"clie"#), line("cut in a string", #"{\#(type),"a":"b"#),
    line("cut behind a colon", #"{\#(type),"a":"#), line("cut behind a comma", #"{\#(type),"#),
    line("cut in a number", #"{\#(type),"a":-"#), line("cut in a literal", #"{\#(type),"a":tru"#),
    line("cut in an escape", #"{\#(type),"a":"\u12"#), line("one bracket too few", #"{\#(type),"a":[1,[2]}"#),
    line("one bracket too many", #"{\#(type),"a":[1]]}"#),
    line("one brace too few", #"{\#(type),"a":{"b":1}"#),
    line("one brace too many", #"{\#(type)}}"#, "trailing"), line("wrong bracket", #"{\#(type),"a":[1}}"#),
    line("a comma behind", #"{\#(type)},"#, "trailing"),
    line("words", "user.account.lock of jane", "not-an-object"),
    line("an array", "[\"user.account.lock\"]", "not-an-object"),
    line("a string", "\"user.account.lock\"", "not-an-object"),
    line("an array in an array", #"[[{\#(type)}]]"#, "not-an-object"),
    line("an array that ends twice", #"[]]{\#(type)}"#, "page"),
    line("an array of nothing and something", #"[,{\#(type)}]"#),
    line("an unknown shape", #"{"event_type":"user.account.lock"}"#, "shape"),
    line("a wrapper with half an event", #"{"_raw":"{\"eventType\":\"user.account.lock\""}"#),
    line("single quotes", "{'eventType':'user.account.lock'}"),
    line("a comment", #"{\#(type)/* x */}"#), line("no quotes", "{eventType:user.account.lock}"),
    line("NaN", #"{\#(type),"a":NaN}"#), line("hexadecimal", #"{\#(type),"a":0x10}"#),
    line("leading zero", #"{\#(type),"a":01}"#),
    line("plus sign", #"{\#(type),"a":+1}"#), line("point at the end", #"{\#(type),"a":1.}"#),
    line("NUL between", "{\(type),\0\"a\":1}"), line("NUL in a string", "{\(type),\"a\":\"\0\"}"),
    line("NULs before", "\0\0\0{\(type)}", "not-an-object"),
    line("NULs behind", "{\(type)}\0\0\0", "trailing"),
    line("tab in a string", "{\(type),\"a\":\"\t\"}"), line("1,025 levels", nested(1024), "depth"),
    line("100,000 levels", nested(100_000), "depth"),
    line("100,000 levels, none closed", "{\(type),\"a\":" + String(repeating: "[", count: 100_000), "depth"),
    line("100,000 objects deep", "{\(type),\"a\":" + String(repeating: "{\"a\":", count: 100_000), "depth"),
    invalid("a lone continuation byte", [0x80]), invalid("an overlong slash", [0xC0, 0xAF]),
    invalid("a cut character", [0xE2, 0x82]),
    invalid("a surrogate as UTF-8", [0xED, 0xA0, 0x80]),
    invalid("beyond U+10FFFF", [0xF4, 0x90, 0x80, 0x80]), invalid("0xFF", [0xFF]),
    Line(
      name: "garbage",
      bytes: (0..<500).map { UInt8(truncatingIfNeeded: $0 * 167 + 11) }.filter { $0 != 0x0A }
        + Array("user.account.lock".utf8), reason: "not-an-object"),
  ]

  /// Returns an event with `levels` nested arrays.
  private static func nested(_ levels: Int) -> String {
    "{\(type),\"a\":" + String(repeating: "[", count: levels) + String(repeating: "]", count: levels) + "}"
  }

  private static func invalid(_ name: String, _ bytes: [UInt8]) -> Line {
    Line(name: name, bytes: Array("{\(type),\"a\":\"".utf8) + bytes + Array("\"}".utf8), reason: "utf8")
  }

  /// Six locks, which fire.
  private static let good = (0..<6).map { shortLine($0) }

  private func detections(_ result: ScanResult) -> [[UInt8]] { result.detections.map(\.withoutFiles.ndjson) }

  @Test(arguments: bad, [false, true]) func aBadLineCostsOnlyItself(line: Line, isStrict: Bool) {
    let alone = scanned(Self.good.joinedLines(), named: "a.json")
    #expect(alone.detections.count == 1)
    for index in [0, 3, 6] {
      var lines = Self.good
      lines.insert(line.bytes, at: index)
      let result = scanned(FrameBuilder(blocks: cut(lines.joinedLines())).bytes) { $0.isStrict = isStrict }
      #expect(detections(result) == detections(alone))
      #expect(result.stats.records.events == 6)
      #expect(result.stats.records.rejected == [line.reason: 1])
      // A file that begins with garbage is also reported as a whole.
      let problems = result.stats.problems.filter { $0.reason != "codec" || index > 0 }
      #expect(problems.count == 1)
      #expect(!result.stats.isComplete)
    }
  }

  /// An array that does not end is a page that includes the following lines; it is reported once more.
  @Test(arguments: [false, true]) func anArrayThatDoesNotEndCostsNoOtherLine(isStrict: Bool) {
    let alone = scanned(Self.good.joinedLines(), named: "a.json")
    let event = #"{"eventType":"user.authentication.sso","uuid":"u","published":"2026-01-05T10:00:00Z"}"#
    for (line, events) in [("[", 6), ("[" + event, 7), ("[" + event + ",", 7)] {
      for index in [0, 3, 6] {
        var lines = Self.good
        lines.insert(Array(line.utf8), at: index)
        let result = scanned(FrameBuilder(blocks: cut(lines.joinedLines())).bytes) { $0.isStrict = isStrict }
        #expect(detections(result) == detections(alone))
        #expect(result.stats.records.events == events, "\(line)")
        #expect(result.stats.records.rejected == ["cut": 1], "\(line)")
        #expect(result.stats.problems.map(\.message).contains { $0.contains("does not end") })
      }
    }
  }

  private func cut(_ text: [UInt8]) -> [[UInt8]] {
    stride(from: 0, to: text.count, by: 50_000).map { Array(text[$0..<min(text.count, $0 + 50_000)]) }
  }

  /// Ten million levels (half a million in a small run), in a line that is allowed to be so long, are refused at the
  /// limit without recursion.
  @Test func tenMillionLevelsAreRefusedAtTheLimit() {
    let levels = TestScale.count(10_000_000)
    for open in ["[", #"{"a":"#] {
      let line = Array(("{\(Self.type),\"a\":" + String(repeating: open, count: levels)).utf8)
      let result = scanned([line, Self.good[0]].joinedLines(), named: "a.json") {
        $0.limits.lineBytesMax = 1 << 30
      }
      #expect(result.stats.records.rejected == ["depth": 1])
      #expect(result.stats.records.events == 1)
      let long = scanned([line, Self.good[0]].joinedLines(), named: "a.json")
      let reason: Reason.Word = line.count > Limits().lineBytesMax ? "line-length" : "depth"
      #expect(long.stats.records.rejected == [reason: 1])
      #expect(long.stats.records.events == 1)
    }
  }

  /// Unusual but valid lines are not bad.
  @Test(arguments: [
    #""a":123456789012345678901234567890"#, #""a":-1e400"#, #""a":0.00000000000000000000000000000001"#,
    #""securityContext":{"asNumber":99999999999999999999}"#, #""securityContext":{"asNumber":1.0}"#,
    #""":"""#, #""a":"\ud800""#,
    #""eventType":"user.account.lock""#,
    #""client":{"ipAddress":"192.0.2.1"},"client":{"ipAddress":"192.0.2.1"}"#,
  ])
  func unusualValidLinesAreEvents(members: String) {
    let line = #"{"eventType":"user.account.lock","published":"2026-01-05T10:00:00Z",\#(members)}"#
    for isStrict in [false, true] {
      let stats = scanned(Array((line + "\n").utf8), named: "a.json") { $0.isStrict = isStrict }.stats
      #expect(stats.isComplete)
      #expect(stats.records.events == 1)
      #expect(stats.observations.map(\.count).max() == 1)
    }
  }
}
