import SluiceRecords
import SluiceSystem
import Synchronization

/// A file that workers are reading. It hands out ranges of consecutive blocks to any worker that asks.
///
/// Ranges are cut while the file is read, under the stream's lock. Any number of workers therefore reads a file once,
/// from front to back, and reads a pipe like a file. Independent blocks are decoded outside the lock. Linked blocks
/// and streams are decoded inside it, because each needs the decoded bytes of the one before. So are blocks that decide
/// which block is decoded next.
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
  private let selection: (any BlockSelection)?

  private struct State {
    var reader: FrameReader?
    /// The version of the file when it was opened.
    var status: FileVersion?
  }

  /// Knowledge about a file that is read in a second pass.
  struct SecondPass: Sendable {
    /// The version of the file in the first pass; nil if it is not known.
    var status: FileVersion?
    /// The blocks that may contain the lines that are searched for; nil if all may.
    var selection: (any BlockSelection)?
  }

  /// - Parameter secondPass: nil in the first pass. Content checksums are not verified in a second pass. Block
  ///   checksums are, because they decide which blocks count.
  init(
    file: Int, listed: ArchiveListing.File, verifies: Bool, limits: Limits,
    secondPass: SecondPass? = nil, split: FileSplit? = nil
  ) {
    selection = secondPass?.selection ?? split
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
      rangeBytesTarget: tuning.rangeBytesTarget, selection: selection)
    state.withLock {
      $0.reader = reader
      $0.status = source.opened
    }
    isOpened.store(true, ordering: .relaxed)
    return nil
  }

  /// Returns whether a frame is counted here; see ``FileSplit``.
  func counts(_ frame: Frame) -> Bool { selection?.split?.counts(frameAt: frame.offset) ?? true }

  /// Reports a file that cannot be read. None of it is used.
  func refuse(_ reason: Reason, _ message: String, log: inout ProblemLog) {
    log.add(file: file, Position(fileOffset: 0, offsetInBlock: 0), reason: reason, message)
    isFinished.store(true, ordering: .relaxed)
  }

  /// The part of the file that a worker took while it held the lock.
  private enum Claim {
    case packed(BlockRange)
    case decoded(BlockRange, BlockDecoder.Decoded)
    case end(rangeCount: Int, isHole: Bool)
    case nothing
  }

  /// Returns the next range, decoded; nil if the file has no more, or has not been opened.
  ///
  /// - Parameter onDecoded: see ``BlockDecoder``. It is called only for bytes that are decoded outside the lock.
  func next(
    _ context: inout ReadContext, onDecoded: (UnsafeBytes) -> Void = { _ in }
  ) -> (range: BlockRange, decoded: BlockDecoder.Decoded)? {
    let claim: Claim = state.withLock { state in
      if isExhausted { return .nothing }
      guard var range = state.reader?.next(&context) else { return finish(&state) }
      guard let decoded = state.reader?.decodeInOrder(&range, decoder, &context) else {
        return .packed(range)
      }
      return .decoded(range, decoded)
    }
    switch claim {
    case .packed(let range): return (range, decoder.decode(range, &context, onDecoded: onDecoded))
    case .decoded(let range, let decoded): return (range, decoded)
    case .end(let rangeCount, let isHole):
      lineAssembler.finish(rangeCount: rangeCount, endsInHole: isHole)
      return nil
    case .nothing: return nil
    }
  }

  /// Closes the file here, because an archive may have more files than a process may have open.
  private func finish(_ state: inout State) -> Claim {
    isFinished.store(true, ordering: .relaxed)
    defer { state.reader = nil }
    return state.reader.map { .end(rangeCount: $0.rangeCount, isHole: $0.endsInHole) } ?? .nothing
  }
}
