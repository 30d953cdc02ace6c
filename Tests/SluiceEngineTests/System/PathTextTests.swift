import SluiceSystem
import SluiceTestSupport
import Testing

/// Paths of any bytes as text, and back.
@Suite struct PathTextTests {
  @Test func textThatIsUTF8StaysAsItIs() {
    for text in ["", "/a/b", "caf\u{E9}", "cafe\u{301}", "\u{10FFFD}\u{E000}", "\u{F8FF}"] {
      let made = String(path: Array(text.utf8))
      #expect(Array(made.utf8) == Array(text.utf8))
      #expect(made.pathBytes == Array(text.utf8))
    }
  }

  @Test func anInvalidByteBecomesAVisibleCharacterOfItsOwn() {
    #expect(String(path: Array("caf".utf8) + [0xE9]) == "caf\u{EFE9}")
    #expect(String(path: [0xFF, UInt8(ascii: "x"), 0x80]) == "\u{EFFF}x\u{EF80}")
    // A truncated character, an overlong one, and a surrogate.
    #expect(String(path: [0xE2, 0x82]) == "\u{EFE2}\u{EF82}")
    #expect(String(path: [0xC0, 0xAF]) == "\u{EFC0}\u{EFAF}")
    #expect(String(path: [0xED, 0xA0, 0x80]) == "\u{EFED}\u{EFA0}\u{EF80}")
  }

  /// A name may contain the characters that stand for bytes.
  @Test func namesNeverShareAText() {
    let real = Array("\u{EFE9}".utf8)
    #expect(String(path: real) == "\u{EFEE}\u{EFBF}\u{EFA9}")
    #expect(String(path: real).pathBytes == real)
    #expect(String(path: [0xE9]).pathBytes == [0xE9])
  }

  @Test func anyBytesComeBack() {
    var random = SplitMix64(seed: 16)
    // Bytes near the characters that stand for bytes, and arbitrary bytes.
    let likely: [UInt8] = [0xEE, 0xBE, 0xBF, 0x80, 0xE9, 0xF0, 0x9F, 0x41]
    for round in 0..<TestScale.count(20_000) {
      let bytes = (0..<Int.random(in: 0...8, using: &random)).map { _ in
        round.isMultiple(of: 2)
          ? likely.randomElement(using: &random) ?? 0 : UInt8.random(in: 1...255, using: &random)
      }
      let text = String(path: bytes)
      if text.pathBytes != bytes { Issue.record("\(bytes) became \(text.pathBytes)") }
      if text.cPath.map({ UInt8(bitPattern: $0) }) != bytes + [0] {
        Issue.record("\(bytes) became \(text.cPath)")
      }
    }
  }
}
