import SluiceSystem
import Synchronization

/// A file that workers are reading. It hands out ranges of consecutive blocks to any worker that asks.
///
/// Ranges are cut while the file is read, under the stream's lock. Any number of workers therefore reads a file once,
/// from front to back, and reads a pipe like a file. Independent blocks are decoded outside the lock. Linked blocks
/// and streams are decoded inside it, because each needs the decoded bytes of the one before.
final class ArchiveStream: Sendable {
  let file: Int
  private let listed: ArchiveListing.File
  let lineAssembler: LineAssembler
  private let decoder: BlockDecoder
  private let blockBytesMax: Int
  private let state: Monitor<State>
  private let isFinished = Atomic(false)
  private let isOpened = Atomic(false)
  private let secondPass: SecondPass?
  private let split: FileSplit?

  private struct State {
    var reader: FrameReader?
    /// The version of the file when it was opened.
    var status: FileVersion?
    /// Whether the last range that was handed out was decoded.
    var followsOverlappingBlock = true
  }

  /// Knowledge about a file that is read in a second pass.
  struct SecondPass: Sendable {
    /// The version of the file in the first pass; nil if it is not known.
    var status: FileVersion?
    /// The blocks that may contain the lines that are searched for; nil if all may.
    var blockIndex: BlockTimeIndex?
    /// The blocks that contain the lines that are searched for; nil if they are not known.
    var selection: BlockSelection?
  }

  /// - Parameter secondPass: nil in the first pass. Content checksums are not verified in a second pass. Block
  ///   checksums are, because they decide which blocks count.
  init(
    file: Int, listed: ArchiveListing.File, verifies: Bool, limits: Limits, tuning: Tuning,
    secondPass: SecondPass? = nil, split: FileSplit? = nil
  ) {
    self.split = split
    self.file = file
    decoder = BlockDecoder(file: file, verifies: verifies)
    self.listed = listed
    self.lineAssembler = LineAssembler(lineBytesMax: limits.lineBytesMax)
    self.blockBytesMax = limits.blockBytesMax
    self.state = Monitor(State())
    self.secondPass = secondPass
  }

  /// The version of the file when it was opened; nil if it was not opened, or is not a regular file.
  var statusWhenOpened: FileVersion? { state.withLock { $0.status } }

  var sizeBytes: Int { listed.sizeBytes }

  /// Whether all ranges have been handed out.
  var isExhausted: Bool { isFinished.load(ordering: .relaxed) }

  var wasOpened: Bool { isOpened.load(ordering: .relaxed) }

  /// Opens the file. - Returns: how the file has changed since the first pass, in which case it is not opened; nil if
  /// it has not changed.
  @discardableResult
  func open(tuning: Tuning, unless isHopeless: () -> Bool = { false }) throws(SystemError) -> String? {
    let source = try ByteSource(listed, unless: isHopeless)
    if let before = secondPass?.status, let change = source.opened?.change(since: before) { return change }
    let reader = FrameReader(
      file: file, path: listed.path, source: source, verifies: decoder.verifies,
      isSecondPass: secondPass != nil, blockBytesMax: blockBytesMax,
      rangeBytesTarget: tuning.rangeBytesTarget, selection: secondPass?.selection, split: split)
    state.withLock {
      $0.reader = reader
      $0.status = source.opened
    }
    isOpened.store(true, ordering: .relaxed)
    return nil
  }

  /// Returns whether a frame is counted here; see ``FileSplit``.
  func counts(_ frame: Frame) -> Bool { split?.counts(frameAt: frame.offset) ?? true }

  /// Reports a file that cannot be read. None of it is used.
  func refuse(_ reason: String, _ message: String, log: inout ProblemLog) {
    log.add(file: file, Position(fileOffset: 0, offsetInBlock: 0), reason: reason, message)
    isFinished.store(true, ordering: .relaxed)
  }

  /// The part of the file that a worker took while it held the lock.
  private enum Claim {
    case packed(BlockRange)
    case passedOver(BlockRange)
    case decoded(BlockRange, BlockDecoder.Decoded)
    case end(rangeCount: Int, isHole: Bool)
    case nothing
  }

  /// Returns the next range, decoded; nil if the file has no more, or has not been opened.
  ///
  /// - Parameter onDecoded: see ``BlockDecoder``. It is called only for bytes that are decoded outside the lock.
  func next(
    _ buffers: inout WorkerBuffers, log: inout ProblemLog, stats: inout InputStats,
    onDecoded: (UnsafeBytes) -> Void = { _ in }
  ) -> (range: BlockRange, decoded: BlockDecoder.Decoded)? {
    let claim: Claim = state.withLock { state in
      guard !isExhausted, var range = state.reader?.next(&buffers, log: &log, stats: &stats) else {
        if isExhausted { return .nothing }
        isFinished.store(true, ordering: .relaxed)
        // The file is closed here, because an archive may have more files than a process may have open.
        defer { state.reader = nil }
        return state.reader.map { .end(rangeCount: $0.rangeCount, isHole: $0.endsInHole) } ?? .nothing
      }
      if let decoded = range.decoded {
        state.reader?.note(decoded, buffers)
        return .decoded(range, decoded)
      }
      if range.edge != nil, !range.blocks.isEmpty {
        var none: [UInt8]?
        let decoded = decoder.decode(range, &buffers, history: &none, log: &log)
        state.reader?.note(&range, decoded, &buffers)
        return .decoded(range, decoded)
      }
      guard range.frame?.descriptor.isLinked == true else {
        if secondPass?.selection != nil {
          var none: [UInt8]?
          let decoded = decoder.decode(range, &buffers, history: &none, log: &log)
          state.reader?.note(decoded, buffers)
          return .decoded(range, decoded)
        }
        return isWanted(range, &state) ? .packed(range) : .passedOver(range)
      }
      guard let decoded = state.reader?.decodeLinked(range, decoder, &buffers, log: &log) else {
        return .nothing
      }
      state.reader?.note(decoded, buffers)
      return .decoded(range, decoded)
    }
    switch claim {
    case .packed(let range):
      var none: [UInt8]?
      return (
        range, decoder.decode(range, &buffers, history: &none, log: &log, onDecoded: onDecoded)
      )
    case .passedOver(let range): return (range, .passedOver)
    case .decoded(let range, let decoded): return (range, decoded)
    case .end(let rangeCount, let isHole):
      lineAssembler.finish(rangeCount: rangeCount, endsInHole: isHole)
      return nil
    case .nothing: return nil
    }
  }

  /// Returns whether a range must be decoded: for its own lines, or because a line of the decoded range before may
  /// end in it.
  private func isWanted(_ range: BlockRange, _ state: inout State) -> Bool {
    guard let near = secondPass?.blockIndex else { return true }
    let isNear =
      range.blocks.isEmpty
      || near.mayLieBetween(range.blocks[0].fileOffset, range.blocks[range.blocks.count - 1].lastOffset)
    defer { state.followsOverlappingBlock = isNear }
    return isNear || state.followsOverlappingBlock
  }
}
