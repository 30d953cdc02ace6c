import Foundation
import SluiceRecords
import SluiceTestSupport
import Testing

/// JSON text: valid, readable back exactly, and safe to show.
@Suite struct JSONWriterTests {
  private func written(_ value: Value) -> String {
    var json = JSONWriter()
    json.write(value)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  @Test(arguments: [
    ("", #""""#), ("a\"b\\c", #""a\"b\\c""#), ("/", #""/""#), ("\n\r\t", #""\n\r\t""#),
    ("\0\u{1}\u{1F}", #""\u0000\u0001\u001f""#),
    ("\u{1B}[31m", #""\u001b[31m""#), ("\u{7F}", #""\u007f""#),
    ("\u{80}\u{9B}\u{9F}", #""\u0080\u009b\u009f""#),
    ("\u{A0}é€\u{1D11E}", "\"\u{A0}é€\u{1D11E}\""), ("\u{2028}\u{2029}", #""\u2028\u2029""#),
    ("\u{202E}\u{2066}\u{200B}\u{FEFF}\u{61C}", #""\u202e\u2066\u200b\ufeff\u061c""#), ("Ø¼", "\"Ø¼\""),
  ])
  func textsAreEscaped(text: String, expected: String) { #expect(written(.text(LogText(text))) == expected) }

  @Test(
    arguments: [
      ([0xED, 0xA0, 0x80], #""\ud800""#), ([0x61, 0xED, 0xBF, 0xBF, 0x62], #""a\udfffb""#),
      ([0xED, 0xB0, 0x80, 0xED, 0xA0, 0x80], #""\udc00\ud800""#), ([0xED, 0x9F, 0xBF], "\"\u{D7FF}\""),
      ([0xEE, 0x80, 0x80], "\"\u{E000}\""),
    ] as [([UInt8], String)])
  func loneSurrogatesAreKeptAsEscapes(bytes: [UInt8], expected: String) {
    #expect(written(.text(LogText(bytes))) == expected)
  }

  @Test func everyCharacterReadsBackByFoundation() throws {
    for start in TestScale.some(Array(stride(from: UInt32(0), to: 0x11_0000, by: 0x400))) {
      // Foundation strips a byte order mark at the start of a string.
      let scalars = ["x" as Unicode.Scalar] + (start..<start + 0x400).compactMap(Unicode.Scalar.init)
      var text = String.UnicodeScalarView()
      text.append(contentsOf: scalars)
      let json = Data("[\(written(.text(LogText(String(text)))))]".utf8)
      let back = try JSONSerialization.jsonObject(with: json) as? [String]
      if back?.first.map({ Array($0.utf8) }) != Array(String(text).utf8) { Issue.record("from \(start)") }
      // Characters that move, hide or control text are always escaped.
      let bare = String(decoding: json, as: UTF8.self).unicodeScalars
      let acting: Set<Unicode.GeneralCategory> = [
        .control, .format, .lineSeparator, .paragraphSeparator, .surrogate,
      ]
      if let acts = bare.first(where: { acting.contains($0.properties.generalCategory) }) {
        Issue.record("U+\(String(acts.value, radix: 16))")
      }
    }
  }

  @Test func doublesReadBackExactly() throws {
    let special: [Double] = [
      0, -0.0, 1, 25, 0.1, 1.0 / 3, 200.0 / 3, 1e15, 1e16, 1e21, 1e300, .leastNonzeroMagnitude,
      .greatestFiniteMagnitude,
    ]
    var rng = SplitMix64(seed: 4)
    let random = (0..<5000).map { _ in Double(bitPattern: rng.next()) }.filter(\.isFinite)
    for value in special + random + (1...500).map({ Double($0) * 100 / 37 }) {
      let text = written(.double(value))
      #expect(Double(text)?.bitPattern == value.bitPattern, "\(text)")
      #expect((try? JSONSerialization.jsonObject(with: Data("[\(text)]".utf8))) != nil, "\(text)")
    }
  }

  @Test func nestedValuesAreWrittenInOrder() {
    var json = JSONWriter()
    json.object { json in
      json.member("a", 1)
      json.key("b")
      json.array { json in
        json.object { _ in }
        json.array { _ in }
        json.write(.list([.bool(true), .null, .list([])]))
      }
      json.member("c\"", nil as String?)
      json.member("d", ["x", "y"])
      json.member("e", .time(EventTime(milliseconds: 0)))
      json.member("f", .address(IPAddress(v4: 0xC000_0201)))
      json.member("g", .integer(.min))
    }
    #expect(
      String(decoding: json.bytes, as: UTF8.self)
        == #"""
        {"a":1,"b":[{},[],[true,null,[]]],"c\"":null,"d":["x","y"],"e":"1970-01-01T00:00:00.000Z",\#
        "f":"192.0.2.1","g":-9223372036854775808}
        """#
    )
  }
}
