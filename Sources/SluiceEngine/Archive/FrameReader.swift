/// Reads one file from front to back and cuts it into ranges of blocks.
///
/// Given a source of bytes, it finds out what they are (LZ4 frames in every form, or plain text), checks headers and
/// leaves the blocks packed. Every byte it reads is accounted for: as header, block, skipped or named in the log.
/// Damage is a value: a wrong block costs itself (its linked successors too), a wrong frame header costs the rest of
/// the file, since nothing says where the next frame would start.
struct FrameReader: Sendable {
  let file: Int
  let path: String
  let verifies: Bool
  let rangeBytesTarget: Int
  private let source: ByteSource
  /// Bytes read ahead of the last range.
  private var leftover: [UInt8] = []
  /// Offset in the file of the next byte to be used.
  private var position = 0
  private var accountedBytes = 0
  private var phase = Phase.start
  private var frame: Frame?
  private var rangesInFrame = 0
  private var fate = Fate.used
  private var holeIsPending = false
  /// Ranges handed out.
  private(set) var rangeCount = 0
  /// Whether bytes behind the last range could not be used.
  var endsInHole: Bool { holeIsPending }
  /// The end of what was decoded last; nil unless the frame is linked.
  private var history: [UInt8]?

  /// What becomes of a frame's further blocks.
  private enum Fate {
    case used
    /// They refer to a damaged block; each is named.
    case lostWithLinked
    /// The frame is named as a whole.
    case refused
  }

  private enum Phase { case start, frames, blocks, text, end }

  /// How much is read at a time if nothing says how much is needed.
  private static let readAheadBytes = 128 << 10

  /// What a block counts for at least when a range is filled, so that empty ones fill it too.
  private static let blockBytesMin = 1 << 10

  init(file: Int, path: String, source: ByteSource, verifies: Bool, rangeBytesTarget: Int) {
    self.file = file
    self.path = path
    self.source = source
    self.verifies = verifies
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

  /// Fills the worker's input buffer with the next range; nil at the end of the file.
  mutating func next(
    _ buffers: inout WorkerBuffers, log: inout ProblemLog, figures: inout ArchiveFigures
  ) -> BlockRange? {
    buffers.input.reserve(leftover.count, keeping: 0)
    buffers.input.write(leftover, at: 0)
    buffers.filled = leftover.count
    buffers.cursor = 0
    let start = accountedBytes
    var range: BlockRange?
    while range == nil, phase != .end {
      switch phase {
      case .start: recognise(&buffers, &log)
      case .frames: frameHeader(&buffers, &log, &figures)
      case .blocks: range = blocks(&buffers, &log)
      case .text: range = text(&buffers, &log)
      case .end: break
      }
    }
    leftover = buffers.input.view(buffers.cursor..<buffers.filled).array
    figures.bytesCompressed += accountedBytes - start
    if range == nil {
      precondition(
        leftover.isEmpty && accountedBytes == source.offset,
        "\(path): \(source.offset) bytes read, \(accountedBytes) accounted for")
    }
    return range
  }

  // MARK: Bytes

  /// Makes `count` bytes available behind the cursor; false if the file ends (or fails) before.
  private mutating func need(_ count: Int, _ buffers: inout WorkerBuffers, _ log: inout ProblemLog) -> Bool {
    while buffers.filled - buffers.cursor < count {
      let missing = count - (buffers.filled - buffers.cursor)
      let wanted =
        missing < Self.readAheadBytes / 2 ? min(Self.readAheadBytes, max(missing, rangeBytesTarget)) : missing
      buffers.input.reserve(buffers.filled + wanted, keeping: buffers.filled)
      do throws(SystemError) {
        let read = try source.read(into: &buffers.input, at: buffers.filled, count: wanted)
        if read == 0 { return false }
        buffers.filled += read
      } catch {
        report("unreadable", "reading failed behind this place: \(error)", &log, at: source.offset)
        holeIsPending = true
        return false
      }
    }
    return true
  }

  private mutating func use(_ count: Int, _ buffers: inout WorkerBuffers) -> UnsafeBytes {
    let used = buffers.input.view(buffers.cursor..<buffers.cursor + count)
    buffers.cursor += count
    position += count
    accountedBytes += count
    return used
  }

  private func peek32(_ buffers: borrowing WorkerBuffers) -> UInt32 {
    littleEndian(buffers.input.view(buffers.cursor..<buffers.cursor + 4), at: 0)
  }

  /// Takes the rest of the file as lost. - Returns: how many bytes that were.
  @discardableResult
  private mutating func loseRest(_ buffers: inout WorkerBuffers, _ log: inout ProblemLog) -> Int {
    var lost = 0
    repeat {
      let have = buffers.filled - buffers.cursor
      lost += have
      _ = use(have, &buffers)
      buffers.cursor = 0
      buffers.filled = 0
    } while need(1, &buffers, &log)
    phase = .end
    return lost
  }

  private func report(_ reason: String, _ message: String, _ log: inout ProblemLog, at offset: Int) {
    log.add(file: file, Position(fileOffset: offset, offsetInBlock: 0), reason: reason, message)
  }

  // MARK: What the file is

  private mutating func recognise(_ buffers: inout WorkerBuffers, _ log: inout ProblemLog) {
    _ = need(Codec.sampleBytes, &buffers, &log)
    let sample = buffers.input.view(buffers.cursor..<min(buffers.filled, buffers.cursor + Codec.sampleBytes))
    switch Codec(sample: sample, isNamedLZ4: path.hasSuffix(".lz4")) {
    case .empty: phase = .end
    case .lz4: phase = .frames
    case .text: phase = .text
    case .refused(let what):
      let lost = loseRest(&buffers, &log)
      report("codec", "\(what); its \(lost) bytes are not read", &log, at: 0)
    }
  }

  private mutating func text(_ buffers: inout WorkerBuffers, _ log: inout ProblemLog) -> BlockRange? {
    _ = need(max(1, rangeBytesTarget), &buffers, &log)
    let count = min(max(1, rangeBytesTarget), buffers.filled - buffers.cursor)
    guard count > 0 else {
      phase = .end
      return nil
    }
    var range = makeRange()
    let payload = buffers.cursor..<buffers.cursor + count
    range.blocks = [BlockRange.Block(fileOffset: position, payload: payload, decodedBytesMax: count)]
    _ = use(count, &buffers)
    return range
  }

  // MARK: Frames

  private mutating func frameHeader(
    _ buffers: inout WorkerBuffers, _ log: inout ProblemLog, _ figures: inout ArchiveFigures
  ) {
    let start = position
    guard need(4, &buffers, &log) else {
      let rest = loseRest(&buffers, &log)
      if rest > 0 { lost(rest, "truncated", "the file ends inside a frame header", &log, at: start) }
      return
    }
    let magic = peek32(buffers)
    if FrameDescriptor.skippableMagics.contains(magic) { return skippableFrame(&buffers, &log) }
    figures.frames += magic == FrameDescriptor.magic || magic == FrameDescriptor.legacyMagic ? 1 : 0
    if magic == FrameDescriptor.legacyMagic {
      _ = use(4, &buffers)
      return begin(Frame(offset: start, descriptor: .legacy, verifies: verifies))
    }
    guard magic == FrameDescriptor.magic else {
      let rest = loseRest(&buffers, &log)
      lost(rest, "garbage", "no LZ4 frame starts here", &log, at: start)
      return
    }
    guard need(7, &buffers, &log), need(4 + headerCount(buffers), &buffers, &log) else {
      figures.framesCorrupt += 1
      let rest = loseRest(&buffers, &log)
      lost(rest, "truncated", "the file ends inside a frame header", &log, at: start)
      return
    }
    let count = headerCount(buffers)
    switch FrameDescriptor.parse(buffers.input.view(buffers.cursor + 4..<buffers.cursor + 4 + count)) {
    case .success(let descriptor):
      _ = use(4 + count, &buffers)
      begin(Frame(offset: start, descriptor: descriptor, verifies: verifies))
    case .failure(let refusal):
      if let descriptor = refusal.descriptor {
        _ = use(4 + count, &buffers)
        begin(Frame(offset: start, descriptor: descriptor, verifies: verifies))
        fate = .refused
        report(refusal.reason, refusal.message, &log, at: start)
        return
      }
      figures.framesCorrupt += 1
      let rest = loseRest(&buffers, &log)
      lost(rest, refusal.reason, refusal.message, &log, at: start)
    }
  }

  private func headerCount(_ buffers: borrowing WorkerBuffers) -> Int {
    FrameDescriptor.count(flags: buffers.input.view(buffers.cursor..<buffers.cursor + 7)[4])
  }

  private mutating func begin(_ frame: Frame) {
    self.frame = frame
    rangesInFrame = 0
    fate = .used
    history = frame.descriptor.isLinked ? [] : nil
    phase = .blocks
  }

  private mutating func lost(
    _ count: Int, _ reason: String, _ message: String, _ log: inout ProblemLog, at offset: Int
  ) {
    holeIsPending = true
    report(reason, "\(message); the file's last \(count) bytes are not used", &log, at: offset)
  }

  private mutating func skippableFrame(_ buffers: inout WorkerBuffers, _ log: inout ProblemLog) {
    let start = position
    guard need(8, &buffers, &log) else {
      let rest = loseRest(&buffers, &log)
      return lost(rest, "truncated", "the file ends inside a skippable frame's header", &log, at: start)
    }
    var remaining = Int(littleEndian(use(8, &buffers), at: 4))
    while remaining > 0 {
      guard need(1, &buffers, &log) else {
        phase = .end
        holeIsPending = true
        return report(
          "truncated", "the file ends inside a skippable frame, \(remaining) bytes early", &log, at: start)
      }
      let count = min(remaining, buffers.filled - buffers.cursor)
      _ = use(count, &buffers)
      remaining -= count
      // What is skipped need not stay in memory; nothing of the range has been taken yet.
      if buffers.cursor == buffers.filled { (buffers.cursor, buffers.filled) = (0, 0) }
    }
  }

  // MARK: Blocks

  private mutating func makeRange() -> BlockRange {
    var range = BlockRange(sequence: rangeCount)
    rangeCount += 1
    range.frame = frame
    range.indexInFrame = rangesInFrame
    rangesInFrame += 1
    range.followsHole = holeIsPending
    holeIsPending = false
    return range
  }

  /// Takes blocks until the range is large enough or the frame ends.
  private mutating func blocks(_ buffers: inout WorkerBuffers, _ log: inout ProblemLog) -> BlockRange? {
    guard let descriptor = frame?.descriptor else { preconditionFailure("blocks outside a frame") }
    var range = makeRange()
    var decodedBytes = 0
    while decodedBytes < rangeBytesTarget {
      let start = position
      guard need(4, &buffers, &log) else {
        if descriptor.isLegacy, buffers.filled == buffers.cursor {
          range.end = .mark(contentChecksum: nil)
        } else {
          cut(&range, "the file ends inside the frame that starts at \(frame?.offset ?? 0)", &buffers, &log)
        }
        break
      }
      let word = peek32(buffers)
      if descriptor.isLegacy, word > FrameDescriptor.legacyPackedBytesMax {
        range.end = .mark(contentChecksum: nil)  // The next frame's magic number.
        break
      }
      if word == 0, !descriptor.isLegacy {
        endMark(&range, descriptor, &buffers, &log)
        break
      }
      let isStored = !descriptor.isLegacy && word >> 31 == 1
      let size = Int(isStored ? word & 0x7FFF_FFFF : word)
      let sizeMax = descriptor.isLegacy ? FrameDescriptor.legacyPackedBytesMax : descriptor.blockBytesMax
      guard size <= sizeMax else {
        cut(
          &range, "a block of \(size) bytes is stated where \(sizeMax) are allowed", &buffers, &log,
          reason: "block-size")
        break
      }
      let checksumBytes = descriptor.hasBlockChecksums ? 4 : 0
      guard need(4 + size + checksumBytes, &buffers, &log) else {
        cut(&range, "the file ends inside a block of \(size) bytes", &buffers, &log)
        break
      }
      // The next block's size, so that the next read can be of the right length.
      _ = need(4 + size + checksumBytes + 4, &buffers, &log)
      _ = use(4, &buffers)
      let payload = buffers.cursor..<buffers.cursor + size
      _ = use(size, &buffers)
      let checksum = checksumBytes > 0 ? littleEndian(use(4, &buffers), at: 0) : nil
      if fate != .used {
        if fate == .lostWithLinked {
          BlockDecoder.reportLinked(fileOffset: start, payloadBytes: size, file: file, &log)
        }
        range.precedesHole = true
        decodedBytes += max(size, Self.blockBytesMin)
        continue
      }
      let decodedBytesMax = isStored ? size : min(descriptor.blockBytesMax, 255 * size + 16)
      range.blocks.append(
        BlockRange.Block(
          fileOffset: start, payload: payload, isStored: isStored, checksum: checksum,
          decodedBytesMax: decodedBytesMax))
      decodedBytes += max(decodedBytesMax, Self.blockBytesMin)
    }
    if range.end != nil {
      if fate == .refused { range.end = .cut }
      if phase == .blocks { phase = .frames }
      frame = nil
    }
    return range
  }

  private mutating func endMark(
    _ range: inout BlockRange, _ descriptor: FrameDescriptor, _ buffers: inout WorkerBuffers,
    _ log: inout ProblemLog
  ) {
    guard descriptor.hasContentChecksum else {
      _ = use(4, &buffers)
      range.end = .mark(contentChecksum: nil)
      return
    }
    guard need(8, &buffers, &log) else {
      return cut(&range, "the file ends inside the content checksum", &buffers, &log)
    }
    range.end = .mark(contentChecksum: littleEndian(use(8, &buffers), at: 4))
  }

  private mutating func cut(
    _ range: inout BlockRange, _ message: String, _ buffers: inout WorkerBuffers, _ log: inout ProblemLog,
    reason: String = "truncated"
  ) {
    let start = position
    // The range's payloads stay in the input buffer; what is lost is read behind them and dropped.
    let keep = buffers.cursor
    var count = buffers.filled - buffers.cursor
    _ = use(count, &buffers)
    buffers.filled = keep
    buffers.cursor = keep
    while need(1, &buffers, &log) {
      let more = buffers.filled - keep
      _ = use(more, &buffers)
      count += more
      buffers.filled = keep
      buffers.cursor = keep
    }
    phase = .end
    range.end = .cut
    range.precedesHole = true
    report(reason, "\(message); the file's last \(count) bytes are not used", &log, at: start)
  }
}
