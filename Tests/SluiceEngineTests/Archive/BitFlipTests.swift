import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Small archives with every single bit flipped, with each kind of checksum. liblz4's own frame reader decides
/// whether a flip changes the content.
@Suite struct BitFlipTests {
  private static let line = Array(
    "{\"eventType\":\"a\",\"uuid\":\"user.account.lock\",\"bbbbb\":\"bbbbbbbbbbbb\"}\n".utf8)
  /// The blocks of a text with lines that cross from block to block.
  private static let blocks = [line + Array(line[..<20]), Array(line[20...]) + line]
  private static let text = Array(blocks.joined())
  /// Encoders whose blocks keep their size, shrink and grow.
  private static let encoders: [BlockEncoder] = [.stored, .library, .literals]

  private func frame(blockChecksums: Bool, contentChecksum: Bool, _ encoder: BlockEncoder) -> [UInt8] {
    var frame = FrameBuilder(blocks: Self.blocks)
    frame.encoders = [encoder]
    frame.hasBlockChecksums = blockChecksums
    frame.hasContentChecksum = contentChecksum
    return frame.bytes
  }

  private func stats(_ bytes: [UInt8]) -> RunStats {
    let stats = scanned(bytes) { $0.rules = [.accountsLockedOut] }.stats
    if stats.input.bytesCompressed != bytes.count { Issue.record("bytes are not accounted for") }
    if stats.records.count != stats.records.events + stats.records.rejectedCount {
      Issue.record("records are missing")
    }
    return stats
  }

  /// Calls `body` with the statistics of each flip, the flipped byte, and whether the flip changes the content.
  private func forEachFlip(
    of bytes: [UInt8], _ body: (_ stats: RunStats, _ byte: Int, _ isChange: Bool) -> Void
  ) {
    #expect(stats(bytes).isComplete)
    #expect(LZ4Forms.decompressed(bytes) == Self.text)
    for bit in TestScale.some(0..<bytes.count * 8) {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      body(stats(flipped), bit / 8, LZ4Forms.decompressed(flipped) != Self.text)
    }
  }

  @Test(arguments: [(true, false), (false, true), (true, true)], encoders)
  func everyFlippedBitIsReported(checksums: (block: Bool, content: Bool), encoder: BlockEncoder) {
    let bytes = frame(blockChecksums: checksums.block, contentChecksum: checksums.content, encoder)
    var changes = 0
    forEachFlip(of: bytes) { stats, byte, isChange in
      guard isChange else { return }
      changes += TestScale.weight
      if stats.isComplete || stats.problems.isEmpty {
        Issue.record("a flip in byte \(byte) is not reported")
      }
      // The reported offset is that of the frame or the block. It is never after the damage, except that a damaged
      // size field may be reported at the next block.
      if let first = stats.problems.map(\.offset).min(), first > byte + 4 {
        Issue.record("a flip in byte \(byte) is reported at \(first)")
      }
      if stats.input.framesVerified > 0 {
        Issue.record("with a flip in byte \(byte) the frame counts as verified")
      }
    }
    #expect(changes >= 8 * (bytes.count - 10))
  }

  /// If the second of two frames is damaged, the first is used, and the reported offset lies in the second.
  @Test func aDamagedFrameIsNamedAndTheOneBeforeItIsUsed() {
    let first = frame(blockChecksums: true, contentChecksum: true, .library)
    for byte in TestScale.some(0..<first.count) {
      var second = first
      second[byte] ^= 0x10
      let stats = stats(first + second)
      let isRight =
        stats.input.framesVerified == 1 && stats.records.events >= 3
        && (first.count...first.count + byte).contains(stats.problems.map(\.offset).min() ?? 0)
      if !isRight || stats.isComplete { Issue.record("byte \(byte): \(stats.problems)") }
    }
  }

  /// A frame without checksums is called unverifiable.
  @Test(arguments: encoders) func withoutChecksumsNothingIsCalledVerified(encoder: BlockEncoder) {
    let bytes = frame(blockChecksums: false, contentChecksum: false, encoder)
    var unnoticed = 0
    forEachFlip(of: bytes) { stats, byte, isChange in
      if stats.input.framesVerified > 0 { Issue.record("byte \(byte): verified by nothing") }
      if stats.isComplete {
        unnoticed += isChange ? 1 : 0
        if stats.input.framesUnverifiable != 1 { Issue.record("byte \(byte): silence") }
      }
    }
    #expect(unnoticed > 0, "text changed to other text is what checksums are for")
  }
}
