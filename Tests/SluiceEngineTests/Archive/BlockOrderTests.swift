import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Complete blocks that are missing, repeated or swapped.
@Suite struct BlockOrderTests {
  private static let texts = [0..<3, 3..<5, 5..<9, 9..<10].map(shortText)

  enum Change: CaseIterable { case hole, repetition, swap }

  /// Returns a frame with changed blocks and the original header and end.
  private func changed(_ frame: FrameBuilder, _ change: Change) -> [UInt8] {
    let built = frame.built
    return changed(built.bytes, blockEdges: built.blockOffsets + [built.endOffset], change)
  }

  /// Applies the change to the blocks of a frame.
  ///
  /// - Parameter blockEdges: The offsets where blocks start, and where the last one ends.
  private func changed(_ bytes: [UInt8], blockEdges edges: [Int], _ change: Change) -> [UInt8] {
    var blocks = (0..<edges.count - 1).map { Array(bytes[edges[$0]..<edges[$0 + 1]]) }
    switch change {
    case .hole: blocks.remove(at: 1)
    case .repetition: blocks.insert(blocks[1], at: 2)
    case .swap: blocks.swapAt(1, 2)
    }
    return Array(bytes[..<edges[0]]) + blocks.joined() + Array(bytes[edges.last!...])
  }

  /// The frame is reported. Its content is used, and so are the frames around it and the other file.
  @Test(arguments: Change.allCases) func theContentChecksumRevealsLostDoubledOrSwappedBlocks(change: Change) {
    let good = FrameBuilder(blocks: [shortText(20..<22)]).bytes
    for isStored in [true, false] {
      var frame = FrameBuilder(blocks: Self.texts)
      frame.isStored = isStored
      let bytes = good + changed(frame, change) + good
      for rangeBytes in [1, 1 << 20] {
        let folder = TemporaryFolder()
        folder.write("damaged.lz4", bytes)
        folder.write("beside.lz4", good)
        var options = ScanOptions(paths: [folder.path])
        options.tuning.rangeBytesTarget = rangeBytes
        let stats = scanned(options).stats
        #expect(stats.reasons == ["content-checksum"])
        #expect(stats.problems.map(\.offset) == [good.count])
        #expect(stats.input.framesVerified == 3)
        #expect(stats.input.framesCorrupt == 1)
        #expect(!stats.isComplete)
        let events = [Change.hole: 8, .repetition: 12, .swap: 10]
        #expect(stats.records.events == 6 + events[change]!)
        #expect(stats.records.rejected.isEmpty)
      }
    }
  }

  /// A stated content size reveals missing and repeated blocks.
  @Test(arguments: [Change.hole, .repetition]) func theContentSizeRevealsLostOrDoubledBlocks(change: Change) {
    var frame = FrameBuilder(blocks: Self.texts)
    frame.hasContentChecksum = false
    frame.contentBytes = UInt64(Self.texts.joined().count)
    let stats = scanned(changed(frame, change)).stats
    #expect(stats.reasons == ["content-size"])
    #expect(stats.input.framesCorrupt == 1)
    #expect(!stats.isComplete)
  }

  /// A linked block after the wrong history is detected by its checksum at the latest.
  @Test(arguments: Change.allCases) func lostDoubledOrSwappedLinkedBlocksAreReported(change: Change) throws {
    let text = (0..<4000).flatMap { shortLine($0) + [UInt8(ascii: "\n")] }
    let bytes = LZ4Forms.linkedFrame(text)
    var edges = [7]
    while case let size = Int(littleEndian(bytes, at: edges.last!)), size > 0 {
      edges.append(edges.last! + 4 + size)
    }
    try #require(edges.count > 4)
    let stats = scanned(changed(bytes, blockEdges: edges, change)).stats
    #expect(!stats.isComplete)
    #expect(stats.input.framesCorrupt == 1)
    #expect(stats.input.framesVerified == 0)
    #expect(stats.problems.contains { ["content-checksum", "block-damaged"].contains($0.reason) })
  }

  private func littleEndian(_ bytes: [UInt8], at offset: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
  }
}
