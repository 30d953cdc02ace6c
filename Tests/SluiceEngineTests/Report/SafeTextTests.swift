import SluiceRecords
import Testing

@testable import SluiceEngine

/// What a person may see of the log and of file names.
@Suite struct SafeTextTests {
  @Test(arguments: [
    ("plain é € \u{1D11E}", "plain é € \u{1D11E}"), ("\u{1B}[31m", "\\u{1b}[31m"),
    ("a\nb\r\t", "a\\u{a}b\\u{d}\\u{9}"),
    ("\u{9B}2J", "\\u{9b}2J"), ("\u{202E}x", "\\u{202e}x"), ("\u{200B}", "\\u{200b}"),
    ("\u{2028}", "\\u{2028}"),
    ("\u{7F}\0", "\\u{7f}\\u{0}"), ("\u{E000}", "\\u{e000}"), ("\u{E0041}", "\\u{e0041}"), ("", ""),
  ])
  func escapes(text: String, expected: String) { #expect(SafeText(text).description == expected) }

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

  @Test func cutting() {
    #expect(SafeText("abcdef").cut(to: 6) == "abcdef")
    #expect(SafeText("abcdefg").cut(to: 6) == "abcde…")
    #expect(SafeText("").cut(to: 0) == "")
    #expect(SafeText(LogText([0x61, 0xED, 0xA0, 0x80])).description.contains("a"))
  }
}
