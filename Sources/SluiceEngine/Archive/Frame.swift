import SluiceRecords
import SluiceSystem

/// An LZ4 frame that is being read, with its content checksum and size, which are carried from range to range in
/// block order.
///
/// A range is hashed by the worker that decoded it, while it is in that worker's cache, and after the range before
/// it. The worker with the earliest range never waits, so the chain always moves. Without a checksum no worker waits.
final class Frame: Sendable {
  let offset: Int
  let descriptor: FrameDescriptor
  private let verifies: Bool
  /// Whether only some of its blocks may be read.
  private let readsOnlySomeBlocks: Bool
  private let chain: Monitor<Chain>

  private struct Chain {
    /// Number of ranges added. With a hash it is also the number of the range whose turn it is.
    var rangesTaken = 0
    var checksum = ContentChecksum()
    var contentBytes: UInt64 = 0
    var isDamaged = false
    /// The frame's last range and its end, once they are known.
    var last: (index: Int, end: FrameEnd)?
  }

  enum Outcome {
    case verified
    case unverifiable
    case corrupt(Problem?)

    struct Problem {
      var reason: Reason
      var message: String
    }
  }

  /// - Parameter readsOnlySomeBlocks: whether only some of its blocks may be read. The content checksum then proves
  ///   nothing.
  init(offset: Int, descriptor: FrameDescriptor, verifies: Bool, readsOnlySomeBlocks: Bool = false) {
    self.readsOnlySomeBlocks = readsOnlySomeBlocks
    self.offset = offset
    self.descriptor = descriptor
    self.verifies = verifies
    self.chain = Monitor(Chain())
  }

  private var hashesContent: Bool { verifies && descriptor.hasContentChecksum && !readsOnlySomeBlocks }

  /// Returns the checksum of everything before a range if it is that range's turn. The range can then be hashed while
  /// it is decoded; nil otherwise.
  func checksum(before index: Int) -> ContentChecksum? {
    hashesContent ? chain.withLock { $0.rangesTaken == index ? $0.checksum : nil } : nil
  }

  /// Adds a range's decoded bytes to the chain.
  ///
  /// - Parameters:
  ///   - index: the range's number within this frame, from 0.
  ///   - checksum: the checksum up to the end of this range; nil if the range's bytes have not been hashed.
  ///   - segments: its decoded bytes, in order; more than one if damaged blocks are between them.
  ///   - end: the frame's end, with its last range.
  /// - Returns: the frame's outcome, to the caller that adds the missing range.
  func add(
    index: Int, checksum: ContentChecksum?, segments: [UnsafeBytes], isDamaged: Bool, end: FrameEnd?
  ) -> Outcome? {
    if !hashesContent { return add(index: index, segments: segments, isDamaged: isDamaged, end: end) }
    chain.wait { $0.rangesTaken == index }
    // No other worker touches the chain until rangesTaken changes, so hashing needs no lock.
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

  /// Adds a range without a hash, which needs no waiting. Bytes are counted in any order, and the caller that adds
  /// the missing range judges.
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
    // The damage of a frame has been reported block by block.
    if chain.isDamaged || end == .cut { return .corrupt(nil) }
    if readsOnlySomeBlocks { return verifies && descriptor.hasBlockChecksums ? .verified : .unverifiable }
    if let stated = descriptor.contentBytes, stated != chain.contentBytes {
      return .corrupt(
        .init(
          reason: .contentSize,
          message:
            "the frame states \(NumberFormat.count(stated, "byte")) of content and holds \(chain.contentBytes); its events are used"
        ))
    }
    if hashesContent, case .mark(let stated?) = end, stated != chain.checksum.digest {
      return .corrupt(
        .init(
          reason: .contentChecksum,
          message: "the frame's content does not match its checksum; its events are used, but may be wrong"))
    }
    return verifies && (descriptor.hasContentChecksum || descriptor.hasBlockChecksums)
      ? .verified : .unverifiable
  }
}

/// The end of a frame: its end mark, with the checksum after it if any, or a cut in the middle.
enum FrameEnd: Equatable {
  case mark(contentChecksum: UInt32?)
  case cut
}
