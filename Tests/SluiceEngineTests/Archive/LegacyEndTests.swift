import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Legacy LZ4 frames, which have no end mark. The bytes after them decide where they end.
@Suite struct LegacyEndTests {
  private static let magic: [UInt8] = [0x02, 0x21, 0x4C, 0x18]
  /// A gzip header without flags, which is also a possible size of a block.
  private static let gzipStart: [UInt8] = [0x1F, 0x8B, 0x08, 0x00]

  private func legacy(_ text: [UInt8]) -> [UInt8] { RandomFrames.Frame.legacy([text], .library).bytes }

  @Test func gzipAfterALegacyFrameIsRead() {
    let member = StreamForms.member(shortText(4..<9))
    #expect(member.starts(with: Self.gzipStart))
    // The rest of the file is shorter than such a block would be, and longer.
    for padding in [0, 600_000] {
      var rng = SplitMix64(seed: 1)
      let dense = (0..<padding).map { _ in UInt8.random(in: 0x61...0x7A, using: &rng) }
      let file = legacy(shortText(0..<4)) + member + StreamForms.member(dense + [0x0A])
      for rangeBytes in [1000, 1 << 20] {
        let stats = scanned(file) { $0.tuning.rangeBytesTarget = rangeBytes }.stats
        #expect(stats.input.frames == 3)
        #expect(stats.input.framesVerified == 2)
        #expect(stats.input.bytesDecompressed == shortText(0..<9).count + padding + 1)
        // The dense text is no event.
        #expect(stats.reasons.allSatisfy { $0 == "unrecognised" })
      }
    }
  }

  @Test func aBlockAsLongAsGzipsMagicNumberSaysIsRead() {
    // Two matches, whose lengths are at the offsets of gzip's extra flags and operating system, and literals.
    let start: [UInt8] = [0x1F, 0x61, 1, 0, 0, 0x00, 1, 0]
    let compressedCount = 0x0008_8B1F
    // A token, one byte for each 255 literals, and the literals.
    func compressedCountOfLiterals(_ count: Int) -> Int { 1 + (count - 15) / 255 + 1 + count }
    let room = compressedCount - start.count
    let literals = (room - 3000..<room).last { compressedCountOfLiterals($0) <= room } ?? 0
    let compressed =
      start + BlockEncoder.literals.encode([UInt8](repeating: 0x62, count: literals - 1) + [0x0A])
    #expect(compressed.count == compressedCount)
    let file = Self.magic + Self.gzipStart + compressed
    let alone = scanned(file).stats
    #expect(alone.input.frames == 1)
    #expect(alone.input.bytesDecompressed == 24 + literals)
    #expect(alone.reasons == ["unrecognised"])
    let beforeMember = scanned(file + StreamForms.member(shortText(0..<2))).stats
    #expect(beforeMember.input.frames == 2)
    #expect(beforeMember.input.bytesDecompressed == 24 + literals + shortText(0..<2).count)
    #expect(beforeMember.reasons == ["unrecognised"])
  }

  @Test func zerosAfterALegacyFrameAreNamedOnce() {
    let frame = legacy(shortText(0..<4))
    let stats = scanned(frame + [UInt8](repeating: 0, count: 4096)).stats
    #expect(stats.records.events == 4)
    #expect(stats.reasons == ["garbage"])
    #expect(stats.problems.map(\.offset) == [frame.count])
  }
}
