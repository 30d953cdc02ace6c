import CKernels
import Foundation
@testable import SluiceEngine
import SluiceTestSupport
import Testing

/// The prefilter's kernels against a naive oracle, over random buffers at any alignment.
@Suite struct KernelTests {
  static let kernels = SIMDTarget.allCases.filter(\.isSupported)

  @Test(arguments: kernels) func agreesWithItsOracle(simdTarget: SIMDTarget) {
    for seed in TestScale.seeds(700, atLeast: 100) {
      let scene = KernelFixture(seed: seed)
      let expected = scene.oracle
      let found = scene.run(simdTarget)
      if found != expected {
        Issue.record("\(simdTarget), seed \(seed): \(found) instead of \(expected)")
        return
      }
    }
  }

  /// A list of one entry forces a new start after every found line. No line may be counted twice or missed.
  @Test(arguments: kernels) func scanningGoesOnWhereTheListWasFull(simdTarget: SIMDTarget) {
    for seed in TestScale.seeds(200, atLeast: 30) {
      var scene = KernelFixture(seed: seed)
      scene.foundMax = 100_000
      let whole = scene.run(simdTarget)
      var pieces = KernelFixture.Outcome(next: scene.from, lines: 0, blank: 0, found: [])
      scene.foundMax = 1
      while pieces.next < scene.data.count {
        let before = pieces.next
        scene.from = before
        let piece = scene.run(simdTarget)
        pieces.next = piece.next
        pieces.lines += piece.lines
        pieces.blank += piece.blank
        pieces.found += piece.found
        if piece.next == before { break }
      }
      if pieces != whole {
        Issue.record("\(simdTarget), seed \(seed): \(pieces) instead of \(whole)")
        return
      }
    }
  }

  @Test func literalsBeyondTheTablesAreRefused() {
    let prefilter = sluice_prefilter_create()
    defer { sluice_prefilter_destroy(prefilter) }
    func add(_ text: String, _ pairOffset: Int = 0) -> Int32 {
      sluice_prefilter_add(prefilter, Array(text.utf8), text.utf8.count, pairOffset)
    }
    #expect(add("a") == -1, "one byte has no pair")
    #expect(add("abc", 2) == -1, "a pair beyond the end")
    #expect(add("a\nb") == -1, "a newline")
    #expect(add(String(repeating: "x", count: 65)) == -1, "too long")
    #expect(add(String(repeating: "x", count: 64), 62) == 0)
    for pair in 0..<7 { #expect(add("\(pair)\(pair)") == 0) }
    #expect(add("zz") == -1, "a ninth pair")
    #expect(add("0011") == 0, "a pair that is there")
    for _ in 9..<64 { #expect(add("xxx") == 0) }
    #expect(add("xxx") == -1, "a 65th literal")
  }
}
