import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Unescaping, UTF-8, numbers and uuids, by table and against naive oracles.
@Suite struct TextTests {
  private func unescaped(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    withBytes(Array(text.utf8)) { unescape($0) { bytes.append($0) } }
    return bytes
  }

  @Test(arguments: [
    ("", ""), ("plain", "plain"), (#"\"\\\/"#, "\"\\/"), (#"\b\f\n\r\t"#, "\u{8}\u{C}\n\r\t"),
    (#"\u0041\u00e9\u00E9"#, "Aéé"), (#"\u0000"#, "\0"), (#"\u20ac"#, "€"), (#"\ud834\udd1e"#, "\u{1D11E}"),
    (#"\uDBFF\uDFFF"#, "\u{10FFFF}"), (#"\\u0041"#, "\\u0041"), (#"é\u0301"#, "\u{E9}\u{301}"),
    (#"a\\"#, "a\\"), (#"\ufeff"#, "\u{FEFF}"), (#"\u07ff\u0800\uffff"#, "\u{7FF}\u{800}\u{FFFF}"),
  ])
  func escapesAreDecoded(text: String, expected: String) { #expect(unescaped(text) == Array(expected.utf8)) }

  @Test(
    arguments: [
      (#"\ud800"#, [0xED, 0xA0, 0x80]), (#"\udfff"#, [0xED, 0xBF, 0xBF]),
      (#"\ud800x"#, [0xED, 0xA0, 0x80, 0x78]),
      (#"\ud800\n"#, [0xED, 0xA0, 0x80, 0x0A]), (#"\ud800\u0041"#, [0xED, 0xA0, 0x80, 0x41]),
      (#"\udc00\ud800"#, [0xED, 0xB0, 0x80, 0xED, 0xA0, 0x80]),
      (#"\ud800\ud834\udd1e"#, [0xED, 0xA0, 0x80, 0xF0, 0x9D, 0x84, 0x9E]),
    ] as [(String, [UInt8])])
  func loneSurrogatesAreKept(text: String, expected: [UInt8]) { #expect(unescaped(text) == expected) }

  @Test(
    arguments: [
      ([], nil), ([0x41], nil), ([0xC3, 0xA9], nil), ([0xEF, 0xBF, 0xBF], nil),
      ([0xF4, 0x8F, 0xBF, 0xBF], nil),
      ([0x80], 0), ([0x41, 0xBF], 1), ([0xC0, 0x80], 0), ([0xC1, 0xBF], 0), ([0xC3], 0), ([0xC3, 0x41], 0),
      ([0xE0, 0x9F, 0xBF], 0), ([0xE0, 0xA0, 0x80], nil), ([0xED, 0x9F, 0xBF], nil), ([0xED, 0xA0, 0x80], 0),
      ([0xEE, 0x80, 0x80], nil), ([0xF0, 0x8F, 0xBF, 0xBF], 0), ([0xF0, 0x90, 0x80, 0x80], nil),
      ([0xF4, 0x90, 0x80, 0x80], 0), ([0xF5, 0x80, 0x80, 0x80], 0), ([0xFF], 0), ([0xE2, 0x82], 0),
      ([0xC3, 0xA9, 0xE2, 0x82, 0x41], 2), ([0xF1, 0x80, 0x80, 0x41], 0),
    ] as [([UInt8], Int?)])
  func theFirstInvalidUTF8IsFound(bytes: [UInt8], expected: Int?) {
    #expect(withBytes(bytes) { $0.firstInvalidUTF8() } == expected)
  }

  /// A text is valid exactly if the standard library says so; the error's offset is the length of the longest valid
  /// prefix.
  @Test func utf8AgreesWithTheStandardLibrary() {
    let pieces: [[UInt8]] = ["a", "é", "€", "\u{1D11E}", "\u{7FF}", "\u{FFFF}"].map { Array($0.utf8) }
    for seed in TestScale.seeds(20_000) {
      var rng = SplitMix64(seed: seed)
      var bytes = (0..<Int.random(in: 0...5, using: &rng)).flatMap { _ in rng.pick(pieces) }
      for _ in 0..<Int.random(in: 0...2, using: &rng) where !bytes.isEmpty {
        let index = Int.random(in: 0..<bytes.count, using: &rng)
        if rng.oneIn(3) {
          bytes.remove(at: index)
        } else {
          bytes[index] = .random(in: 0x60...0xFF, using: &rng)
        }
      }
      // The longest valid prefix that ends between characters.
      let valid = (0...bytes.count).last { String(validating: bytes[..<$0], as: UTF8.self) != nil } ?? 0
      let expected = valid == bytes.count ? nil : valid
      let found = withBytes(bytes) { $0.firstInvalidUTF8() }
      if found != expected {
        Issue.record(
          "seed \(seed): \(bytes): \(String(describing: found)), not \(String(describing: expected))")
        return
      }
    }
  }

  @Test(
    arguments: [
      ("0", 0), ("-0", 0), ("7", 7), ("-7", -7), ("64500", 64500), ("9223372036854775807", .max),
      ("-9223372036854775808", .min), ("9223372036854775808", nil), ("-9223372036854775809", nil),
      ("99999999999999999999", nil), ("1.0", nil), ("1e3", nil), ("", nil), ("-", nil), ("+1", nil),
      (" 1", nil),
      ("1 ", nil), ("0x1", nil),
    ] as [(String, Int?)])
  func onlyPlainDecimalIntegersAreRead(text: String, expected: Int?) {
    #expect(withBytes(Array(text.utf8)) { $0.decimalInteger } == expected)
  }

  private func bits(_ text: String) -> [UInt64]? {
    withBytes(Array(text.utf8)) { $0.canonicalUUID.map { [$0.high, $0.low] } }
  }

  /// Only one spelling is stored as 128 bits. Two spellings are two uuids, because texts are compared as bytes.
  @Test func onlyCanonicalUUIDsAreRead() {
    #expect(
      bits("c108c4cc-6641-11f0-b8ab-e7cc1dd1a43e") == [0xC108_C4CC_6641_11F0, 0xB8AB_E7CC_1DD1_A43E])
    #expect(bits("00000000-0000-0000-0000-000000000000") == [0, 0])
    #expect(bits("ffffffff-ffff-ffff-ffff-ffffffffffff") == [.max, .max])
    for text in [
      "", "C108C4CC-6641-11F0-B8AB-E7CC1DD1A43E", "c108c4cc-6641-11f0-b8ab-e7cc1dd1a43E",
      "c108c4cc-6641-11f0-b8ab-e7cc1dd1a43", "c108c4cc-6641-11f0-b8ab-e7cc1dd1a43e0",
      "c108c4cc66-41-11f0-b8ab-e7cc1dd1a43e", "c108c4cc-6641-11f0-b8ab_e7cc1dd1a43e",
      "g108c4cc-6641-11f0-b8ab-e7cc1dd1a43e", "-108c4cc-6641-11f0-b8ab-e7cc1dd1a43e",
      "{c108c4cc-6641-11f0-b8ab-e7cc1dd1a43}",
    ] { #expect(bits(text) == nil, "\(text)") }
  }
}
