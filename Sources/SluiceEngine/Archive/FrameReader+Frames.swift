import SluiceRecords

/// Reading of frame headers, of skippable frames, and of streams, which are decoded while they are read.
extension FrameReader {
  mutating func frameHeader(
    _ buffers: inout WorkerBuffers, _ log: inout ProblemLog, _ stats: inout InputStats
  ) {
    if isBehindMember { passPadding(&buffers) }
    isBehindMember = false
    let start = input.position
    if let selection, selection.isDone(start) { return passOverRest(&buffers) }
    guard input.need(4, &buffers) else {
      phase = .end
      if input.available(buffers) > 0 {
        loseRest("truncated", "the file ends inside a frame header", &buffers, &log)
      }
      return
    }
    let magic = input.peek32(buffers)
    if FrameDescriptor.skippableMagics.contains(magic) { return skippableFrame(&buffers, &log, &stats) }
    if let selection, !selection.needs(start), let next = selection.first(from: start),
      StreamReader.isMagic(magic)
    {
      _ = input.drop(&buffers, atMost: next - start)
      holeIsPending = true
      return
    }
    if let form = streams.begin(magic: magic, offset: start) {
      stats.frames += 1
      stats.codecs[keyPath: form] += 1
      phase = .stream
      return
    }
    if magic == FrameDescriptor.magic || magic == FrameDescriptor.legacyMagic,
      split?.counts(frameAt: start) ?? true
    {
      stats.frames += 1
    }
    if magic == FrameDescriptor.legacyMagic {
      input.use(4, &buffers)
      return begin(
        Frame(offset: start, descriptor: .legacy, verifies: verifies, readsOnlySomeBlocks: split != nil),
        &log, &stats)
    }
    guard magic == FrameDescriptor.magic else {
      return loseRest("garbage", "no frame starts here", &buffers, &log)
    }
    guard input.need(7, &buffers), input.need(4 + headerCount(buffers), &buffers) else {
      stats.framesCorrupt += 1
      stats.codecs.lz4Unread += 1
      return loseRest("truncated", "the file ends inside a frame header", &buffers, &log)
    }
    let count = headerCount(buffers)
    switch FrameDescriptor.parse(input.peek(4..<4 + count, buffers)) {
    case .success(let descriptor):
      input.use(4 + count, &buffers)
      begin(
        Frame(offset: start, descriptor: descriptor, verifies: verifies, readsOnlySomeBlocks: split != nil),
        &log,
        &stats)
    case .failure(let refusal):
      if let descriptor = refusal.descriptor {
        input.use(4 + count, &buffers)
        begin(
          Frame(offset: start, descriptor: descriptor, verifies: verifies, readsOnlySomeBlocks: split != nil),
          &log,
          &stats, refusal: refusal)
        return
      }
      stats.framesCorrupt += 1
      stats.codecs.lz4Unread += 1
      loseRest(refusal.reason, refusal.message, &buffers, &log)
    }
  }

  /// Skips zeros after a gzip member. Tapes and block devices pad gzip files with them, and gunzip skips them too.
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
    _ frame: Frame, _ log: inout ProblemLog, _ stats: inout InputStats,
    refusal: FrameDescriptor.Refusal? = nil
  ) {
    stats.codecs.note(frame.descriptor)
    self.frame = frame
    rangesInFrame = 0
    hasStoredBlock = false
    let refusal = refusal ?? frame.descriptor.refusal(blockBytesMax: blockBytesMax)
    fate = refusal == nil ? .used : .refused
    if let refusal { report(refusal.reason, refusal.message, &log, at: frame.offset) }
    history = frame.descriptor.isLinked ? [] : nil
    phase = .blocks
  }

  private mutating func skippableFrame(
    _ buffers: inout WorkerBuffers, _ log: inout ProblemLog, _ stats: inout InputStats
  ) {
    stats.codecs.skippable += 1
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
    report(
      "truncated", "the file ends inside a skippable frame, \(NumberFormat.count(missing, "byte")) early",
      &log,
      at: start)
  }

  mutating func streamed(
    _ buffers: inout WorkerBuffers, _ log: inout ProblemLog, _ stats: inout InputStats
  ) -> BlockRange {
    var range = makeRange()
    range.streamOffset = streams.begun
    let (decoded, end, header) = streams.read(rangeBytesTarget, &input, &buffers)
    range.decoded = decoded
    if let header { stats.codecs.note(header) }
    if !knowsContent, let segment = decoded.segments.first {
      knowsContent = true
      let bytes = buffers.view(segment)
      if let what = Codec.refusal(ofContent: bytes[0..<min(Codec.sampleBytes, bytes.count)]) {
        refuseContent(what, &buffers, &log)
        stats.framesCorrupt += 1
        range.decoded = BlockDecoder.Decoded()
        return range
      }
    }
    switch end {
    case nil: return range
    case .whole(let isVerified):
      if isVerified { stats.framesVerified += 1 } else { stats.framesUnverifiable += 1 }
      endStream(header)
      return range
    case .mismatched(let message, let offset):
      stats.framesCorrupt += 1
      report("content-checksum", message, &log, at: offset)
      endStream(header)
      return range
    case .truncated(let message): loseRest("truncated", message, &buffers, &log)
    case .damaged(let reason, let message, let offset):
      _ = input.drop(&buffers)
      let rest =
        "of the file's last \(NumberFormat.count(input.position - offset, "byte")), from the damage on"
      report(reason, "\(message); \(rest), only what precedes the damage is used", &log, at: offset)
      phase = .end
      holeIsPending = true
    }
    stats.framesCorrupt += 1
    range.precedesHole = true
    return range
  }

  private mutating func endStream(_ header: ZstdHeader?) {
    phase = .frames
    isBehindMember = header == nil  // Only a zstd frame has a header.
  }
}
