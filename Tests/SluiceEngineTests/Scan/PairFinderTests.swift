import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// The search for a text against a naive one, at every alignment.
@Suite struct PairFinderTests {
  private static let texts: [(text: String, first: Int, second: Int)] = [
    (#""published":""#, 3, 9), ("a", 0, 0), ("ab", 1, 0), ("abab", 0, 2), ("aaaa", 1, 3),
    (String(repeating: "ab", count: UnsafeBytes.padding / 2), 0, UnsafeBytes.padding - 1),
  ]

  private func naive(_ text: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    guard bytes.count >= text.count else { return nil }
    return (0...bytes.count - text.count).first { at in
      at >= start && (0..<text.count).allSatisfy { bytes[at + $0] == text[$0] }
    }
  }

  /// Compares both searches.
  ///
  /// - Parameter offset: The offset of the view in memory; the text continues before and after the view.
  private func check(_ index: Int, _ bytes: [UInt8], offset: Int, from start: Int) {
    let (text, first, second) = Self.texts[index]
    let needle = Array(text.utf8)
    let memory: [UInt8] = Array((needle + needle).suffix(offset)) + bytes + needle
    let found = withBytes(memory) {
      PairFinder(text, first: first, second: second)
        .find(in: $0[offset..<offset + bytes.count], from: start)
    }
    let expected = naive(needle, in: bytes, from: start)
    if found != expected {
      Issue.record("\(text) in \(bytes), offset \(offset), from \(start): \(String(describing: found))")
    }
  }

  /// Puts one occurrence at each offset, a near miss before it, and its beginning at the end.
  @Test(arguments: texts.indices) func aTextIsFoundAtEveryOffset(index: Int) {
    let needle = Array(Self.texts[index].text.utf8)
    for offset in 0...200 {
      var bytes = [UInt8](repeating: UInt8(ascii: "-"), count: offset) + needle
      check(index, bytes, offset: offset % min(65, needle.count + 1), from: 0)
      check(index, bytes, offset: 0, from: offset)
      check(index, bytes, offset: 0, from: offset + 1)
      check(index, Array(bytes.dropLast()), offset: 0, from: 0)
      bytes.insert(contentsOf: needle.dropLast() + [UInt8(ascii: "-")], at: offset / 2)
      check(index, bytes + needle.dropLast(), offset: 0, from: 0)
    }
  }

  @Test(arguments: texts.indices) func aTextIsFoundInRandomBytes(index: Int) {
    let needle = Array(Self.texts[index].text.utf8)
    var rng = SplitMix64(seed: 11)
    var found = 0
    let rounds = TestScale.count(5000, atLeast: 1000)
    for _ in 0..<rounds {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 0...12, using: &rng) {
        switch Int.random(in: 0..<4, using: &rng) {
        case 0: bytes += needle
        case 1: bytes += needle.prefix(Int.random(in: 0...needle.count, using: &rng))
        case 2: bytes += needle.suffix(Int.random(in: 0...needle.count, using: &rng))
        default: bytes += (0..<Int.random(in: 0...70, using: &rng)).map { _ in rng.pick(needle + [0, 0xFF]) }
        }
      }
      let start = Int.random(in: 0...bytes.count + 1, using: &rng)
      check(index, bytes, offset: Int.random(in: 0...min(64, 2 * needle.count), using: &rng), from: start)
      found += naive(needle, in: bytes, from: start) == nil ? 0 : 5000 / rounds
    }
    #expect((1000..<5000).contains(found), "both answers occur")
  }
}
