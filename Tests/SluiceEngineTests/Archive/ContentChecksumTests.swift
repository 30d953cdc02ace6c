import CKernels
import CXXHash
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Our xxh32 against libxxhash's: all at once, in pieces, and while a kernel scans.
@Suite struct ContentChecksumTests {
  static let kernels = Kernel.allCases.filter(\.isSupported)

  @Test(arguments: kernels) func everyLength(kernel: Kernel) {
    var rng = SplitMix64(seed: 1)
    let bytes = (0..<1000).map { _ in UInt8.random(in: 0...255, using: &rng) }
    for count in 0...bytes.count {
      withBytes(Array(bytes[0..<count])) { text in
        var checksum = ContentChecksum(kernel: kernel)
        checksum.update(text)
        #expect(checksum.digest == XXH32(text.base, count, 0), "\(count) bytes")
      }
    }
  }

  @Test(arguments: kernels) func inPieces(kernel: Kernel) {
    var rng = SplitMix64(seed: 2)
    for round in 0..<500 {
      let bytes = (0..<Int.random(in: 0...2000, using: &rng)).map { _ in
        UInt8.random(in: 0...255, using: &rng)
      }
      withBytes(bytes) { text in
        var checksum = ContentChecksum(kernel: kernel)
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

  /// What a scan takes in and what is taken in behind it are all the bytes, whatever had been taken in before.
  @Test(arguments: kernels) func alongsideAScan(kernel: Kernel) {
    var rng = SplitMix64(seed: 3)
    var found = Prefilter.LineList()
    for round in 0..<400 {
      var bytes = (0..<Int.random(in: 0...5000, using: &rng)).map { _ in
        rng.oneIn(300) ? UInt8(ascii: "\n") : UInt8.random(in: 32...126, using: &rng)
      }
      bytes.append(UInt8(ascii: "\n"))
      let before = Array(bytes.prefix(rng.pick([0, 0, 16, 160, 5, 33])))
      withBytes(before) { before in
        withBytes(bytes) { text in
          let prefilter = Prefilter(literals: [Array("ab".utf8)], sample: text, kernel: kernel)
          let plain = prefilter.scan(text, from: 0, lineBytesMax: 1 << 20, into: &found)
          let plainCounts = (found.count, found.newlines, found.blank)

          var checksum = ContentChecksum(kernel: kernel)
          checksum.update(before)
          var rest = text
          let next = checksum.update(alongside: &rest) {
            prefilter.scan(text, from: 0, lineBytesMax: 1 << 20, into: &found, alongside: $0)
          }
          checksum.update(rest)
          #expect(next == plain && (found.count, found.newlines, found.blank) == plainCounts)
          let all = before.array + text.array
          #expect(checksum.digest == XXH32(all, all.count, 0), "round \(round)")
        }
      }
    }
  }
}
