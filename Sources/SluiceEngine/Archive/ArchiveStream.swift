import SluiceSystem
import Synchronization

/// One file under work: hands out ranges of consecutive blocks to whichever worker asks.
///
/// Ranges are cut while the file is read, under the stream's lock, so a file is read once, from front to back, by
/// however many workers, and a pipe is read like a file. Independent blocks are decoded outside the lock; linked
/// blocks and streams inside it, as each needs what the one before it decoded to.
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
    /// What the file was when it was opened.
    var status: FileVersion?
    /// Whether what was handed out last was decoded.
    var followsOverlappingBlock = true
  }

  /// What is known of a file that is read for the second time.
  struct SecondPass: Sendable {
    /// When it was read before; nil if that is not known.
    var status: FileVersion?
    /// Which blocks may hold what is looked for; nil if all may.
    var blockIndex: BlockTimeIndex?
    /// Which blocks hold what is looked for; nil if that is not known.
    var selection: BlockSelection?
  }

  /// - Parameter secondPass: nil if the file is read for the first time. Contents' checksums are not verified a second time;
  ///   blocks', by which it is known which of them count, are.
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

  /// What the file was when it was opened; nil if it was not, or is no regular file.
  var statusWhenOpened: FileVersion? { state.withLock { $0.status } }

  var sizeBytes: Int { listed.sizeBytes }

  /// Whether everything has been handed out.
  var isExhausted: Bool { isFinished.load(ordering: .relaxed) }

  var wasOpened: Bool { isOpened.load(ordering: .relaxed) }

  /// - Returns: what has become of the file since it was read before, which then is not opened; nil if nothing has.
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

  /// Whether a frame is one of those that are counted here; see ``FileSplit``.
  func counts(_ frame: Frame) -> Bool { split?.counts(frameAt: frame.offset) ?? true }

  /// Names a file that cannot be read; nothing comes of it.
  func refuse(_ reason: String, _ message: String, log: inout ProblemLog) {
    log.add(file: file, Position(fileOffset: 0, offsetInBlock: 0), reason: reason, message)
    isFinished.store(true, ordering: .relaxed)
  }

  /// What a worker got of the file while it held the lock.
  private enum Claim {
    case packed(BlockRange)
    case passedOver(BlockRange)
    case decoded(BlockRange, BlockDecoder.Decoded)
    case end(rangeCount: Int, isHole: Bool)
    case nothing
  }

  /// The next range, decoded; nil when the file has no more, or has not been opened.
  ///
  /// - Parameter look: see ``BlockDecoder``; called for what is decoded outside the lock only.
  func next(
    _ buffers: inout WorkerBuffers, log: inout ProblemLog, figures: inout InputStats,
    onDecoded: (UnsafeBytes) -> Void = { _ in }
  ) -> (range: BlockRange, decoded: BlockDecoder.Decoded)? {
    let claim: Claim = state.withLock { state in
      guard !isExhausted, var range = state.reader?.next(&buffers, log: &log, figures: &figures) else {
        if isExhausted { return .nothing }
        isFinished.store(true, ordering: .relaxed)
        // The file is closed here: an archive may have more files than a process may have open.
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

  /// Whether a range is to be decoded: as a whole, or since a line of the one before it, which is, may end here.
  private func isWanted(_ range: BlockRange, _ state: inout State) -> Bool {
    guard let near = secondPass?.blockIndex else { return true }
    let isNear =
      range.blocks.isEmpty
      || near.mayLieBetween(range.blocks[0].fileOffset, range.blocks[range.blocks.count - 1].lastOffset)
    defer { state.followsOverlappingBlock = isNear }
    return isNear || state.followsOverlappingBlock
  }
}
