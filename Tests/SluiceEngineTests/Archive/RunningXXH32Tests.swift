import CXXHash
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Our xxh32 against libxxhash's, at once and in pieces. ``LZ4BlockTests`` cover hashing while a block is decoded.
@Suite struct RunningXXH32Tests {
  static let kernels = SIMDTarget.allCases.filter(\.isSupported)

  @Test(arguments: kernels) func textOfAnyLengthHashesLikeXXH32(simdTarget: SIMDTarget) {
    var rng = SplitMix64(seed: 1)
    let bytes = (0..<1000).map { _ in UInt8.random(in: 0...255, using: &rng) }
    for count in 0...bytes.count {
      withBytes(Array(bytes[0..<count])) { text in
        var checksum = RunningXXH32(simdTarget: simdTarget)
        checksum.update(text)
        #expect(checksum.digest == XXH32(text.base, count, 0), "\(count) bytes")
      }
    }
  }

  @Test(arguments: kernels) func piecesHashLikeTheWholeText(simdTarget: SIMDTarget) {
    var rng = SplitMix64(seed: 2)
    for round in 0..<TestScale.count(500, atLeast: 50) {
      let bytes = (0..<Int.random(in: 0...2000, using: &rng)).map { _ in
        UInt8.random(in: 0...255, using: &rng)
      }
      withBytes(bytes) { text in
        var checksum = RunningXXH32(simdTarget: simdTarget)
        var at = 0
        while at < text.count {
          let end = min(text.count, at + rng.pick([0, 1, 15, 16, 17, 100, 128, 500]))
          checksum.update(text[at..<end])
          at = end
        }
        #expect(checksum.digest == XXH32(text.base, text.count, 0), "round \(round)")
      }
    }
  }
}
