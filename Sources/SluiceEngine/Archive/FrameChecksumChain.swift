import SluiceRecords
import SluiceSystem

/// The content checksum and the content size of a frame, carried from range to range in block order.
///
/// A range is hashed by the worker that decoded it, while it is in that worker's cache, and after the range before
/// it. The worker with the earliest range never waits, so the chain always moves. Without a checksum no worker waits.
struct FrameChecksumChain: Sendable {
  private let descriptor: FrameDescriptor
  private let verifies: Bool
  /// Whether only some of the frame's blocks may be read.
  private let readsOnlySomeBlocks: Bool
  private let state: Monitor<State>

  private struct State {
    /// Number of ranges added. With a hash it is also the number of the range whose turn it is.
    var rangesTaken = 0
    var checksum = RunningXXH32()
    var contentBytes: UInt64 = 0
    var isDamaged = false
    /// The frame's last range and its end, once they are known.
    var last: (index: Int, end: FrameEnd)?
  }

  init(_ descriptor: FrameDescriptor, verifies: Bool, readsOnlySomeBlocks: Bool) {
    self.descriptor = descriptor
    self.verifies = verifies
    self.readsOnlySomeBlocks = readsOnlySomeBlocks
    state = Monitor(State())
  }

  private var hashesContent: Bool { verifies && descriptor.hasContentChecksum && !readsOnlySomeBlocks }

  /// Returns the checksum of everything before a range if it is that range's turn. The range can then be hashed while
  /// it is decoded; nil otherwise.
  func checksum(before index: Int) -> RunningXXH32? {
    hashesContent ? state.withLock { $0.rangesTaken == index ? $0.checksum : nil } : nil
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
    index: Int, checksum: RunningXXH32?, segments: [UnsafeBytes], isDamaged: Bool, end: FrameEnd?
  ) -> Frame.Outcome? {
    if !hashesContent { return add(index: index, segments: segments, isDamaged: isDamaged, end: end) }
    state.wait { $0.rangesTaken == index }
    // No other worker touches the chain until rangesTaken changes, so hashing needs no lock.
    var mine = state.withLock { $0 }
    if let checksum { mine.checksum = checksum }
    for segment in segments {
      if checksum == nil { mine.checksum.update(segment) }
      mine.contentBytes += UInt64(segment.count)
    }
    mine.isDamaged = mine.isDamaged || isDamaged
    mine.rangesTaken = index + 1
    let outcome = end.map { judge(mine, $0) }
    state.withLock { $0 = mine }
    state.broadcast()
    return outcome
  }

  /// Adds a range without a hash, which needs no waiting. Bytes are counted in any order, and the caller that adds
  /// the missing range judges.
  private func add(index: Int, segments: [UnsafeBytes], isDamaged: Bool, end: FrameEnd?) -> Frame.Outcome? {
    state.withLock { state in
      state.contentBytes += segments.reduce(0) { $0 + UInt64($1.count) }
      state.isDamaged = state.isDamaged || isDamaged
      state.rangesTaken += 1
      if let end { state.last = (index, end) }
      guard let last = state.last, state.rangesTaken == last.index + 1 else { return nil }
      return judge(state, last.end)
    }
  }

  private func judge(_ state: State, _ end: FrameEnd) -> Frame.Outcome {
    // The damage of a frame has been reported block by block.
    if state.isDamaged || end == .cut { return .corrupt(nil) }
    if readsOnlySomeBlocks { return verifies && descriptor.hasBlockChecksums ? .verified : .unverifiable }
    if let stated = descriptor.contentBytes, stated != state.contentBytes {
      return .corrupt(
        .init(
          reason: .contentSize,
          message:
            "the frame states \(NumberFormat.count(stated, "byte")) of content and holds \(state.contentBytes); its events are used"
        ))
    }
    if hashesContent, case .mark(let stated?) = end, stated != state.checksum.digest {
      return .corrupt(
        .init(
          reason: .contentChecksum,
          message: "the frame's content does not match its checksum; its events are used, but may be wrong"))
    }
    return verifies && (descriptor.hasContentChecksum || descriptor.hasBlockChecksums)
      ? .verified : .unverifiable
  }
}
