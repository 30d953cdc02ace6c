import Synchronization

/// One file under work: hands out ranges of consecutive blocks to whichever worker asks.
///
/// Ranges are cut while the file is read, under the stream's lock, so a file is read once, from front to back, by
/// however many workers, and a pipe is read like a file. Independent blocks are decoded outside the lock; linked
/// blocks inside it, as each needs what the one before it decoded to.
final class ArchiveStream: Sendable {
  let file: Int
  private let location: ArchiveListing.Path
  let sizeBytes: Int
  let seams: Seams
  private let state: Mutex<FrameReader?>
  private let isFinished = Atomic(false)
  private let isOpened = Atomic(false)

  init(file: Int, listed: ArchiveListing.File, tuning: Tuning) {
    self.file = file
    self.location = listed.location
    self.sizeBytes = listed.sizeBytes
    self.seams = Seams(lineBytesMax: tuning.lineBytesMax)
    self.state = Mutex(nil)
  }

  /// Whether everything has been handed out.
  var isExhausted: Bool { isFinished.load(ordering: .relaxed) }

  var wasOpened: Bool { isOpened.load(ordering: .relaxed) }

  /// Opens the file. - Returns: false if that failed; the log says why.
  func open(verifies: Bool, tuning: Tuning, log: inout ProblemLog) -> Bool {
    do throws(SystemError) {
      let reader = FrameReader(
        file: file, path: location.name, source: try ByteSource(path: location), verifies: verifies,
        rangeBytesTarget: tuning.rangeBytesTarget)
      state.withLock { $0 = reader }
      isOpened.store(true, ordering: .relaxed)
      return true
    } catch {
      log.add(
        file: file, Position(fileOffset: 0, offsetInBlock: 0), reason: "unreadable",
        "cannot be opened: \(error)")
      isFinished.store(true, ordering: .relaxed)
      return false
    }
  }

  /// The next range, decoded; nil when the file has no more, or has not been opened.
  func next(
    _ buffers: inout WorkerBuffers, log: inout ProblemLog, figures: inout ArchiveFigures
  ) -> (range: BlockRange, decoded: BlockDecoder.Decoded)? {
    var claimed: BlockRange?
    var decoded: BlockDecoder.Decoded?
    var decoder: BlockDecoder?
    var end: (rangeCount: Int, isHole: Bool)?
    // The buffers are the calling worker's own; the closure borrows them for the time of the lock.
    state.withLock { reader in
      guard reader != nil, !isExhausted else { return }
      decoder = BlockDecoder(file: file, verifies: reader!.verifies)
      claimed = reader!.next(&buffers, log: &log, figures: &figures)
      guard let range = claimed else {
        end = (reader!.rangeCount, reader!.endsInHole)
        isFinished.store(true, ordering: .relaxed)
        return
      }
      if range.frame?.descriptor.isLinked == true {
        decoded = decoder!.decode(range, &buffers, history: &reader!.history, log: &log)
        if decoded!.endsWithHole { reader!.abandonLinkedFrame() }
      }
    }
    if let end { seams.finish(rangeCount: end.rangeCount, endsInHole: end.isHole) }
    guard let range = claimed, let decoder else { return nil }
    if let decoded { return (range, decoded) }
    var none: [UInt8]?
    return (range, decoder.decode(range, &buffers, history: &none, log: &log))
  }
}

/// Sizes that may change how fast a scan is and never what it finds; tests set them to extremes.
public struct Tuning: Sendable {
  /// Decoded bytes after which a range ends; it has one block at least.
  public var rangeBytesTarget = 1 << 20
  public var lineBytesMax = 16 << 20
  /// A power of two.
  public var shardCount = 64
  /// Key of all hash tables that the log fills; nil takes it from the system's random source.
  public var hashSeed: UInt64?
  /// Kernel by name, `avx512`, `avx2` or `portable`; nil takes the best this machine has.
  public var kernel: String?

  public init() {}
}

/// What one worker read and decoded.
struct ArchiveFigures {
  var frames = 0
  var framesVerified = 0
  var framesUnverifiable = 0
  var framesCorrupt = 0
  var bytesCompressed = 0
  var bytesDecompressed = 0
  var files = 0

  mutating func add(_ other: ArchiveFigures) {
    frames += other.frames
    framesVerified += other.framesVerified
    framesUnverifiable += other.framesUnverifiable
    framesCorrupt += other.framesCorrupt
    bytesCompressed += other.bytesCompressed
    bytesDecompressed += other.bytesDecompressed
    files += other.files
  }
}
