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
/// `FrameReader+Frames` reads headers and streams, and `FrameReader+Blocks` reads blocks. `FrameReader+Selection` leaves
/// out what is not selected.
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
  /// The blocks to decode; nil if all are decoded.
  var selection: (any BlockSelection)?

  /// The treatment of a frame's further blocks.
  enum Fate {
    case used
    /// They refer to a damaged block. Each is reported.
    case lostWithLinked
    /// The frame is reported as a whole.
    case refused
  }

  enum Phase {
    case start, frames, blocks, stream, text
    /// Nothing of the rest of the file is selected.
    case rest
    case end
  }

  init(
    file: Int, path: String, source: ByteSource, verifies: Bool, isSecondPass: Bool = false,
    blockBytesMax: Int, rangeBytesTarget: Int, selection: (any BlockSelection)? = nil
  ) {
    self.selection = selection
    self.file = file
    self.path = path
    self.input = InputCursor(source: source)
    self.verifies = verifies && !isSecondPass
    // A wrong checksum in a member's header ends the file, so both passes must see it.
    streams = StreamReader(verifies: verifies)
    self.blockBytesMax = blockBytesMax
    self.rangeBytesTarget = rangeBytesTarget
  }

  /// Fills the worker's input buffer with the next range. Returns nil at the end of the file.
  mutating func next(_ context: inout ReadContext) -> BlockRange? {
    let start = input.position
    input.begin(&context.buffers)
    var range: BlockRange?
    while range == nil, phase != .end {
      switch phase {
      case .stream where split != nil, .text where split != nil: refuseSplit(&context)
      case .blocks where split != nil && frame?.descriptor.isLinked == true: refuseSplit(&context)
      case .start: recognise(&context)
      case .frames: frameHeader(&context)
      case .blocks: range = blocks(&context)
      case .stream: range = streamed(&context)
      case .text: range = text(&context)
      case .rest: skipRest(&context)
      case .end: break
      }
    }
    input.end(context.buffers)
    let used = start..<input.position
    context.stats.bytesCompressed += split?.byteCount(of: used) ?? used.count
    if range == nil {
      reportEnd(&context)
      precondition(
        input.isAccountedFor, "\(path): \(input.position) bytes were used, which are not those read")
    }
    return range
  }

  /// Reports what ended the file too early, or changed it while it was read.
  private mutating func reportEnd(_ context: inout ReadContext) {
    if let failure = input.failure {
      holeIsPending = true
      let unused = unusedBytes > 0 ? "; not used before it: \(NumberFormat.count(unusedBytes, "byte"))" : ""
      report(
        .unreadable, "reading failed after this place: \(failure.error)\(unused)", &context,
        at: failure.offset)
      return
    }
    do throws(SystemError) {
      guard let change = try input.change() else { return }
      report(.changed, "the file was changed while it was read: \(change)", &context, at: 0)
    } catch {
      report(
        .unreadable, "it cannot be told if the file was changed while it was read: \(error)", &context, at: 0
      )
    }
  }

  func report(_ reason: Reason, _ message: String, _ context: inout ReadContext, at offset: Int) {
    context.log.add(file: file, Position(fileOffset: offset, offsetInBlock: 0), reason: reason, message)
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
    _ reason: Reason, _ message: String, _ context: inout ReadContext
  ) {
    guard input.failure == nil else { return loseUnread(&context) }
    let start = input.position
    let count = input.drop(&context.buffers)
    phase = .end
    holeIsPending = true
    let unused = count == 0 ? "" : "; not used of the file's end: \(NumberFormat.count(count, "byte"))"
    report(reason, message + unused, &context, at: start)
  }

  private mutating func refuseSplit(_ context: inout ReadContext) {
    loseRest(
      .range, "only files of LZ4 frames with independent blocks can be split", &context)
  }

  /// Gives up where reading failed. Missing bytes say nothing about the file, so only the failure is reported, by
  /// ``next``.
  mutating func loseUnread(_ context: inout ReadContext) {
    unusedBytes = input.drop(&context.buffers)
    phase = .end
    holeIsPending = true
  }
}
