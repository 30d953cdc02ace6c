@testable import SluiceEngine
import SluiceReference
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// Unsupported schemas, which must never look like "no attack". A record in an unknown format that contains a rule's
/// literal is rejected with reason `shape`.
@Suite struct ForeignSchemaTests {
  private func stats(_ line: String, isStrict: Bool = false) -> RunStats {
    scanned(Array((line + "\n").utf8), named: "a.json") { $0.isStrict = isStrict }.stats
  }

  /// Returns a string within strings, `depth` levels deep.
  private func nested(_ text: String, _ depth: Int) -> String {
    (0..<depth).reduce(text) { text, _ in
      String(decoding: JSONTree.members(["text": .string(text)]).plain, as: UTF8.self)
    }
  }

  @Test(arguments: [
    #"{"type":"user.account.lock","user":"jane"}"#, #"{"outcome":{"reason":"INVALID_CREDENTIALS"}}"#,
    #"{"detail":{"name":"user.account.lock"}}"#, #"{"attributes":{"evt":{}},"message":"user.account.lock"}"#,
    #"{"message":"2026-01-05 user.account.lock jane"}"#, #"{"event":"user.account.lock"}"#,
    #"{"user.account.lock":1}"#, #"{"a":["security.threat.detected"]}"#,
    #"{"type":"\u0075ser.account.lock"}"#, #"{"type":"user\u002eaccount.lock"}"#,
    // One key alone does not identify Okta.
    #"{"eventType":"user.account.lock"}"#, #"{"eventType":"a","outcome.reason":"INVALID_CREDENTIALS"}"#,
    #"{"eventtype":"user.account.lock","message":"x"}"#, #"{"event.action":"user.account.lock"}"#,
    #"{"event":{"action":"user.account.lock","id":"1"},"@timestamp":"2026-01-05T10:00:00Z","user":{"id":1}}"#,
    #"{"eventType":"com.other.hook","data":{"events":[{"eventType":"user.account.lock","published":"2026-01-05T10:00:00Z"}]}}"#,
    // An event without a type and a flattened event are not recognised either.
    #"{"eventType":null,"published":"2026-01-05T10:00:00Z","displayMessage":"user.account.lock"}"#,
    #"{"eventType":"user.account.lock","published":"2026-01-05T10:00:00Z","client.ipAddress":"192.0.2.1"}"#,
    #"{"a":"{\"b\":\"\\u0075ser.account.lock\"}"}"#, #"{"a":"{\"b\":\"\u005cu0075ser.account.lock\"}"}"#,
  ])
  func foreignRecordsWithALiteralAreRejectedAsShape(line: String) {
    for isStrict in [false, true] {
      let stats = stats(line, isStrict: isStrict)
      #expect(stats.records.rejected == ["shape": 1], "\(line)")
      #expect(stats.records.events == 0, "\(line)")
      #expect(!stats.isComplete, "\(line)")
      #expect(stats.problems.map(\.reason) == ["shape"])
      #expect(stats.candidates == 1)
    }
  }

  /// A record of no known shape without a rule's literal is no event either.
  @Test(arguments: [
    #"{"type":"other"}"#, #"{"type":"\u0041"}"#, "{}", #"{"type":"user.account.\u006cimit"}"#,
    #"{"text":"{\"a\":\"\\u0041\"}"}"#, #"{"eventType":"other"}"#, #"{"event.action":"other"}"#,
  ])
  func foreignRecordsWithoutALiteralAreUnrecognised(line: String) {
    for isStrict in [false, true] {
      let stats = stats(line, isStrict: isStrict)
      #expect(stats.records.rejected == ["unrecognised": 1])
      #expect(stats.records.events == 0)
      #expect(stats.records.shapes.isEmpty)
      #expect(!stats.isComplete)
    }
  }

  /// Only the literals of the rules in force count.
  @Test func onlyLiteralsOfTheRulesInForceCount() {
    let line = Array(#"{"type":"user.account.lock"}"#.utf8)
    for isStrict in [false, true] {
      let result = scanned(line, named: "a.json") {
        $0.rules = [.credentialStuffing]
        $0.isStrict = isStrict
      }
      #expect(result.stats.records.rejected == ["unrecognised": 1])
    }
  }

  /// Escapes within escapes contain `\u00` at any depth, so that the prefilter finds the line.
  @Test(arguments: [true, false]) func literalsAreFoundHoweverDeep(isEscaped: Bool) {
    let type = isEscaped ? #"\u0075ser.account.lock"# : "user.account.lock"
    let event = #"{"eventType":"\#(type)","published":"2026-01-05T10:00:00Z"}"#
    for depth in 0...4 {
      let line = (0..<depth).reduce(event) { text, _ in
        String(decoding: JSONTree.members(["_raw": .string(text)]).plain, as: UTF8.self)
      }
      let stats = stats(line)
      #expect(stats.candidates == 1, "\(depth)")
      #expect(stats.observations.map(\.count).max() == 1, "\(depth)")
    }
    let foreign = #"{"type":"\#(type)"}"#
    for depth in 0...3 {
      #expect(stats(nested(foreign, depth)).records.rejected == ["shape": 1], "\(depth)")
    }
  }

  /// Lines without a record are counted like all others.
  @Test func linesWithoutARecordAreAccountedFor() {
    let text = "[]\n" + #"{"eventType":"com.okta.event_hook","data":{"events":[]}}"# + "\n[ ]\n\n[\n"
    for isStrict in [true, false] {
      let stats = scanned(Array(text.utf8), named: "a.json") { $0.isStrict = isStrict }.stats
      #expect(stats.records.lines == 5)
      #expect(stats.records.blankLines == 1)
      // Without --strict, a hook that no rule can match is only sampled.
      #expect(stats.records.linesWithoutRecord == (isStrict ? 4 : 3))
      #expect(stats.records.events == 0)
      // This is the page that does not end.
      #expect(stats.records.recordsBeyondLines == 1)
      #expect(stats.records.rejected == (isStrict ? ["cut": 1] : ["cut": 1, "unrecognised": 1]))
    }
    // A page that no rule can match is not parsed.
    let quick = scanned(Array("[{},{},{}]\n".utf8), named: "a.json").stats
    #expect(quick.records.count == 1)
    #expect(quick.records.rejected == ["unrecognised": 1])
    #expect(quick.records.recordsBeyondLines == 0)
  }

  /// Events before the damage count, and the rest is one record.
  @Test func aDamagedPageKeepsTheEventsBeforeTheDamage() {
    let event = #"{"eventType":"user.account.lock","published":"2026-01-05T10:00:00Z"}"#
    let stats = stats("[\(event),\(event),{\"eventType\":,\(event)]")
    #expect(stats.records.events == 2)
    #expect(stats.records.rejected == ["json": 1])
    #expect(stats.records.count == 3)
    #expect(stats.records.lines == 1)
    #expect(stats.records.recordsBeyondLines == 2)
    #expect(stats.problems.count == 1)
  }

  /// The real samples give the same events when they are shipped twice.
  @Test func theWrapperFileEqualsTheBareOne() throws {
    let bare = try values("criblpacks__cribl-okta-rest__I4942I.json.ndjson")
    let wrapped = try values("criblpacks__cribl-okta-rest__I4942I.wrapper.json.ndjson")
    #expect(bare.count == 100)
    #expect(bare == wrapped)
    for name in ["okta_tests_lowercase", "okta_tests_p_fields"] {
      let values = try values("panther-labs__panther-analysis__\(name).ndjson")
      #expect(values.allSatisfy { $0[Field.eventType.rawValue] != nil && $0[Field.user.rawValue] != nil })
    }
    let lowercase = try values("panther-labs__panther-analysis__okta_tests_lowercase.ndjson")
    #expect(lowercase.count == 40)
    #expect(lowercase.contains { $0[Field.asOrg.rawValue] != nil })
    #expect(lowercase.contains { $0[Field.logOnlySecurityData.rawValue] != nil })
  }

  private func values(_ name: String) throws -> [[[UInt8]?]] {
    var reader = EventReader()
    var events: [[[UInt8]?]] = []
    for line in try SharedData.lines(name) {
      withBytes(line) { bytes in
        reader.open(bytes)
        while case .event = reader.next() { events.append(Field.allCases.map { reader.value($0)?.array }) }
      }
    }
    return events
  }
}
