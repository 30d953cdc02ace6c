import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Data between damaged blocks, and empty blocks.
@Suite struct HoleTests {
  /// An event nested in another object is no event by itself, even if the blocks before and after it are lost.
  @Test func anObjectBetweenTwoHolesIsNoEvent() {
    let parts: [[UInt8]] = (0..<6).flatMap { number in
      [Array(#"{"wrapped":"#.utf8), shortLine(number), Array("}\n".utf8)]
    }
    let built = FrameBuilder(blocks: parts).built
    var damaged = built.bytes
    for block in stride(from: 0, to: parts.count, by: 3) {
      damaged[built.blockOffsets[block] + 4] ^= 1
      damaged[built.blockOffsets[block + 2] + 4] ^= 1
    }
    for rangeBytes in [1, 1 << 20] {
      let whole = scanned(built.bytes) { $0.tuning.rangeBytesTarget = rangeBytes }
      let result = scanned(damaged) { $0.tuning.rangeBytesTarget = rangeBytes }
      #expect(whole.detections.isEmpty)
      #expect(whole.stats.records.rejected == ["shape": 6])
      #expect(result.detections.isEmpty)
      #expect(result.stats.records.events == 0)
      #expect(result.stats.records.rejected == ["cut": 6])
    }
  }

  /// Empty blocks must not accumulate in memory.
  @Test func emptyBlocksEndARange() throws {
    var frame = FrameBuilder(blocks: Array(repeating: [], count: 10_000))
    frame.hasBlockChecksums = false
    frame.hasContentChecksum = false
    let folder = TemporaryFolder()
    let path = folder.write("a.lz4", frame.bytes)
    let listing = ArchiveListing(paths: [path])
    let tuning = Tuning()
    let stream = ArchiveStream(
      file: 0, listed: listing.files[0], verifies: true, limits: Limits())
    var context = ReadContext()
    try stream.open(tuning: tuning)
    var blocks = 0
    while let (range, _) = stream.next(&context) {
      #expect(range.blocks.count <= tuning.rangeBytesTarget >> 10)
      blocks += range.blocks.count
    }
    #expect(blocks == 10_000)
  }
}
