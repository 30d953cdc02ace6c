import SluiceSystem

/// Reads one file from front to back and cuts it into ranges of blocks.
///
/// Given a source of bytes, it finds out what they are (LZ4 frames in every form, gzip members, zstd frames, or plain
/// text), checks headers and leaves LZ4's blocks packed. Every byte it reads is accounted for: as header, block, skipped or
/// named in the log. Damage is a value: a wrong block costs itself (its linked successors too), a wrong frame header costs the rest of
/// the file, since nothing says where the next frame would start.
struct FrameReader: Sendable {
  let file: Int
  let path: String
  let verifies: Bool
  let blockBytesMax: Int
  let rangeBytesTarget: Int
  private var input: InputCursor
  private var phase = Phase.start
  private var frame: Frame?
  private var rangesInFrame = 0
  /// Whether it has been looked at what is packed.
  private var knowsContent = false
  private var fate = Fate.used
  private var streams: StreamReader
  /// Whether a gzip member has just ended, behind which zeros are padding.
  private var isBehindMember = false
  private var holeIsPending = false
  /// Ranges handed out.
  private(set) var rangeCount = 0
  /// Whether bytes behind the last range could not be used.
  var endsInHole: Bool { holeIsPending }
  /// Read before reading failed, but of no use without what is behind it.
  private var unusedBytes = 0
  /// The end of what was decoded last; nil unless the frame is linked.
  private var history: [UInt8]?
  /// nil if all is read.
  private var wanted: WantedBlocks?

  /// What becomes of a frame's further blocks.
  private enum Fate {
    case used
    /// They refer to a damaged block; each is named.
    case lostWithLinked
    /// The frame is named as a whole.
    case refused
  }

  private enum Phase { case start, frames, blocks, stream, text, end }

  /// Plain text read at a time if only some lines are wanted.
  private static let wantedTextBytes = 16 << 10

  /// What a block counts for at least when a range is filled, so that empty ones fill it too.
  private static let blockBytesMin = 1 << 10

  init(
    file: Int, path: String, source: ByteSource, verifies: Bool, isSecondReading: Bool = false,
    blockBytesMax: Int, rangeBytesTarget: Int, wanted: WantedBlocks? = nil
  ) {
    self.wanted = wanted
    self.file = file
    self.path = path
    self.input = InputCursor(source: source)
    self.verifies = verifies && !isSecondReading
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

  /// Takes notice of what was decoded, if only some blocks are wanted: a line may go on in the next.
  mutating func note(_ decoded: BlockDecoder.Decoded, _ buffers: borrowing WorkerBuffers) {
    if let run = decoded.runs.last, run.memory == .output { wanted?.note(buffers.view(run), of: run) }
    if decoded.endsWithHole { wanted?.noteDamage() }
  }

  /// Fills the worker's input buffer with the next range; nil at the end of the file.
  mutating func next(
    _ buffers: inout WorkerBuffers, log: inout ProblemLog, figures: inout ArchiveFigures
  ) -> BlockRange? {
    let start = input.position
    input.begin(&buffers)
    var range: BlockRange?
    while range == nil, phase != .end {
      switch phase {
      case .start: recognise(&buffers, &log, &figures)
      case .frames: frameHeader(&buffers, &log, &figures)
      case .blocks: range = blocks(&buffers, &log, &figures)
      case .stream: range = streamed(&buffers, &log, &figures)
      case .text: range = text(&buffers, &figures)
      case .end: break
      }
    }
    input.end(buffers)
    figures.bytesCompressed += input.position - start
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
      let unused = unusedBytes > 0 ? "; the \(unusedBytes) bytes before it are not used" : ""
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

  private func report(_ reason: String, _ message: String, _ log: inout ProblemLog, at offset: Int) {
    log.add(file: file, Position(fileOffset: offset, offsetInBlock: 0), reason: reason, message)
  }

  // MARK: What the file is

  private mutating func recognise(
    _ buffers: inout WorkerBuffers, _ log: inout ProblemLog, _ figures: inout ArchiveFigures
  ) {
    _ = input.need(Codec.sampleBytes, &buffers, readAheadMax: rangeBytesTarget)
    let sample = input.peek(0..<min(Codec.sampleBytes, input.available(buffers)), buffers)
    switch Codec(sample: sample, isNamedLZ4: path.hasSuffix(".lz4")) {
    case .empty: phase = .end
    case .frames: phase = .frames
    case .text: phase = .text
    case .refused(let name, let what): refuse(name, what, &buffers, &log, &figures)
    case .unknown(let what): refuse("unknown", what, &buffers, &log, &figures)
    }
  }

  private mutating func refuse(
    _ name: String, _ what: String, _ buffers: inout WorkerBuffers, _ log: inout ProblemLog,
    _ figures: inout ArchiveFigures
  ) {
    guard input.failure == nil else { return loseUnread(&buffers) }
    figures.forms.refused[name, default: 0] += 1
    phase = .end
    report("codec", "\(what); its \(input.drop(&buffers)) bytes are not used", &log, at: 0)
  }

  private mutating func text(
    _ buffers: inout WorkerBuffers, _ figures: inout ArchiveFigures
  ) -> BlockRange? {
    let countMax = wanted == nil ? max(1, rangeBytesTarget) : Self.wantedTextBytes
    if let wanted, !wanted.isLineOpen {
      guard let next = wanted.first(from: input.position) else {
        passOverRest(&buffers)
        return nil
      }
      // With the newline before the line, so that it is known to begin there.
      if next - 1 > input.position {
        _ = input.drop(&buffers, atMost: next - 1 - input.position)
        holeIsPending = true
      }
    }
    _ = input.need(countMax, &buffers, readAheadMax: countMax)
    let count = min(countMax, input.available(buffers))
    guard count > 0 else {
      phase = .end
      return nil
    }
    var range = makeRange()
    let start = input.position
    figures.forms.textBytes += count
    wanted?.note(input.peek(0..<count, buffers), at: start)
    range.blocks = [
      BlockRange.Block(fileOffset: start, payload: input.use(count, &buffers), decodedBytesMax: count)
    ]
    return range
  }

  // MARK: Frames

  private mutating func frameHeader(
    _ buffers: inout WorkerBuffers, _ log: inout ProblemLog, _ figures: inout ArchiveFigures
  ) {
    if isBehindMember { passPadding(&buffers) }
    isBehindMember = false
    let start = input.position
    if let wanted, wanted.isDone(start) { return passOverRest(&buffers) }
    guard input.need(4, &buffers) else {
      phase = .end
      if input.available(buffers) > 0 {
        loseRest("truncated", "the file ends inside a frame header", &buffers, &log)
      }
      return
    }
    let magic = input.peek32(buffers)
    if FrameDescriptor.skippableMagics.contains(magic) { return skippableFrame(&buffers, &log, &figures) }
    if let wanted, !wanted.needs(start), let next = wanted.first(from: start),
      StreamReader.isMagic(magic)
    {
      _ = input.drop(&buffers, atMost: next - start)
      holeIsPending = true
      return
    }
    if let form = streams.begin(magic: magic, offset: start) {
      figures.frames += 1
      figures.forms[keyPath: form] += 1
      phase = .stream
      return
    }
    figures.frames += magic == FrameDescriptor.magic || magic == FrameDescriptor.legacyMagic ? 1 : 0
    if magic == FrameDescriptor.legacyMagic {
      input.use(4, &buffers)
      return begin(Frame(offset: start, descriptor: .legacy, verifies: verifies), &log, &figures)
    }
    guard magic == FrameDescriptor.magic else {
      return loseRest("garbage", "no frame starts here", &buffers, &log)
    }
    guard input.need(7, &buffers), input.need(4 + headerCount(buffers), &buffers) else {
      figures.framesCorrupt += 1
      figures.forms.lz4Unread += 1
      return loseRest("truncated", "the file ends inside a frame header", &buffers, &log)
    }
    let count = headerCount(buffers)
    switch FrameDescriptor.parse(input.peek(4..<4 + count, buffers)) {
    case .success(let descriptor):
      input.use(4 + count, &buffers)
      begin(Frame(offset: start, descriptor: descriptor, verifies: verifies), &log, &figures)
    case .failure(let refusal):
      if let descriptor = refusal.descriptor {
        input.use(4 + count, &buffers)
        begin(
          Frame(offset: start, descriptor: descriptor, verifies: verifies), &log, &figures, refusal: refusal)
        return
      }
      figures.framesCorrupt += 1
      figures.forms.lz4Unread += 1
      loseRest(refusal.reason, refusal.message, &buffers, &log)
    }
  }

  /// Passes over zeros, with which tapes and block devices fill up what is behind a gzip file; gunzip does so too.
  private mutating func passPadding(_ buffers: inout WorkerBuffers) {
    while input.need(1, &buffers) {
      let bytes = input.peek(0..<input.available(buffers), buffers)
      let count = (0..<bytes.count).first { bytes[$0] != 0 } ?? bytes.count
      let isWhole = count == bytes.count
      _ = input.drop(&buffers, atMost: count)
      if !isWhole { return }
    }
  }

  private func headerCount(_ buffers: borrowing WorkerBuffers) -> Int {
    FrameDescriptor.count(flags: input.peek(4..<5, buffers)[0])
  }

  private mutating func begin(
    _ frame: Frame, _ log: inout ProblemLog, _ figures: inout ArchiveFigures,
    refusal: FrameDescriptor.Refusal? = nil
  ) {
    figures.forms.note(frame.descriptor)
    self.frame = frame
    rangesInFrame = 0
    let refusal = refusal ?? frame.descriptor.refusal(blockBytesMax: blockBytesMax)
    fate = refusal == nil ? .used : .refused
    if let refusal { report(refusal.reason, refusal.message, &log, at: frame.offset) }
    history = frame.descriptor.isLinked ? [] : nil
    phase = .blocks
  }

  /// Names what is left of the file as lost, from here.
  private mutating func loseRest(
    _ reason: String, _ message: String, _ buffers: inout WorkerBuffers, _ log: inout ProblemLog
  ) {
    guard input.failure == nil else { return loseUnread(&buffers) }
    let start = input.position
    let count = input.drop(&buffers)
    phase = .end
    holeIsPending = true
    let unused = count == 0 ? "" : "; the file's last \(count) bytes are not used"
    report(reason, message + unused, &log, at: start)
  }

  /// Ends with a file of which nothing more is wanted.
  private mutating func passOverRest(_ buffers: inout WorkerBuffers) {
    _ = input.drop(&buffers)
    phase = .end
    holeIsPending = true
  }

  /// Gives up where reading failed. What is missing there says nothing of the file; ``next`` names the failure.
  private mutating func loseUnread(_ buffers: inout WorkerBuffers) {
    unusedBytes = input.drop(&buffers)
    phase = .end
    holeIsPending = true
  }

  private mutating func skippableFrame(
    _ buffers: inout WorkerBuffers, _ log: inout ProblemLog, _ figures: inout ArchiveFigures
  ) {
    figures.forms.skippable += 1
    let start = input.position
    guard input.need(8, &buffers) else {
      return loseRest("truncated", "the file ends inside a skippable frame's header", &buffers, &log)
    }
    input.use(4, &buffers)
    let count = Int(input.use32(&buffers))
    let missing = count - input.drop(&buffers, atMost: count)
    guard missing > 0 else { return }
    guard input.failure == nil else { return loseUnread(&buffers) }
    phase = .end
    holeIsPending = true
    report("truncated", "the file ends inside a skippable frame, \(missing) bytes early", &log, at: start)
  }

  // MARK: What is packed

  /// Ends with a file in which something is packed that is not read.
  private mutating func refuseContent(
    _ what: String, _ buffers: inout WorkerBuffers, _ log: inout ProblemLog
  ) {
    _ = input.drop(&buffers)
    phase = .end
    report("codec", "of what is packed nothing is used: \(what)", &log, at: 0)
  }

  /// Why the frames' content, of which this is the first block that holds anything, is not read; nil if it is. A damaged block
  /// says nothing, and those behind it would not say how the content begins.
  ///
  /// Asked before blocks are handed out, so that nothing depends on who decodes which first.
  private mutating func refusal(of block: BlockRange.Block, _ buffers: inout WorkerBuffers) -> String? {
    let source = buffers.input.view(block.payload)
    if verifies, let stated = block.checksum, ContentChecksum.digest(source) != stated {
      knowsContent = true
      return nil
    }
    var sample = source
    if !block.isStored {
      buffers.output.reserve(block.decodedBytesMax, keeping: 0)
      var packed = UnsafeLZ4Block(
        source, into: &buffers.output, at: 0, decodedBytesMax: block.decodedBytesMax, windowStart: 0)
      let step = packed.decode(atLeast: Codec.sampleBytes)
      sample = buffers.output.view(0..<(step.state == .damaged ? 0 : step.count))
      knowsContent = step.state == .damaged
    }
    if sample.isEmpty { return nil }
    knowsContent = true
    return Codec.refusal(ofContent: sample[0..<min(Codec.sampleBytes, sample.count)])
  }

  // MARK: Streams

  private mutating func streamed(
    _ buffers: inout WorkerBuffers, _ log: inout ProblemLog, _ figures: inout ArchiveFigures
  ) -> BlockRange {
    var range = makeRange()
    range.streamOffset = streams.begun
    let (decoded, end, header) = streams.read(rangeBytesTarget, &input, &buffers)
    range.decoded = decoded
    if let header { figures.forms.note(header) }
    if !knowsContent, let run = decoded.runs.first {
      knowsContent = true
      let bytes = buffers.view(run)
      if let what = Codec.refusal(ofContent: bytes[0..<min(Codec.sampleBytes, bytes.count)]) {
        refuseContent(what, &buffers, &log)
        figures.framesCorrupt += 1
        range.decoded = BlockDecoder.Decoded()
        return range
      }
    }
    switch end {
    case nil: return range
    case .whole(let isVerified):
      if isVerified { figures.framesVerified += 1 } else { figures.framesUnverifiable += 1 }
      endStream(header)
      return range
    case .mismatched(let message, let offset):
      figures.framesCorrupt += 1
      report("content-checksum", message, &log, at: offset)
      endStream(header)
      return range
    case .truncated(let message): loseRest("truncated", message, &buffers, &log)
    case .damaged(let reason, let message, let offset):
      _ = input.drop(&buffers)
      let rest = "of the file's last \(input.position - offset) bytes, which begin with it"
      report(reason, "\(message); \(rest), only what precedes the damage is used", &log, at: offset)
      phase = .end
      holeIsPending = true
    }
    figures.framesCorrupt += 1
    range.precedesHole = true
    return range
  }

  private mutating func endStream(_ header: ZstdHeader?) {
    phase = .frames
    isBehindMember = header == nil  // Of a zstd frame there is one.
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
  private mutating func blocks(
    _ buffers: inout WorkerBuffers, _ log: inout ProblemLog, _ figures: inout ArchiveFigures
  ) -> BlockRange? {
    guard let descriptor = frame?.descriptor else { preconditionFailure("blocks outside a frame") }
    var range = makeRange()
    var decodedBytes = 0
    while decodedBytes < rangeBytesTarget {
      let start = input.position
      if let wanted, range.blocks.isEmpty, wanted.isDone(start) {
        passOverRest(&buffers)
        range.end = .cut
        range.precedesHole = true
        break
      }
      // Of blocks that are passed over nothing but their sizes is read.
      guard wanted == nil ? input.need(4, &buffers) : input.need(4, &buffers, readAheadMax: 4) else {
        if descriptor.isLegacy, input.available(buffers) == 0 {
          range.end = .mark(contentChecksum: nil)
        } else {
          cut(&range, "the file ends inside the frame that starts at \(frame?.offset ?? 0)", &buffers, &log)
        }
        break
      }
      let word = input.peek32(buffers)
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
      // With the next block's size, so that the next read can be of the right length. A pipe's block waits for it.
      let wholeBytes = 4 + size + checksumBytes
      if let wanted, !descriptor.isLinked, !wanted.needs(start) {
        knowsContent = true
        guard input.drop(&buffers, atMost: wholeBytes) == wholeBytes else {
          cut(&range, "the file ends inside a block of \(size) bytes", &buffers, &log)
          break
        }
        range.followsHole = true
        continue
      }
      guard input.need(wholeBytes + 4, &buffers) || input.available(buffers) >= wholeBytes else {
        cut(&range, "the file ends inside a block of \(size) bytes", &buffers, &log)
        break
      }
      figures.forms.blocks += 1
      input.use(4, &buffers)
      let payload = input.use(size, &buffers)
      let checksum = checksumBytes > 0 ? input.use32(&buffers) : nil
      if fate != .used {
        if fate == .lostWithLinked {
          BlockDecoder.reportLinked(fileOffset: start, payloadBytes: size, file: file, &log)
        }
        knowsContent = true  // How it begins will never be known.
        range.precedesHole = true
        decodedBytes += max(size, Self.blockBytesMin)
        continue
      }
      let decodedBytesMax =
        isStored && !descriptor.leavesPackingUnguarded
        ? size : min(descriptor.blockBytesMax, 255 * size + 16)
      let block = BlockRange.Block(
        fileOffset: start, payload: payload, isStored: isStored, checksum: checksum,
        decodedBytesMax: decodedBytesMax)
      if !knowsContent, let what = refusal(of: block, &buffers) {
        refuseContent(what, &buffers, &log)
        range.end = .cut
        break
      }
      range.blocks.append(block)
      decodedBytes += max(decodedBytesMax, Self.blockBytesMin)
      // Which others are needed is known when this one is decoded.
      if wanted != nil { break }
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
      input.use(4, &buffers)
      range.end = .mark(contentChecksum: nil)
      return
    }
    guard input.need(8, &buffers) else {
      return cut(&range, "the file ends inside the content checksum", &buffers, &log)
    }
    input.use(4, &buffers)
    range.end = .mark(contentChecksum: input.use32(&buffers))
  }

  private mutating func cut(
    _ range: inout BlockRange, _ message: String, _ buffers: inout WorkerBuffers, _ log: inout ProblemLog,
    reason: String = "truncated"
  ) {
    loseRest(reason, message, &buffers, &log)
    range.end = .cut
    range.precedesHole = true
  }
}
