import SluiceRecords

/// Reading of frame headers, of skippable frames, and of streams, which are decoded while they are read.
extension FrameReader {
  mutating func frameHeader(_ context: inout ReadContext) {
    if isBehindMember { passPadding(&context) }
    isBehindMember = false
    let start = input.position
    guard let next = nextSelected else {
      phase = .rest
      return
    }
    guard input.need(4, &context.buffers) else {
      phase = .end
      if input.available(context.buffers) > 0 {
        loseRest(.truncated, "the file ends inside a frame header", &context)
      }
      return
    }
    let magic = input.peek32(context.buffers)
    if FrameDescriptor.skippableMagics.contains(magic) { return skippableFrame(&context) }
    // For a selection, a gzip member or zstd frame is one block, so it is skipped whole.
    if next > start, StreamReader.isMagic(magic) {
      _ = input.drop(&context.buffers, atMost: next - start)
      holeIsPending = true
      return
    }
    if let form = streams.begin(magic: magic, offset: start) {
      context.stats.frames += 1
      context.stats.codecs[keyPath: form] += 1
      phase = .stream
      return
    }
    guard magic == FrameDescriptor.magic || magic == FrameDescriptor.legacyMagic else {
      return loseRest(.garbage, "no frame starts here", &context)
    }
    lz4Header(isLegacy: magic == FrameDescriptor.legacyMagic, &context)
  }

  private mutating func lz4Header(isLegacy: Bool, _ context: inout ReadContext) {
    if split?.counts(frameAt: input.position) ?? true { context.stats.frames += 1 }
    if isLegacy { return begin(.legacy, headerBytes: 4, &context) }
    guard input.need(7, &context.buffers), input.need(4 + headerCount(context), &context.buffers) else {
      context.stats.framesCorrupt += 1
      context.stats.codecs.lz4Unread += 1
      return loseRest(.truncated, "the file ends inside a frame header", &context)
    }
    let count = headerCount(context)
    switch FrameDescriptor.parse(input.peek(4..<4 + count, context.buffers)) {
    case .success(let descriptor): begin(descriptor, headerBytes: 4 + count, &context)
    case .failure(let refusal):
      if let descriptor = refusal.descriptor {
        return begin(descriptor, headerBytes: 4 + count, &context, refusal: refusal)
      }
      context.stats.framesCorrupt += 1
      context.stats.codecs.lz4Unread += 1
      loseRest(refusal.reason, refusal.message, &context)
    }
  }

  /// Skips zeros after a gzip member. Tapes and block devices pad gzip files with them, and gunzip skips them too.
  private mutating func passPadding(_ context: inout ReadContext) {
    while input.need(1, &context.buffers) {
      let bytes = input.peek(0..<input.available(context.buffers), context.buffers)
      let count = (0..<bytes.count).first { bytes[$0] != 0 } ?? bytes.count
      let isWhole = count == bytes.count
      _ = input.drop(&context.buffers, atMost: count)
      if !isWhole { return }
    }
  }

  private func headerCount(_ context: borrowing ReadContext) -> Int {
    FrameDescriptor.count(flags: input.peek(4..<5, context.buffers)[0])
  }

  /// Begins a frame whose header is available. - Parameter refusal: why its blocks cannot be used, if they cannot.
  private mutating func begin(
    _ descriptor: FrameDescriptor, headerBytes: Int, _ context: inout ReadContext,
    refusal: FrameDescriptor.Refusal? = nil
  ) {
    context.stats.codecs.note(descriptor)
    let offset = input.position
    input.use(headerBytes, &context.buffers)
    frame = Frame(
      offset: offset, descriptor: descriptor, verifies: verifies, readsOnlySomeBlocks: selection != nil)
    rangesInFrame = 0
    hasStoredBlock = false
    let refusal = refusal ?? descriptor.refusal(blockBytesMax: blockBytesMax)
    fate = refusal == nil ? .used : .refused
    if let refusal { report(refusal.reason, refusal.message, &context, at: offset) }
    history = descriptor.isLinked ? [] : nil
    phase = .blocks
  }

  private mutating func skippableFrame(_ context: inout ReadContext) {
    context.stats.codecs.skippable += 1
    let start = input.position
    guard input.need(8, &context.buffers) else {
      return loseRest(.truncated, "the file ends inside a skippable frame's header", &context)
    }
    input.use(4, &context.buffers)
    let count = Int(input.use32(&context.buffers))
    let missing = count - input.drop(&context.buffers, atMost: count)
    guard missing > 0 else { return }
    guard input.failure == nil else { return loseUnread(&context) }
    phase = .end
    holeIsPending = true
    report(
      .truncated, "the file ends inside a skippable frame, \(NumberFormat.count(missing, "byte")) early",
      &context,
      at: start)
  }

  mutating func streamed(_ context: inout ReadContext) -> BlockRange {
    var range = makeRange()
    range.streamOffset = streams.begun
    let (decoded, end, header) = streams.read(rangeBytesTarget, &input, &context.buffers)
    range.decoded = decoded
    if let header { context.stats.codecs.note(header) }
    if !knowsContent, let segment = decoded.segments.first {
      knowsContent = true
      let bytes = context.buffers.view(segment)
      if let what = Codec.refusal(ofContent: bytes[0..<min(Codec.sampleBytes, bytes.count)]) {
        refuseContent(what, &context)
        context.stats.framesCorrupt += 1
        range.decoded = BlockDecoder.Decoded()
        return range
      }
    }
    switch end {
    case nil: return range
    case .whole(let isVerified):
      if isVerified { context.stats.framesVerified += 1 } else { context.stats.framesUnverifiable += 1 }
      endStream(header)
      return range
    case .mismatched(let message, let offset):
      context.stats.framesCorrupt += 1
      report(.contentChecksum, message, &context, at: offset)
      endStream(header)
      return range
    case .truncated(let message): loseRest(.truncated, message, &context)
    case .damaged(let reason, let message, let offset):
      _ = input.drop(&context.buffers)
      let rest =
        "of the file's last \(NumberFormat.count(input.position - offset, "byte")), from the damage on"
      report(reason, "\(message); \(rest), only what precedes the damage is used", &context, at: offset)
      phase = .end
      holeIsPending = true
    }
    context.stats.framesCorrupt += 1
    range.precedesHole = true
    return range
  }

  private mutating func endStream(_ header: ZstdHeader?) {
    phase = .frames
    isBehindMember = header == nil  // Only a zstd frame has a header.
  }
}
