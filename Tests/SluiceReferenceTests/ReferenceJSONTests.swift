import Foundation
import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceReference

@Suite struct ReferenceJSONTests {
  private static func parse(_ text: String) -> ReferenceJSON? { ReferenceJSON(parsing: Array(text.utf8)) }

  @Test func readsEveryKindOfValue() {
    #expect(
      Self.parse(" {\"a\":[null,true,false,-1.5e+3,0],\"b\":\"\\u0041\\/\\n\"}\r\n")
        == .object([
          .init(
            key: "a", value: .array([.null, .bool(true), .bool(false), .number("-1.5e+3"), .number("0")])),
          .init(key: "b", value: .string("A/\n")),
        ]))
  }

  @Test func surrogatePairsAreJoinedAndLoneOnesKept() {
    #expect(Self.parse(#""\ud834\uDD1E""#) == .string("\u{1D11E}"))
    #expect(Self.parse(#""\ud834x""#) == .string(LogText([0xED, 0xA0, 0xB4, 0x78])))
    #expect(Self.parse(#""\udd1e\ud834""#) == .string(LogText([0xED, 0xB4, 0x9E, 0xED, 0xA0, 0xB4])))
    #expect(Self.parse(#""\ud834\u0041""#) == .string(LogText([0xED, 0xA0, 0xB4, 0x41])))
    #expect(
      Self.parse(#""\ud834\ud834\udd1e""#) == .string(LogText([0xED, 0xA0, 0xB4, 0xF0, 0x9D, 0x84, 0x9E])))
  }

  @Test func lastOfARepeatedKeyCounts() {
    #expect(Self.parse(#"{"a":1,"\u0061":{"b":2}}"#)?[path: "a", "b"] == .number("2"))
    #expect(Self.parse(#"{"a":{"b":2},"a":1}"#)?[path: "a", "b"] == nil)
  }

  /// The project's own cases, alone and as the value of a member.
  @Test(arguments: JSONCase.all) func decidesAsStated(text: JSONCase) {
    #expect((ReferenceJSON(parsing: text.bytes) != nil) == text.isRead)
    let object = Array(#"{"x":"#.utf8) + text.bytes + Array("}".utf8)
    #expect((ReferenceJSON(parsing: object) != nil) == text.isRead)
  }

  /// Foundation reads the same tree where it can. It keeps the first of a repeated key, and no lone surrogate.
  @Test(arguments: 1...UInt64(20)) func agreesWithFoundation(seed: UInt64) throws {
    var rng = SplitMix64(seed: seed)
    for _ in 0..<10 {
      var event = EventBuilder(eventType: "user.session.start", at: EventTime(milliseconds: 0))
      event.user = rng.pick(["caf\u{E9}", "\u{1D11E}\\", "\"", "a/b\u{1}\u{7F}"])
      event.logOnlySecurityData = #"{"risk":{}}"#
      var freedom = SpellingFreedom()
      freedom.escapes = 3
      let line = event.tree.spelled(freedom, using: &rng)
      let theirs = try JSONDecoder().decode(FoundationJSON.self, from: Data(line))
      let ours = try #require(ReferenceJSON(parsing: line))
      #expect(ours.equals(theirs), "\(String(decoding: line, as: UTF8.self))")
    }
  }
}

@Suite(.enabled(if: JSONTestSuite.isGiven, "SLUICE_JSON_TEST_SUITE names no folder"))
struct JSONTestSuiteReferenceTests {
  /// `y_` must be accepted, `n_` refused; `i_` is free.
  @Test func validTextsOfTheSuiteAreTakenAndInvalidOnesRefused() throws {
    let names = JSONTestSuite.names("y") + JSONTestSuite.names("n")
    #expect(names.count == 283)
    for name in names {
      let bytes = try JSONTestSuite.bytes(name)
      #expect((ReferenceJSON(parsing: bytes) != nil) == name.hasPrefix("y"), "\(name)")
    }
  }
}

/// A tree as Foundation's decoder gives it.
private enum FoundationJSON: Decodable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([FoundationJSON])
  case object([String: FoundationJSON])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let flag = try? value.decode(Bool.self) {
      self = .bool(flag)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .string(text)
    } else if let elements = try? value.decode([FoundationJSON].self) {
      self = .array(elements)
    } else {
      self = .object(try value.decode([String: FoundationJSON].self))
    }
  }
}

extension ReferenceJSON {
  fileprivate func equals(_ theirs: FoundationJSON) -> Bool {
    switch (self, theirs) {
    case (.null, .null): true
    case (.bool(let ours), .bool(let theirs)): ours == theirs
    case (.number(let ours), .number(let theirs)): Double(ours) == theirs
    case (.string(let ours), .string(let theirs)): ours == LogText(theirs)
    case (.array(let ours), .array(let theirs)):
      ours.count == theirs.count && zip(ours, theirs).allSatisfy { $0.equals($1) }
    case (.object(let ours), .object(let theirs)):
      ours.count == theirs.count
        && ours.allSatisfy { member in theirs[member.key.description].map(member.value.equals) ?? false }
    default: false
    }
  }
}
