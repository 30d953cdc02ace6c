@testable import SluiceEngine
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// Globs against an oracle that tries every possible match of a star.
@Suite struct GlobTests {
  private func oracle(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    let rest = pattern.dropFirst()
    if first == UInt8(ascii: "*") {
      return (text.startIndex...text.endIndex).contains { oracle(rest, text[$0...]) }
    }
    return !text.isEmpty && (first == UInt8(ascii: "?") || first == text.first)
      && oracle(rest, text.dropFirst())
  }

  @Test func agreesWithItsOracle() {
    var matched = 0
    for seed: UInt64 in 1...20_000 {
      var rng = SplitMix64(seed: seed)
      let pattern = String(
        decoding: (0..<rng.pick([1, 2, 4, 7])).map { _ in rng.pick(Array("ab*?".utf8)) }, as: UTF8.self)
      let text = (0..<rng.pick([0, 1, 3, 8])).map { _ in rng.pick(Array("ab".utf8)) }
      let expected = oracle(Array(pattern.utf8)[...], text[...])
      if Glob(pattern).matches(text) != expected {
        Issue.record("seed \(seed): '\(pattern)', '\(String(decoding: text, as: UTF8.self))'")
        return
      }
      matched += expected ? 1 : 0
    }
    #expect(matched > 2000)
  }

  @Test(arguments: [
    ("svc-*@example.org", "svc-1@example.org", true), ("svc-*@example.org", "svc-@example.org", true),
    ("svc-*@example.org", "Svc-1@example.org", false), ("svc-*@example.org", "svc-1@example.org ", false),
    ("svc-*@example.org", "x-svc-1@example.org", false), ("kiosk?", "kiosk1", true),
    ("kiosk?", "kiosk", false),
    ("kiosk?", "kiosk12", false), ("a.c", "abc", false), ("[a]", "a", false), ("a\\*", "a*", false),
    // Bytes count, not characters, and nothing is normalised.
    ("caf??", "caf\u{E9}", true), ("caf?", "caf\u{E9}", false), ("caf\u{E9}", "cafe\u{301}", false),
    ("*", "", true), ("**", "x", true),
  ])
  func aPatternMatchesWholeTextsByBytes(pattern: String, text: String, isMatch: Bool) {
    #expect(Glob(pattern).matches(Array(text.utf8)) == isMatch)
  }

  @Test func onlyStarsAloneMatchEverything() {
    #expect(Glob("*").isEverything)
    #expect(Glob("***").isEverything)
    #expect(!Glob("?*").isEverything)
    #expect(!Glob("").isEverything)
    #expect(!Glob("*@*").isEverything)
  }

  /// A search that takes time in the order of the text's length to the power of the number of stars would not end.
  @Test func manyStarsMatchInShortTime() {
    let text = [UInt8](repeating: UInt8(ascii: "a"), count: 5000)
    #expect(!Glob(String(repeating: "*a", count: 40) + "b").matches(text))
    #expect(Glob(String(repeating: "*a", count: 40) + "*").matches(text))
  }
}
