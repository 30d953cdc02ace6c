import SluiceSystem

/// Reads one file from front to back and cuts it into ranges of blocks.
///
/// Given a source of bytes, it finds out what they are (LZ4 frames in every form, gzip members, zstd frames, or plain
/// text), checks headers and leaves LZ4's blocks packed. Every byte it reads is accounted for: as header, block, skipped or
/// named in the log. Damage is a value: a wrong block costs itself (its linked successors too), a wrong frame header costs the rest of
/// the file, since nothing says where the next frame would start.
///
/// `FrameReader+Content` tells what the file is, and what is packed in it. `FrameReader+Text` reads text,
/// `FrameReader+Frames` headers and streams, `FrameReader+Blocks` blocks.
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
  /// Whether it has been looked at what is packed.
  var knowsContent = false
  var fate = Fate.used
  var streams: StreamReader
  /// Whether a gzip member has just ended, behind which zeros are padding.
  var isBehindMember = false
  var holeIsPending = false
  /// Ranges handed out.
  private(set) var rangeCount = 0
  /// Whether bytes behind the last range could not be used.
  var endsInHole: Bool { holeIsPending }
  /// Read before reading failed, but of no use without what is behind it.
  private var unusedBytes = 0
  /// The end of what was decoded last; nil unless the frame is linked.
  var history: [UInt8]?
  /// nil if all is read.
  var selection: BlockSelection?
  /// nil if all is read.
  var split: FileSplit?

  /// What becomes of a frame's further blocks.
  enum Fate {
    case used
    /// They refer to a damaged block; each is named.
    case lostWithLinked
    /// The frame is named as a whole.
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
    // A wrong checksum of a member's header ends the file: both readings must see it.
    streams = StreamReader(verifies: verifies)
    self.blockBytesMax = blockBytesMax
    self.rangeBytesTarget = rangeBytesTarget
  }

  /// Decodes a range of linked blocks, each of which needs what the one before it decoded to.
  mutating func decodeLinked(
    _ range: BlockRange, _ decoder: BlockDecoder, _ buffers: inout WorkerBuffers, log: inout ProblemLog
  ) -> BlockDecoder.Decoded {
    let decoded = decoder.decode(range, &buffers, history: &history, log: &log)
    if decoded.endsWithHole { fate = .lostWithLinked }
    return decoded
  }

  /// Takes notice of what was decoded of an edge of a share: behind the first newline it begins, or ends.
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

  /// Passes over what stands behind a share.
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

  /// Takes notice of what was decoded, if only some blocks are wanted: a line may go on in the next.
  mutating func note(_ decoded: BlockDecoder.Decoded, _ buffers: borrowing WorkerBuffers) {
    if let segment = decoded.segments.last, segment.memory == .output {
      selection?.note(buffers.view(segment), of: segment)
    }
    if decoded.endsWithHole { selection?.noteDamage() }
  }

  /// Fills the worker's input buffer with the next range; nil at the end of the file.
  mutating func next(
    _ buffers: inout WorkerBuffers, log: inout ProblemLog, figures: inout InputStats
  ) -> BlockRange? {
    let start = input.position
    input.begin(&buffers)
    var range: BlockRange?
    while range == nil, phase != .end {
      switch phase {
      case .stream where split != nil, .text where split != nil: refuseSplit(&buffers, &log)
      case .blocks where split != nil && frame?.descriptor.isLinked == true: refuseSplit(&buffers, &log)
      case .start: recognise(&buffers, &log, &figures)
      case .frames: frameHeader(&buffers, &log, &figures)
      case .blocks: range = blocks(&buffers, &log, &figures)
      case .stream: range = streamed(&buffers, &log, &figures)
      case .text: range = text(&buffers, &log, &figures)
      case .end: break
      }
    }
    input.end(buffers)
    let used = start..<input.position
    figures.bytesCompressed += split?.byteCount(of: used) ?? used.count
    if range == nil {
      reportEnd(&log)
      precondition(
        input.isAccountedFor, "\(path): \(input.position) bytes were used, which are not those read")
    }
    return range
  }

  /// Names what ended the file too early, or changed it meanwhile.
  private mutating func reportEnd(_ log: inout ProblemLog) {
    if let failure = input.failure {
      holeIsPending = true
      let unused = unusedBytes > 0 ? "; not used before it: \(NumberFormat.count(unusedBytes, "byte"))" : ""
      report(
        "unreadable", "reading failed behind this place: \(failure.error)\(unused)", &log, at: failure.offset)
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

  // MARK: What is not read

  /// Names what is left of the file as lost, from here.
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

  /// Ends with a file of which nothing more is wanted.
  mutating func passOverRest(_ buffers: inout WorkerBuffers) {
    _ = input.drop(&buffers)
    phase = .end
    holeIsPending = true
  }

  /// Gives up where reading failed. What is missing there says nothing of the file; ``next`` names the failure.
  mutating func loseUnread(_ buffers: inout WorkerBuffers) {
    unusedBytes = input.drop(&buffers)
    phase = .end
    holeIsPending = true
  }
}
