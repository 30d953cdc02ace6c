import SluiceReference
import SluiceTestSupport
import Testing

@testable import SluiceEngine
@testable import SluiceReference

/// The keys that make an object an event: its type, and another key that all events have. The engine and the oracle
/// must agree, whatever the rules in force ask for.
@Suite struct EventKeysTests {
  /// Members of an event besides its type, one by one; the values do not matter.
  static let second = [
    #""published":"2026-01-05T10:00:00Z""#, #""published":null"#, #""uuid":"u""#, #""actor":{"id":"00u1"}"#,
    #""actor":{"x":1,"type":null}"#, #""actor":{"alternateId":{}}"#, #""client":{"ipAddress":"192.0.2.1"}"#,
    #""outcome":{"result":"FAILURE"}"#, #""outcome":{"reason":[]}"#, #""\u0075uid":"u""#,
    #""published":1,"actor.id":"00u1","actor":{"id":"00u1"}"#, #""uuid":"u","outcome.x":1,"x":{"uuid":1}"#,
  ]
  /// Members of other objects, or of an event at the wrong place.
  static let strange = [
    #""x":1"#, #""displayMessage":"m""#, #""Published":"2026-01-05T10:00:00Z""#, #""x":{"uuid":"u"}"#,
    #""actor":"jane""#, #""actor":{}"#, #""actor":[{"id":"00u1"}]"#, #""actor":{"x":{"id":"00u1"}}"#,
    #""client":{"ip":"192.0.2.1"}"#, #""outcome":"FAILURE""#, #""outcome":{"reason":1},"outcome":null"#,
    #""actor.id":"00u1""#, #""outcome.reason":"LOCKED_OUT""#, #""uuid":"u","actor.alternateId":"jane""#,
    #""published":"2026-01-05T10:00:00Z","uuid":"u","client\u002eipAddress":null"#,
    #""actor":{"actor.id":1}"#,
  ]

  private static let tries = [
    ShapeTries.all, ShapeTries.of([]),
    ShapeTries.of(Set(FacetLayout(rules: [.accountsLockedOut]).fields.joined())),
  ]

  /// Returns one word for each record, which must be the same for all tries and for the oracle.
  private func records(_ line: String) -> [String] {
    let expected = ReferenceShapes(literals: []).records(of: Array(line.utf8)).map { record in
      switch record {
      case .event: "event"
      case .unknown: "unknown"
      case .rejected: "error"
      }
    }
    for tries in Self.tries {
      var reader = EventReader(tries: tries)
      var found: [String] = []
      withBytes(Array(line.utf8)) { bytes in
        reader.open(bytes)
        while let record = reader.next() {
          switch record {
          case .event: found.append("event")
          case .unknown: found.append("unknown")
          case .error: found.append("error")
          }
        }
      }
      #expect(found == expected, "\(line)")
    }
    return expected
  }

  @Test(arguments: ["eventType", #"eventT\u0079pe"#, "eventtype"])
  func anEventHasOneMoreKnownKeyThanItsType(type: String) {
    for members in Self.second {
      #expect(records(#"{"\#(type)":"user.account.lock",\#(members)}"#) == ["event"], "\(members)")
      #expect(records(#"{\#(members),"\#(type)":""}"#) == ["event"], "\(members)")
    }
    for members in Self.strange {
      #expect(records(#"{"\#(type)":"user.account.lock",\#(members)}"#) == ["unknown"], "\(members)")
      #expect(records(#"{\#(members),"\#(type)":"user.account.lock"}"#) == ["unknown"], "\(members)")
    }
    #expect(records(#"{"\#(type)":"user.account.lock"}"#) == ["unknown"])
  }

  @Test(arguments: ["eventType", "eventtype"]) func theTypeMustBeAString(type: String) {
    for value in ["null", "7", "true", "[]", "{}", #"["user.account.lock"]"#] {
      #expect(records(#"{"\#(type)":\#(value),"uuid":"u"}"#) == ["unknown"], "\(value)")
      #expect(records(#"{"\#(type)":"a","uuid":"u","\#(type)":\#(value)}"#) == ["unknown"], "\(value)")
      #expect(records(#"{"\#(type)":\#(value),"uuid":"u","\#(type)":"a"}"#) == ["event"], "\(value)")
    }
  }

  /// An object that is no event by itself may be a wrapper, even if it has a type.
  @Test func wrappersMayHaveATypeToo() {
    let event = #"{"eventType":"user.account.lock","uuid":"u"}"#
    for outer in [#""eventType":"x""#, #""eventtype":"x""#, #""eventType":null,"uuid":"u""#] {
      #expect(records(#"{\#(outer),"detail":\#(event)}"#) == ["event"])
      #expect(records(#"{\#(outer),"detail":{}}"#) == ["unknown"])
    }
  }

  @Test func anElasticDocumentNeedsAnActionAndAnOktaKey() {
    let okta = [
      "okta.uuid", "okta.actor.id", "okta.actor.type", "okta.actor.alternate_id", "okta.client.ip",
      "okta.outcome.result", "okta.outcome.reason",
    ]
    for path in okta {
      let keys = path.split(separator: ".")
      let nested = keys.reversed().reduce("null") { #"{"\#($1)":\#($0)}"# }.dropFirst().dropLast()
      for member in [#""\#(path)":"x""#, String(nested), #""okta":{"\#(path.dropFirst(5))":1}"#] {
        #expect(records(#"{"event.action":"a",\#(member)}"#) == ["event"], "\(member)")
        #expect(records(#"{"_source":{\#(member),"event":{"action":""}}}"#) == ["event"], "\(member)")
        #expect(records(#"{"event.action":null,\#(member)}"#) == ["unknown"], "\(member)")
        #expect(records(#"{"event":{"id":"a"},\#(member)}"#) == ["unknown"], "\(member)")
      }
    }
    for members in [
      #""@timestamp":"2026-01-05T10:00:00Z","event.id":"1","source.as.number":1"#, #""okta":null"#,
      #""okta":{"x":1}"#, #""actor":{"id":"00u1"},"uuid":"u""#, #""okta.actor":"id""#,
      #""okta":{"okta.uuid":1}"#,
    ] {
      #expect(records(#"{"event.action":"a",\#(members)}"#) == ["unknown"], "\(members)")
    }
  }

  /// The raw event in `event.original` is an event by the same rule; if it is present, no other member matters.
  @Test func anElasticOriginalNeedsTheKeysOfAnEvent() {
    func document(_ members: String) -> String {
      let event = String(decoding: JSONTree.string(#"{"eventType":"a",\#(members)}"#).plain, as: UTF8.self)
      return #"{"event":{"action":"a","original":\#(event)}}"#
    }
    for members in Self.second { #expect(records(document(members)) == ["event"], "\(members)") }
    for members in Self.strange { #expect(records(document(members)) == ["unknown"], "\(members)") }
  }

  /// Every real event has several of the keys.
  @Test func everySampleEventIsRecognised() throws {
    for sample in SharedData.samples {
      for line in try SharedData.lines(sample.name) {
        #expect(records(String(decoding: line, as: UTF8.self)) == ["event"])
      }
    }
  }
}
