import SluiceSystem

/// One LZ4 frame under work: its content checksum and size, carried from range to range in block order.
///
/// A range is hashed by the worker that decoded it, while it is in that worker's cache, after the range
/// before it has been hashed. Whoever holds the earliest range never waits, so the chain always moves. Without a
/// checksum nobody waits.
final class Frame: Sendable {
  let offset: Int
  let descriptor: FrameDescriptor
  private let verifies: Bool
  /// Whether only some of its blocks may be read.
  private let readsOnlySomeBlocks: Bool
  private let chain: Monitor<Chain>

  private struct Chain {
    /// With a hash also the number of the range whose turn it is.
    var rangesTaken = 0
    var checksum = ContentChecksum()
    var contentBytes: UInt64 = 0
    var isDamaged = false
    /// The frame's last range and what stands behind it, once that has come.
    var last: (index: Int, end: FrameEnd)?
  }

  enum Outcome {
    case verified
    case unverifiable
    case corrupt(Problem?)

    struct Problem {
      var reason: String
      var message: String
    }
  }

  /// - Parameter isShared: whether only some of its blocks may be read, of which its checksum says nothing.
  init(offset: Int, descriptor: FrameDescriptor, verifies: Bool, readsOnlySomeBlocks: Bool = false) {
    self.readsOnlySomeBlocks = readsOnlySomeBlocks
    self.offset = offset
    self.descriptor = descriptor
    self.verifies = verifies
    self.chain = Monitor(Chain())
  }

  private var hashesContent: Bool { verifies && descriptor.hasContentChecksum && !readsOnlySomeBlocks }

  /// The checksum of all before a range, if it is that range's turn already: it can be hashed while it is scanned.
  func checksum(before index: Int) -> ContentChecksum? {
    hashesContent ? chain.withLock { $0.rangesTaken == index ? $0.checksum : nil } : nil
  }

  /// Takes a range's decoded bytes into the chain.
  ///
  /// - Parameters:
  ///   - index: the range's number within this frame, from 0.
  ///   - checksum: of all up to and with this range; nil if its bytes have not been hashed.
  ///   - runs: its decoded bytes, in order; more than one if damaged blocks lie between.
  ///   - end: for the frame's last range: what the frame says of itself.
  /// - Returns: the frame's outcome, to whoever brings what was missing.
  func add(
    index: Int, checksum: ContentChecksum?, segments: [UnsafeBytes], isDamaged: Bool, end: FrameEnd?
  ) -> Outcome? {
    if !hashesContent { return add(index: index, segments: segments, isDamaged: isDamaged, end: end) }
    chain.wait { $0.rangesTaken == index }
    // Nobody else touches the chain until rangesTaken moves on; the hash need not hold the lock.
    var mine = chain.withLock { $0 }
    if let checksum { mine.checksum = checksum }
    for segment in segments {
      if checksum == nil { mine.checksum.update(segment) }
      mine.contentBytes += UInt64(segment.count)
    }
    mine.isDamaged = mine.isDamaged || isDamaged
    mine.rangesTaken = index + 1
    let outcome = end.map { judge(mine, $0) }
    chain.withLock { $0 = mine }
    chain.broadcast()
    return outcome
  }

  /// Without a hash there is nothing to wait for: bytes are counted in any order, and whoever brings the last range judges.
  private func add(index: Int, segments: [UnsafeBytes], isDamaged: Bool, end: FrameEnd?) -> Outcome? {
    chain.withLock { chain in
      chain.contentBytes += segments.reduce(0) { $0 + UInt64($1.count) }
      chain.isDamaged = chain.isDamaged || isDamaged
      chain.rangesTaken += 1
      if let end { chain.last = (index, end) }
      guard let last = chain.last, chain.rangesTaken == last.index + 1 else { return nil }
      return judge(chain, last.end)
    }
  }

  private func judge(_ chain: Chain, _ end: FrameEnd) -> Outcome {
    // What was wrong with a damaged frame has been reported block by block.
    if chain.isDamaged || end == .cut { return .corrupt(nil) }
    if readsOnlySomeBlocks { return verifies && descriptor.hasBlockChecksums ? .verified : .unverifiable }
    if let stated = descriptor.contentBytes, stated != chain.contentBytes {
      return .corrupt(
        .init(
          reason: "content-size",
          message:
            "the frame states \(NumberFormat.count(stated, "byte")) of content and holds \(chain.contentBytes); its events are used"
        ))
    }
    if hashesContent, case .mark(let stated?) = end, stated != chain.checksum.digest {
      return .corrupt(
        .init(
          reason: "content-checksum",
          message: "the frame's content does not match its checksum; its events are used, but may be wrong"))
    }
    return verifies && (descriptor.hasContentChecksum || descriptor.hasBlockChecksums)
      ? .verified : .unverifiable
  }
}

/// How a frame ended: with its end mark (and the checksum behind it), or in the middle.
enum FrameEnd: Equatable {
  case mark(contentChecksum: UInt32?)
  case cut
}
