import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Blocks of frames without a content checksum. Their block checksum does not cover the bit that says whether they
/// are stored.
@Suite struct BlockPackingTests {
  /// Returns a frame of text in blocks of a given size with checksums; the last block may be larger.
  private func frame(_ text: [UInt8], blockBytes: Int, _ encoders: [BlockEncoder]) -> FrameBuilder {
    let count = text.count / blockBytes
    var frame = FrameBuilder(
      blocks: (0..<count).map {
        Array(text[$0 * blockBytes..<($0 + 1 < count ? ($0 + 1) * blockBytes : text.count)])
      })
    frame.encoders = encoders
    frame.hasContentChecksum = false
    return frame
  }

  /// Flips the bit of a block's size field that says whether it is stored.
  private func flipped(_ frame: FrameBuilder, block: Int) -> (bytes: [UInt8], offset: Int) {
    let built = frame.built
    var bytes = built.bytes
    bytes[built.blockOffsets[block] + 3] ^= 0x80
    return (bytes, built.blockOffsets[block])
  }

  @Test(arguments: [1, 8, 12, 50, 300, 1000], [true, false])
  func blocksThatGrowAreRead(blockBytes: Int, isLinked: Bool) {
    let text = shortText(0..<12)
    var frame = frame(text, blockBytes: blockBytes, [.literals])
    frame.isLinked = isLinked
    #expect(frame.bytes.count > text.count)
    let stats = scanned(frame.bytes).stats
    #expect(stats.records.events == 12)
    #expect(stats.input.bytesDecompressed == text.count)
    #expect(stats.isComplete)
    #expect(stats.input.framesVerified == 1)
  }

  @Test func denseBlocksThatGrowAreRead() {
    var rng = SplitMix64(seed: 1)
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    let lines = (0..<40).map { _ in
      Array(#"{"eventType":"a","published":"2026-01-05T10:00:00Z","uuid":""#.utf8)
        + (0..<200).map { _ in rng.pick(letters) }
        + Array("\"}\n".utf8)
    }
    var frame = FrameBuilder(blocks: lines)
    frame.encoders = [.library]
    frame.hasContentChecksum = false
    #expect(lines.allSatisfy { BlockEncoder.library.encode($0).count > $0.count })
    let stats = scanned(frame.bytes).stats
    #expect(stats.records.events == 40)
    #expect(stats.isComplete)
  }

  /// A stored block that is marked as compressed, or the reverse, is read correctly and reported.
  @Test(arguments: [BlockEncoder.stored, .library, .literals], [0, 1, 2])
  func aFlippedBitCostsNoLine(encoder: BlockEncoder, block: Int) {
    let frame = frame(shortText(0..<9), blockBytes: 300, [encoder])
    let (bytes, offset) = flipped(frame, block: block)
    for rangeBytes in [1, 1 << 20] {
      let stats = scanned(bytes) { $0.tuning.rangeBytesTarget = rangeBytes }.stats
      #expect(stats.records.events == 9)
      #expect(stats.records.rejected.isEmpty)
      #expect(stats.reasons == ["block-packing"])
      #expect(stats.problems.map(\.offset) == [offset])
      #expect(stats.input.framesCorrupt == 1)
      #expect(!stats.isComplete)
    }
  }

  @Test(arguments: [BlockEncoder.stored, .library, .literals])
  func withoutVerifyingBlocksAreReadAsTheyAreMarked(encoder: BlockEncoder) {
    let (bytes, _) = flipped(frame(shortText(0..<9), blockBytes: 300, [encoder]), block: 1)
    let stats = scanned(bytes) { $0.verifies = false }.stats
    #expect(!stats.reasons.contains("block-packing"))
  }

  /// A block of " {a" is text if it is stored, and "{a" if it is compressed, because its token is a space.
  @Test(arguments: ["{\"", "{\"a", "{\"ab\"", "{\"abcde"])
  func aBlockThatMayBeEitherIsUsedAndNamed(start: String) {
    let line = Array(
      (start + #"":1,"eventType":"policy.evaluate","uuid":"1","published":"2026-01-05T10:00:00Z"}"# + "\n")
        .utf8)
    var frame = FrameBuilder(blocks: [Array(line[..<start.utf8.count]), Array(line[start.utf8.count...])])
    frame.hasContentChecksum = false
    frame.encoders = [.literals]
    let built = frame.built
    let stats = scanned(built.bytes).stats
    #expect(stats.input.bytesDecompressed == line.count)
    let doubts = stats.problems.filter { $0.reason == "block-packing" }
    #expect(doubts.map(\.offset) == [built.blockOffsets[0]])
    #expect(stats.problems.first?.message.contains("nothing tells which") == true)
    #expect(!stats.isComplete)
  }

  /// The text is no valid compressed block, because its last token would have a match length, which no writer
  /// produces.
  @Test(arguments: ["\n", "{}\n", "{\"a\":"]) func shortStoredTextIsNotInDoubt(text: String) {
    var frame = FrameBuilder(blocks: [Array(text.utf8), Array("\n".utf8)])
    frame.hasContentChecksum = false
    let stats = scanned(frame.bytes).stats
    #expect(stats.input.bytesDecompressed == text.utf8.count + 1)
    #expect(stats.reasons.allSatisfy { $0 != "block-packing" })
  }

  /// liblz4 stores every short block. One in a thousand can also be decompressed if blocks are linked.
  @Test func shortBlocksAfterAStoredOneAreNotInDoubt() {
    // As compressed blocks, the blocks of four and eight bytes would hold three and seven bytes.
    var frame = FrameBuilder(blocks: ["\n", "0abc", "pabcdefg", "\n"].map { Array($0.utf8) })
    frame.hasContentChecksum = false
    #expect(!scanned(frame.bytes).stats.reasons.contains("block-packing"))
    frame.blocks.removeFirst()
    #expect(scanned(frame.bytes).stats.reasons.contains("block-packing"))
  }

  @Test func aBlockThatIsNeitherCompressedNorTextIsNotUsed() {
    var frame = frame(shortText(0..<9), blockBytes: 300, [.stored])
    frame.blocks[1] = [0xF0, 0x01, 0x02, 0x00, 0x1F]
    let (bytes, offset) = flipped(frame, block: 1)
    let stats = scanned(bytes).stats
    #expect(stats.reasons.first == "block-damaged")
    #expect(stats.problems.first?.offset == offset)
  }

  /// A block of one zero byte is also a compressed block without content.
  @Test(arguments: [true, false]) func aStoredZeroIsNotLost(isLinked: Bool) {
    let text = shortText(0..<3)
    var frame = FrameBuilder(blocks: [[0], text])
    frame.encoders = [.stored]
    frame.hasContentChecksum = false
    frame.isLinked = isLinked
    #expect(scanned(frame.bytes).stats.input.bytesDecompressed == 1 + text.count)
  }
}
