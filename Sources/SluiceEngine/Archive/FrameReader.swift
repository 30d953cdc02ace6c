import SluiceRecords
import SluiceSystem

/// A reader that reads one file from front to back and cuts it into ranges of blocks.
///
/// It recognises the codec of the bytes (LZ4 frames of every form, gzip members, zstd frames, or plain text), checks
/// headers and leaves LZ4 blocks compressed. Every byte that it reads is accounted for: as header, as block, as
/// skipped, or in the log. Damage is a value. A damaged block costs only itself and the linked blocks after it. A
/// damaged frame header costs the rest of the file, because nothing shows where the next frame starts.
///
/// `FrameReader+Content` recognises the file and its compressed content. `FrameReader+Text` reads text,
/// `FrameReader+Frames` reads headers and streams, and `FrameReader+Blocks` reads blocks.
struct FrameReader: Sendable {
  let file: Int
  let path: String
  let verifies: Bool
  let blockBytesMax: Int
  let rangeBytesTarget: Int
  var input: InputCursor
  var phase = Phase.start
  var frame: Frame?
  var rangesInFrame = 0
  /// Whether the frame has had a stored block.
  var hasStoredBlock = false
  /// Whether the content has been recognised.
  var knowsContent = false
  var fate = Fate.used
  var streams: StreamReader
  /// Whether a gzip member has just ended. Zeros after it are padding.
  var isBehindMember = false
  var holeIsPending = false
  /// Number of ranges handed out.
  private(set) var rangeCount = 0
  /// Whether bytes after the last range could not be used.
  var endsInHole: Bool { holeIsPending }
  /// Number of bytes that were read before a failure and are useless without the bytes after them.
  private var unusedBytes = 0
  /// The last decoded bytes; nil unless the frame is linked.
  var history: [UInt8]?
  /// The blocks to read; nil if all are read.
  var selection: BlockSelection?
  /// The part of the file to read; nil if all is read.
  var split: FileSplit?

  /// The treatment of a frame's further blocks.
  enum Fate {
    case used
    /// They refer to a damaged block. Each is reported.
    case lostWithLinked
    /// The frame is reported as a whole.
    case refused
  }

  enum Phase { case start, frames, blocks, stream, text, end }

  init(
    file: Int, path: String, source: ByteSource, verifies: Bool, isSecondPass: Bool = false,
    blockBytesMax: Int, rangeBytesTarget: Int, selection: BlockSelection? = nil, split: FileSplit? = nil
  ) {
    self.selection = selection
    self.split = split
    self.file = file
    self.path = path
    self.input = InputCursor(source: source)
    self.verifies = verifies && !isSecondPass
    // A wrong checksum in a member's header ends the file, so both passes must see it.
    streams = StreamReader(verifies: verifies)
    self.blockBytesMax = blockBytesMax
    self.rangeBytesTarget = rangeBytesTarget
  }

  /// Decodes a range of linked blocks, each of which needs the decoded bytes of the one before.
  mutating func decodeLinked(
    _ range: BlockRange, _ decoder: BlockDecoder, _ buffers: inout WorkerBuffers, log: inout ProblemLog
  ) -> BlockDecoder.Decoded {
    let decoded = decoder.decode(range, &buffers, history: &history, log: &log)
    if decoded.endsWithHole { fate = .lostWithLinked }
    return decoded
  }

  /// Notes the decoded bytes at an edge of a split. The split begins or ends after their first newline.
  mutating func note(
    _ range: inout BlockRange, _ decoded: BlockDecoder.Decoded, _ buffers: inout WorkerBuffers
  ) {
    let isFound =
      decoded.isDamaged
      || decoded.segments.contains { buffers.view($0).firstIndex(of: UInt8(ascii: "\n")) != nil }
    guard isFound else { return }
    if range.edge == .head { return split?.noteFirstNewline() ?? () }
    if range.end == nil { range.end = .mark(contentChecksum: nil) }
    endShare(&buffers)
  }

  /// Skips the bytes after a split.
  private mutating func endShare(_ buffers: inout WorkerBuffers) {
    input.begin(&buffers)
    _ = input.drop(&buffers)
    input.end(buffers)
    phase = .end
    frame = nil
  }

  private mutating func refuseSplit(_ buffers: inout WorkerBuffers, _ log: inout ProblemLog) {
    loseRest(
      FileSplit.reason, "only files of LZ4 frames with independent blocks can be read in shares", &buffers,
      &log)
  }

  /// Notes decoded bytes if only some blocks are wanted. A line may continue in the next block.
  mutating func note(_ decoded: BlockDecoder.Decoded, _ buffers: borrowing WorkerBuffers) {
    if let segment = decoded.segments.last, segment.memory == .output {
      selection?.note(buffers.view(segment), of: segment)
    }
    if decoded.endsWithHole { selection?.noteDamage() }
  }

  /// Fills the worker's input buffer with the next range. Returns nil at the end of the file.
  mutating func next(
    _ buffers: inout WorkerBuffers, log: inout ProblemLog, stats: inout InputStats
  ) -> BlockRange? {
    let start = input.position
    input.begin(&buffers)
    var range: BlockRange?
    while range == nil, phase != .end {
      switch phase {
      case .stream where split != nil, .text where split != nil: refuseSplit(&buffers, &log)
      case .blocks where split != nil && frame?.descriptor.isLinked == true: refuseSplit(&buffers, &log)
      case .start: recognise(&buffers, &log, &stats)
      case .frames: frameHeader(&buffers, &log, &stats)
      case .blocks: range = blocks(&buffers, &log, &stats)
      case .stream: range = streamed(&buffers, &log, &stats)
      case .text: range = text(&buffers, &log, &stats)
      case .end: break
      }
    }
    input.end(buffers)
    let used = start..<input.position
    stats.bytesCompressed += split?.byteCount(of: used) ?? used.count
    if range == nil {
      reportEnd(&log)
      precondition(
        input.isAccountedFor, "\(path): \(input.position) bytes were used, which are not those read")
    }
    return range
  }

  /// Reports what ended the file too early, or changed it while it was read.
  private mutating func reportEnd(_ log: inout ProblemLog) {
    if let failure = input.failure {
      holeIsPending = true
      let unused = unusedBytes > 0 ? "; not used before it: \(NumberFormat.count(unusedBytes, "byte"))" : ""
      report(
        "unreadable", "reading failed after this place: \(failure.error)\(unused)", &log, at: failure.offset)
      return
    }
    do throws(SystemError) {
      guard let change = try input.change() else { return }
      report("changed", "the file was changed while it was read: \(change)", &log, at: 0)
    } catch {
      report(
        "unreadable", "it cannot be told if the file was changed while it was read: \(error)", &log, at: 0)
    }
  }

  func report(_ reason: String, _ message: String, _ log: inout ProblemLog, at offset: Int) {
    log.add(file: file, Position(fileOffset: offset, offsetInBlock: 0), reason: reason, message)
  }

  // MARK: Ranges

  mutating func makeRange() -> BlockRange {
    var range = BlockRange(sequence: rangeCount)
    rangeCount += 1
    range.frame = frame
    range.indexInFrame = rangesInFrame
    rangesInFrame += 1
    range.followsHole = holeIsPending
    holeIsPending = false
    return range
  }

  // MARK: Unused input

  /// Reports the rest of the file, from here on, as lost.
  mutating func loseRest(
    _ reason: String, _ message: String, _ buffers: inout WorkerBuffers, _ log: inout ProblemLog
  ) {
    guard input.failure == nil else { return loseUnread(&buffers) }
    let start = input.position
    let count = input.drop(&buffers)
    phase = .end
    holeIsPending = true
    let unused = count == 0 ? "" : "; not used of the file's end: \(NumberFormat.count(count, "byte"))"
    report(reason, message + unused, &log, at: start)
  }

  /// Skips the rest of a file of which nothing more is wanted.
  mutating func passOverRest(_ buffers: inout WorkerBuffers) {
    _ = input.drop(&buffers)
    phase = .end
    holeIsPending = true
  }

  /// Gives up where reading failed. Missing bytes say nothing about the file, so only the failure is reported, by
  /// ``next``.
  mutating func loseUnread(_ buffers: inout WorkerBuffers) {
    unusedBytes = input.drop(&buffers)
    phase = .end
    holeIsPending = true
  }
}
