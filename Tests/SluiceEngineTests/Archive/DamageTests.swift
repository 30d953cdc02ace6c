import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Damage. It costs only the data that it hits, is reported with its offset, and stops nothing.
@Suite struct DamageTests {
  private let texts = [shortText(0..<3), shortText(3..<5), shortText(5..<9)]

  private func damaged(_ change: (inout FrameBuilder) -> Void, _ damage: (inout FrameBuilder.Built) -> Void)
    -> FrameBuilder.Built
  {
    var frame = FrameBuilder(blocks: texts)
    change(&frame)
    var built = frame.built
    damage(&built)
    return built
  }

  @Test func blockWithAWrongChecksumIsNotUsed() {
    let built = damaged({ _ in }) { $0.bytes[$0.blockOffsets[1] + 10] ^= 1 }
    let stats = scanned(built.bytes).stats
    #expect(stats.reasons == ["block-checksum"])
    #expect(stats.problems.map(\.offset) == [built.blockOffsets[1]])
    #expect(stats.records.events == 7)
    #expect(stats.records.rejected.isEmpty)
    #expect(stats.input.framesCorrupt == 1)
    #expect(stats.input.framesVerified == 0)
    #expect(!stats.isComplete)
  }

  @Test func anUndecodableBlockIsNamedAndTheRestIsUsed() {
    let built = damaged({
      $0.isStored = false
      $0.hasBlockChecksums = false
      $0.hasContentChecksum = false
    }) { built in
      for i in built.blockOffsets[1] + 4..<built.blockOffsets[2] { built.bytes[i] = 0xFF }
    }
    let stats = scanned(built.bytes).stats
    #expect(stats.problems.map(\.offset) == [built.blockOffsets[1]])
    #expect(stats.records.events == 7)
    #expect(stats.input.framesCorrupt == 1)
    #expect(!stats.isComplete)
  }

  /// A block is scanned piece by piece, so that part of it has been scanned before the damage is detected. The next
  /// block overwrites its output and may be shorter.
  @Test(arguments: [5, 6, 7]) func aBlockDamagedNearItsEndDoesNotSpoilAShorterNextOne(blockSizeCode: UInt8) {
    var frame = FrameBuilder(blocks: [shortText(0..<2000), shortText(2000..<2003)])
    #expect((200 << 10...256 << 10).contains(frame.blocks[0].count))
    frame.blockSizeCode = blockSizeCode
    frame.isStored = false
    frame.hasBlockChecksums = false
    frame.hasContentChecksum = false
    var built = frame.built
    for i in built.blockOffsets[1] - 40..<built.blockOffsets[1] { built.bytes[i] = 0xFF }
    let stats = scanned(built.bytes).stats
    #expect(stats.reasons == ["block-damaged"])
    #expect(stats.problems.map(\.offset) == [built.blockOffsets[0]])
    #expect(stats.records.events == 3)
    #expect(stats.input.framesCorrupt == 1)
    #expect(!stats.isComplete)
  }

  @Test func wrongContentChecksumNamesTheFrameAndUsesItsEvents() {
    let good = FrameBuilder(blocks: [shortText(9..<10)]).bytes
    let built = damaged({ _ in }) { $0.bytes[$0.endOffset + 5] ^= 0x10 }
    let stats = scanned(good + built.bytes + good).stats
    #expect(stats.reasons == ["content-checksum"])
    #expect(stats.problems.map(\.offset) == [good.count])
    #expect(stats.records.events == 11)
    #expect(stats.input.framesCorrupt == 1)
    #expect(stats.input.framesVerified == 2)
    #expect(!stats.isComplete)
  }

  @Test(arguments: [0, 1, 1 << 40, UInt64.max]) func aWrongContentSizeIsReported(stated: UInt64) {
    let built = damaged({ $0.contentBytes = stated }) { _ in }
    let stats = scanned(built.bytes).stats
    #expect(stats.reasons == ["content-size"])
    #expect(stats.problems.map(\.offset) == [0])
    #expect(stats.records.events == 9)
    #expect(stats.input.framesCorrupt == 1)
    #expect(!stats.isComplete)
  }

  @Test func aRightContentSizeIsVerified() {
    let built = damaged({ $0.contentBytes = UInt64(texts.joined().count) }) { _ in }
    let stats = scanned(built.bytes).stats
    #expect(stats.isComplete)
    #expect(stats.input.framesVerified == 1)
    #expect(stats.records.events == 9)
  }

  @Test func noVerifySkipsChecksumsThatArePresent() {
    let built = damaged({ _ in }) {
      $0.bytes[$0.endOffset + 5] ^= 0x10
      $0.bytes[$0.blockOffsets[1] - 1] ^= 0x10
    }
    let stats = scanned(built.bytes) { $0.verifies = false }.stats
    #expect(stats.problems.isEmpty)
    #expect(stats.isComplete)
    #expect(stats.records.events == 9)
    #expect(stats.input.framesVerified == 0)
    #expect(stats.input.framesUnverifiable == 1)
  }

  @Test func framesWithoutChecksumsAreUnverifiable() {
    let built = damaged({
      $0.hasBlockChecksums = false
      $0.hasContentChecksum = false
    }) { _ in }
    let stats = scanned(built.bytes).stats
    #expect(stats.isComplete)
    #expect(stats.input.framesUnverifiable == 1)
    #expect(stats.input.framesVerified == 0)
  }

  /// A line of which a part may be missing is rejected as cut, unless the rest is one whole object.
  @Test func linesBesideAHoleAreRejectedUnlessWhole() {
    let lines = (0..<5).map { shortLine($0, isLock: $0 % 2 == 1) }
    let half = lines[1].count / 2
    let newline = [UInt8(ascii: "\n")]
    func stats(_ blocks: [[UInt8]]) -> RunStats {
      var built = FrameBuilder(blocks: blocks).built
      built.bytes[built.blockOffsets[1] + 6] ^= 4
      return scanned(built.bytes).stats
    }
    let text = Array(lines.joined(separator: newline)) + newline
    let first = lines[0].count + 1 + half
    let second = lines[0].count + lines[1].count + 2 + half
    let cut = stats([Array(text[..<first]), Array(text[first..<second]), Array(text[second...])])
    #expect(cut.records.events == 3)
    #expect(cut.records.rejected == ["cut": 2])
    #expect(cut.records.count == 5)
    let between = stats([lines[0] + newline, lines[1] + newline, lines[2] + newline])
    #expect(between.records.events == 2)
    #expect(between.records.rejected.isEmpty)
    // The newlines are lost with the block, but the objects are whole.
    let whole = stats([lines[0], newline + lines[1] + newline, lines[2] + newline])
    #expect(whole.records.events == 2)
    #expect(whole.records.rejected.isEmpty)
    let blank = stats([lines[0] + newline + [0x20], lines[1], [0x20] + newline + lines[2] + newline])
    #expect(blank.records.events == 2)
    #expect(blank.records.rejected.isEmpty)
  }

  @Test func damagedLinkedBlockCostsTheRestOfItsFrame() throws {
    let form = try #require(LZ4Forms.all.first { $0.name == "tiny linked blocks" })
    let text = shortText(0..<30)
    var bytes = form.encode(text)
    // Blocks hold 1 to 50 bytes and end in a checksum; the 20th is damaged.
    var offset = 7
    for _ in 0..<20 { offset += 8 + Int(bytes[offset]) + Int(bytes[offset + 1]) << 8 }
    bytes[offset + 5] ^= 1
    let behind = FrameBuilder(blocks: [shortText(40..<42)]).bytes
    for target in [1, 100, 1 << 20] {
      let stats = scanned(bytes + behind) { $0.tuning.rangeBytesTarget = target }.stats
      #expect(stats.problems.contains { $0.offset == offset && $0.reason == "block-checksum" })
      #expect(stats.input.framesCorrupt == 1)
      #expect(stats.input.framesVerified == 1)
      #expect(!stats.isComplete)
      // Some lines before the damage and the two of the next frame, the first of which is next to the hole.
      #expect((4..<30).contains(stats.records.events))
      #expect(Set(stats.records.rejected.keys).isSubset(of: ["cut"]))
      #expect(stats.records.rejectedCount <= 2)
    }
  }

  @Test func emptyBlocksChangeNothing() {
    let built = FrameBuilder(blocks: [[], texts[0], [], [], texts[1], []]).built
    for target in [1, 1 << 20] {
      let stats = scanned(built.bytes) { $0.tuning.rangeBytesTarget = target }.stats
      #expect(stats.records.events == 5)
      #expect(stats.isComplete)
      #expect(stats.input.framesVerified == 1)
    }
  }

  /// A block may state no size above the frame's limit or the rest of the file.
  @Test(arguments: [0x0001_0001, 0x7FFF_FFFF, 0xFFFF_FFFF, 0x8001_0001] as [UInt32])
  func anImpossibleBlockSizeIsReportedAtItsBlock(
    stated: UInt32
  ) {
    let built = damaged({ _ in }) { built in
      for i in 0..<4 {
        built.bytes[built.blockOffsets[1] + i] = UInt8(truncatingIfNeeded: stated >> (8 * UInt32(i)))
      }
    }
    let stats = scanned(built.bytes).stats
    #expect(stats.problems.map(\.offset) == [built.blockOffsets[1]])
    #expect(stats.records.events == 3)
    #expect(stats.input.framesCorrupt == 1)
    #expect(stats.input.bytesCompressed == built.bytes.count)
  }

  @Test func garbageAfterAFrameIsReported() {
    let frame = FrameBuilder(blocks: [texts[0]]).bytes
    for garbage: [UInt8] in [
      [0], Array("{}\n".utf8), Array("more text\n".utf8), [UInt8](repeating: 0, count: 512),
    ] {
      let stats = scanned(frame + garbage).stats
      #expect(stats.records.events == 3)
      #expect(stats.input.framesVerified == 1)
      #expect(!stats.isComplete)
      #expect(stats.problems.map(\.offset) == [frame.count])
    }
  }
}
