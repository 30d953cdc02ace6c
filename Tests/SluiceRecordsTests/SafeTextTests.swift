import SluiceRecords
import Testing

/// Text from the log and from file names, made safe to show.
@Suite struct SafeTextTests {
  @Test(arguments: [
    ("plain é € \u{1D11E}", "plain é € \u{1D11E}"), ("\u{1B}[31m", "\\u{1b}[31m"),
    ("a\nb\r\t", "a\\u{a}b\\u{d}\\u{9}"),
    ("\u{9B}2J", "\\u{9b}2J"), ("\u{202E}x", "\\u{202e}x"), ("\u{200B}", "\\u{200b}"),
    ("\u{2028}", "\\u{2028}"),
    ("\u{7F}\0", "\\u{7f}\\u{0}"), ("\u{E000}", "\\u{e000}"), ("\u{E0041}", "\\u{e0041}"), ("", ""),
  ])
  func charactersThatActAreShownAsEscapes(text: String, expected: String) {
    #expect(SafeText(text).description == expected)
  }

  @Test func everyCharacterThatActsIsEscaped() {
    for value in UInt32(0)...0x10_FFFF {
      guard let scalar = Unicode.Scalar(value), value < 0x3000 || value >= 0xE000 && value < 0x1_0000 else {
        continue
      }
      let isActing =
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
      if isActing, SafeText(String(scalar)).description.unicodeScalars.contains(scalar) {
        Issue.record("U+\(value)")
      }
    }
  }

  /// The program's own words are unchanged; values inserted between them are escaped once.
  @Test func literalsStandAndInterpolationsAreEscapedOnce() {
    let name = "a\u{1B}\nb"
    let line: SafeText = "file \(name), line \(3)\n"
    #expect(line.description == "file a\\u{1b}\\u{a}b, line 3\n")
    let two: SafeText = "\(line)\(line)"
    #expect(two.description == line.description + line.description)
    #expect(SafeText.joined(["a", "\(name)"], separator: " ").description == "a a\\u{1b}\\u{a}b")
    #expect(SafeText(LogText([0x61, 0xED, 0xA0, 0x80])).description.contains("a"))
  }

  /// A name that looks like an escape differs from the escaped character.
  @Test func aSpelledEscapeIsToldFromARealOne() {
    let (name, escape) = ("\\u{1b}", "\u{1B}")
    #expect(SafeText(name).description == "\\\\u{1b}")
    #expect(SafeText(escape).description == "\\u{1b}")
  }

  @Test(arguments: ["\u{115F}", "\u{3164}", "\u{34F}", "\u{FE0F}", "\u{AD}"])
  func invisibleCharactersAreEscaped(text: String) {
    #expect(SafeText(text).description.hasPrefix("\\u{"))
  }
}
