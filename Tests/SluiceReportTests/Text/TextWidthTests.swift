@testable import SluiceEngine
import SluiceRecords
@testable import SluiceReport
import Testing

/// Widths according to EastAsianWidth.txt of Unicode 16: W and F take two columns, combining marks none, all others
/// one.
@Suite struct TextWidthTests {
  @Test(arguments: [
    ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("a\u{20DD}", 1), ("日本", 4), ("ｱ", 1), ("ア", 2), ("Ａ", 2),
    ("￥", 2),
    ("한국", 4), ("\u{1112}\u{1161}\u{11AB}", 2), ("กำ", 2), ("न\u{93F}", 2), ("न\u{941}", 1), ("😀", 2),
    ("☺", 1), ("⌚", 2),
    ("✅", 2), ("❤", 1), ("🇩🇪", 2), ("🀄", 2), ("🀀", 1), ("①", 1), ("㉈", 1), ("㊗", 2), ("…", 1), ("│", 1),
    ("䷀", 2),
    ("\u{20000}", 2), ("\u{302A}", 0), ("\u{3000}", 2), ("\u{303F}", 1), ("〈", 2), ("\u{1F3FB}", 2), ("𝐀", 1),
    ("ש\u{5C1}", 1),
  ])
  func widthIsCountedInTerminalColumns(text: String, expected: Int) {
    #expect(TextWidth.of(text) == expected, "\(text)")
  }

  @Test func everyASCIICharacterIsOneColumnWide() {
    for value in UInt8(0x20)..<0x7F { #expect(TextWidth.of(Unicode.Scalar(value)) == 1) }
  }

  @Test(arguments: [
    ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("日本語", 6, "日本語"), ("日本語", 5, "日本…"), ("日本語", 4, "日…"),
    ("日本語", 1, "…"),
    ("ab", 0, ""), ("e\u{301}e\u{301}x", 2, "e\u{301}…"), ("", 0, ""),
  ])
  func textIsCutBetweenCharacters(text: String, width: Int, expected: String) {
    #expect(SafeText(text).cut(to: width).description == expected)
  }
}
