@testable import SluiceEngine
@testable import SluiceReference
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// The records of single lines: their shapes, the usable part of damaged lines, and the nesting limit of wrappers.
@Suite struct RecordTests {
  private static let event = #"{"eventType":"user.account.lock","published":"2026-01-05T10:00:00Z"}"#

  /// Returns one word for each record: the shape's name, `unknown`, or the reason of an error.
  private func records(_ line: String) -> [String] { records(Array(line.utf8)) }

  private func records(_ line: [UInt8], check: (inout EventReader) -> Void = { _ in }) -> [String] {
    var reader = EventReader()
    var found: [String] = []
    withBytes(line) { bytes in
      reader.open(bytes)
      while let record = reader.next() {
        switch record {
        case .event(let shape):
          found.append(shape.name)
          check(&reader)
        case .unknown: found.append("unknown")
        case .error(let error): found.append(error.reason.rawValue)
        }
      }
    }
    return found
  }

  /// Returns a field's value in the one event of a line.
  private func value(_ field: Field, of line: String) -> String? {
    var found: String?
    _ = records(Array(line.utf8)) { found = $0.value(field)?.string }
    return found
  }

  private func quoted(_ text: String) -> String {
    String(decoding: JSONTree.string(text).plain, as: UTF8.self)
  }

  @Test func severalRecordsOnALineAreTakenApart() {
    let event = Self.event
    #expect(records("\(event)\(event)") == ["concatenated", "concatenated"])
    #expect(records("\(event) \t\(event)\r") == ["concatenated", "concatenated"])
    #expect(records("\(event)x") == ["trailing"])
    #expect(records("\(event),\(event)") == ["trailing"])
    #expect(records("\(event)\(event)x") == ["concatenated", "trailing"])
    #expect(records("\(event){") == ["concatenated", "json"])
    #expect(records("\(event) [\(event)]") == ["concatenated", "concatenated"])
    #expect(records("\(event)[\(event)]x") == ["concatenated", "concatenated", "trailing"])
    #expect(records("\(event)[\(event)") == ["concatenated", "json"])
    #expect(records("\(event)]") == ["trailing"])
    #expect(records("[\(event),\(event)]") == ["page", "page"])
    #expect(records(" [ \(event) , \(event) ] \r") == ["page", "page"])
    #expect(records("[]") == [])
    #expect(records(" [ ] ") == [])
    #expect(records("[]x") == ["trailing"])
    #expect(records("[\(event)]x") == ["page", "trailing"])
    #expect(records("[\(event)]\(event)") == ["page", "page"])
    #expect(records("[\(event)] [\(event),\(event)]\t[]\r") == ["page", "page", "page"])
    #expect(records("[][] []") == [])
    #expect(records("[][\(event)]") == ["page"])
    #expect(records("[\(event)],[\(event)]") == ["page", "trailing"])
    #expect(records("[\(event)][\(event)") == ["page", "json"])
    #expect(records("[][7]") == ["not-an-object"])
    #expect(records("[\(event),]") == ["page", "json"])
    #expect(records("[\(event)") == ["json"])
    #expect(records("[\(event) \(event)]") == ["json"])
    #expect(records("[\(event),,\(event)]") == ["page", "json"])
    #expect(
      records("[1,\(event),[\(event)],null,\"\",\(event)]") == [
        "not-an-object", "page", "not-an-object", "not-an-object", "not-an-object", "page",
      ])
    #expect(records("[") == ["json"])
    #expect(records("[,") == ["json"])
    #expect(records("7") == ["not-an-object"])
  }

  /// Nesting is counted within each page.
  @Test func severalPagesNestNoDeeperThanOne() {
    let nested = String(repeating: "[", count: 1022) + String(repeating: "]", count: 1022)
    let event = #"{"eventType":"user.account.lock","uuid":\#(nested)}"#
    #expect(records("[\(event)]") == ["page"])
    #expect(records("[[\(event)]]") == ["depth"])
    #expect(records(String(repeating: "[\(event)]", count: 5)) == Array(repeating: "page", count: 5))
    #expect(records("\(event)[\(event)]\(event)") == Array(repeating: "concatenated", count: 3))
  }

  @Test func eventHooksAreTakenApart() {
    func hook(_ events: String) -> String {
      #"{"eventType":"com.okta.event_hook","data":{"events":\#(events)}}"#
    }
    #expect(
      records(hook("[\(Self.event),7,\(Self.event)]")) == ["event-hook", "not-an-object", "event-hook"])
    #expect(records(hook("[]")) == [])
    #expect(records(hook("{}")) == ["unknown"])
    #expect(records(hook("null")) == ["unknown"])
    #expect(
      records(#"{"data":{"events":[\#(Self.event)]},"eventType":"com.okta.event\u005fhook"}"#) == [
        "event-hook"
      ])
    #expect(records(#"{"eventType":"com.okta.event_hook"}"#) == ["unknown"])
    // Its shape is unknown until it ends.
    #expect(records(hook("[\(Self.event),")) == ["json"])
  }

  /// Outer keys with the names of inner ones do not belong to the event.
  @Test func outerKeysDoNotShadow() {
    let outer =
      #""id":"outer","uuid":"outer","published":"1999-01-01T00:00:00Z","client":{"ipAddress":"192.0.2.99"}"#
    for line in [
      #"{\#(outer),"detail":\#(Self.event)}"#, #"{"detail":\#(Self.event),\#(outer)}"#,
      #"{\#(outer),"event":\#(Self.event)}"#, #"{"_raw":\#(quoted(Self.event)),\#(outer)}"#,
      #"{"attributes":\#(Self.event),\#(outer)}"#,
    ] {
      #expect(value(.published, of: line) == "2026-01-05T10:00:00Z")
      #expect(value(.uuid, of: line) == nil)
      #expect(value(.clientIP, of: line) == nil)
    }
  }

  @Test func atMostFourWrappersAreOpened() {
    var line = Self.event
    for depth in 1...7 {
      line = depth % 2 == 0 ? #"{"_raw":\#(quoted(line))}"# : #"{"detail":\#(line)}"#
      #expect(
        records(line) == (depth > 4 ? ["shape"] : [depth % 2 == 0 ? "cribl" : "eventbridge"]), "\(depth)")
    }
  }

  @Test func wrappedTextThatIsNoEventIsRejected() {
    #expect(records(#"{"message":"user.account.lock happened"}"#) == ["unknown"])
    #expect(records(#"{"message":""}"#) == ["unknown"])
    #expect(records(#"{"_raw":7}"#) == ["unknown"])
    #expect(records(#"{"message":"{"}"#) == ["json"])
    #expect(records(#"{"_raw":"[\"a\"]"}"#) == ["not-an-object"])
    #expect(records(#"{"_raw":"[]"}"#) == [])
    #expect(
      records(#"{"message":\#(quoted(Self.event + "\n" + Self.event + "\n{"))}"#) == [
        "elastic-input", "elastic-input", "json",
      ])
    #expect(
      records(#"{"message":\#(quoted("[\(Self.event)]\n[\(Self.event)]\n\(Self.event)"))}"#) == [
        "elastic-input", "elastic-input", "elastic-input",
      ])
  }

  // MARK: Elastic documents

  @Test func elasticNamesAreReadInEverySpelling() {
    for document in [
      #"{"event":{"action":"a"},"okta":{"actor":{"alternate_id":"jane"},"client":{"ip":"192.0.2.1"}}}"#,
      #"{"event.action":"a","okta.actor.alternate_id":"jane","okta.client.ip":"192.0.2.1"}"#,
      #"{"okta":{"actor.alternate_id":"jane"},"event.action":"a","okta.client":{"ip":"192.0.2.1"}}"#,
      #"{"okta.actor":{"alternate_id":"jane"},"event":{"action":"a"},"okta":{"client.ip":"192.0.2.1"}}"#,
      #"{"_index":"x","_source":{"event":{"action":"a"},"okta":{"actor.alternate_id":"jane","client.ip":"192.0.2.1"}}}"#,
      #"{"okta.actor\u002ealternate_id":"jane","event.action":"a","okta.client.ip":"192.0.2.1"}"#,
    ] {
      #expect(records(document) == ["elastic-document"], "\(document)")
      #expect(value(.user, of: document) == "jane", "\(document)")
      #expect(value(.clientIP, of: document) == "192.0.2.1", "\(document)")
    }
  }

  @Test func elasticAlternativesStandInForAbsentFields() {
    let own = #""okta.security_context.as.number":64500,"okta.security_context.as.organization.name":"own""#
    let looked = #""source":{"as":{"number":64501,"organization.name":"looked up"}}"#
    for (members, number, name) in [
      ("\(own),\(looked)", "64500", "own"), ("\(looked),\(own)", "64500", "own"),
      (looked, "64501", "looked up"),
      (
        #""okta.security_context.as.number":null,"okta.security_context.as.organization.name":"",\#(looked)"#,
        "64501", "looked up"
      ),
    ] {
      let document = #"{"event.action":"a","okta.uuid":"u",\#(members)}"#
      #expect(value(.asNumber, of: document) == number, "\(document)")
      #expect(value(.asOrg, of: document) == name, "\(document)")
    }
    let debugData = #""okta.debug_context.debug_data""#
    for reasons in [#""A, B""#, #"["A","B"]"#, #"["A, B"]"#] {
      let document =
        #"{"event.action":"a","okta":{"uuid":"u"},\#(debugData):{"risk_reasons":\#(reasons),"threat_suspected":true}}"#
      #expect(value(.riskReasons, of: document) == "A,B")
      #expect(value(.threatSuspected, of: document) == "true")
    }
  }

  /// The text of the whole event takes precedence over the document, if it is an event.
  @Test func anElasticOriginalThatIsAnEventReplacesItsDocument() {
    func document(_ original: String) -> String {
      #"{"event":{"action":"renamed","original":\#(quoted(original))},"okta":{"uuid":"u"}}"#
    }
    #expect(value(.eventType, of: document(Self.event)) == "user.account.lock")
    for original in [
      "", "words", "{", "[\(Self.event)]", "[\"eventType\":1}", "{}", "\(Self.event) x",
      #"{"eventType":"com.okta.event_hook"}"#, #"{"eventType":"user.account.lock"}"#,
    ] {
      #expect(value(.eventType, of: document(original)) == "renamed", "\(original)")
    }
    #expect(records(#"{"event.original":"{}"}"#) == ["unknown"])
  }

  // MARK: Damage

  /// Lines of every form, cut at every byte: the engine and the oracle find the same records.
  @Test(arguments: ShipperFormat.allCases) func aLineCutAtAnyByteReadsLikeTheReference(form: ShipperFormat) {
    var rng = SplitMix64(seed: 3)
    var event = JSONTree.members(["eventType": "user.account.lock", "uuid": "\"\\\u{E9}", "outcome": .null])
    event.set(["client", "ipAddress"], to: "192.0.2.1")
    let isOne = [
      .page, .concatenated, .eventHook, .joinedMessage, .pageInHEC, .hookInMessage, .pages, .pagesAmongEvents,
    ].contains(form)
    let line = form.line(isOne ? [event, event, event] : [event], using: &rng)
    for count in TestScale.some(1..<line.count + 1) {
      let cut = Array(line[..<count])
      let expected = ReferenceShapes(literals: []).records(of: cut).map { record in
        switch record {
        case .event: "event"
        case .unknown: "unknown"
        case .rejected: "error"
        }
      }
      let found = records(cut).map { word in
        word == "unknown" ? word : Shape.allCases.contains { $0.name == word } ? "event" : "error"
      }
      if found != expected { Issue.record("\(form), cut at \(count): \(found), not \(expected)") }
    }
    #expect(records(line).count == (isOne ? 3 : 1))
  }
}
