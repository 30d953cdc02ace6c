import SluiceRecords

/// Reading of the blocks of LZ4 frames, which are left compressed.
extension FrameReader {
  /// The least that a block counts for when a range is filled, so that empty blocks fill it too.
  private static let blockBytesMin = 1 << 10

  /// The size field of a block.
  private struct BlockHeader {
    var offset: Int
    /// Size of the payload.
    var size: Int
    var isStored: Bool
    /// Whether an earlier block of the frame is stored.
    var followsStored: Bool
    var hasChecksum: Bool

    /// Number of bytes of the block with its size and its checksum.
    var wholeBytes: Int { 4 + size + (hasChecksum ? 4 : 0) }
  }

  /// Takes blocks until the range is large enough, the frame ends, or decoded bytes decide about the next block.
  mutating func blocks(_ context: inout ReadContext) -> BlockRange {
    guard let descriptor = frame?.descriptor else { preconditionFailure("blocks outside a frame") }
    var range = makeRange()
    var byteCount = 0
    while byteCount < rangeBytesTarget, let count = addBlock(to: &range, descriptor, &context) {
      byteCount += count
    }
    if range.end != nil {
      if fate == .refused { range.end = .cut }
      if phase == .blocks { phase = .frames }
      frame = nil
    }
    return range
  }

  /// Takes the next block into a range, skips it, or loses it.
  ///
  /// - Returns: the number of bytes for which it counts; nil if the range ends before it.
  private mutating func addBlock(
    to range: inout BlockRange, _ descriptor: FrameDescriptor, _ context: inout ReadContext
  ) -> Int? {
    guard findBlock(after: &range, descriptor, &context) else { return nil }
    let decision = selection?.decision(at: input.position) ?? .decode
    // A block that decides about the next one is a range by itself.
    if !range.blocks.isEmpty, selection?.needsDecodedBytes == true { return nil }
    guard let header = header(in: &range, descriptor, &context) else { return nil }
    switch decision {
    case .end:
      endSelection(&range)
      return nil
    // A linked block may be needed to decode a later one.
    case .skip where !descriptor.isLinked:
      return skip(header, &range, &context)
    case .skip, .decode:
      return take(header, into: &range, descriptor, &context)
    }
  }

  /// Makes the next block's size available. - Returns: false if the range ends before the block, because the frame
  /// ends or the range's last block decides about the next one.
  private mutating func findBlock(
    after range: inout BlockRange, _ descriptor: FrameDescriptor, _ context: inout ReadContext
  ) -> Bool {
    // Only the sizes of skipped blocks are read.
    let isFound =
      selection?.needsDecodedBytes == true
      ? input.need(4, &context.buffers, readAheadMax: 4) : input.need(4, &context.buffers)
    guard isFound else {
      if descriptor.isLegacy, input.available(context.buffers) == 0 {
        range.end = .mark(contentChecksum: nil)
      } else {
        cut(&range, "the file ends inside the frame that starts at \(frame?.offset ?? 0)", &context)
      }
      return false
    }
    if range.decidesNext, !range.blocks.isEmpty { return false }
    let word = input.peek32(context.buffers)
    if descriptor.isLegacy, endsLegacyFrame(word, &context) {
      range.end = .mark(contentChecksum: nil)
      return false
    }
    if word == 0, !descriptor.isLegacy {
      endMark(&range, descriptor, &context)
      return false
    }
    return true
  }

  /// Parses the next block's size, which is available. - Returns: nil if the size is not allowed. The rest of the
  /// file is then lost.
  private mutating func header(
    in range: inout BlockRange, _ descriptor: FrameDescriptor, _ context: inout ReadContext
  ) -> BlockHeader? {
    let word = input.peek32(context.buffers)
    let isStored = !descriptor.isLegacy && word >> 31 == 1
    let size = Int(isStored ? word & 0x7FFF_FFFF : word)
    let sizeMax = descriptor.isLegacy ? FrameDescriptor.legacyPackedBytesMax : descriptor.blockBytesMax
    guard size <= sizeMax else {
      cut(
        &range, "a block of \(NumberFormat.count(size, "byte")) is stated where \(sizeMax) are allowed",
        &context, reason: .blockSize)
      return nil
    }
    defer { hasStoredBlock = hasStoredBlock || isStored }
    return BlockHeader(
      offset: input.position, size: size, isStored: isStored, followsStored: hasStoredBlock,
      hasChecksum: descriptor.hasBlockChecksums)
  }

  /// Skips a block that is not selected. - Returns: nil if the file ends inside it.
  private mutating func skip(
    _ header: BlockHeader, _ range: inout BlockRange, _ context: inout ReadContext
  ) -> Int? {
    knowsContent = true
    guard input.drop(&context.buffers, atMost: header.wholeBytes) == header.wholeBytes else {
      cut(&range, inside: header, &context)
      return nil
    }
    if leavesHoles { range.followsHole = true }
    return 0
  }

  /// Adds a block to a range. - Returns: the number of bytes for which it counts; nil if the file ends inside it or
  /// its content is refused.
  private mutating func take(
    _ header: BlockHeader, into range: inout BlockRange, _ descriptor: FrameDescriptor,
    _ context: inout ReadContext
  ) -> Int? {
    range.edge = split?.edge
    range.decidesNext = selection?.needsDecodedBytes == true
    // The next block's size is read too, so that the next read has the right length. A block from a pipe waits for
    // it.
    guard
      input.need(header.wholeBytes + 4, &context.buffers)
        || input.available(context.buffers) >= header.wholeBytes
    else {
      cut(&range, inside: header, &context)
      return nil
    }
    context.stats.codecs.blocks += 1
    input.use(4, &context.buffers)
    let payload = input.use(header.size, &context.buffers)
    let checksum = header.hasChecksum ? input.use32(&context.buffers) : nil
    guard fate == .used else { return lose(header, &range, &context) }
    let decodedBytesMax =
      header.isStored && !descriptor.leavesPackingUnguarded
      ? header.size : min(descriptor.blockBytesMax, 255 * header.size + 16)
    let block = BlockRange.Block(
      fileOffset: header.offset, payload: payload, isStored: header.isStored,
      followsStored: header.followsStored, checksum: checksum, decodedBytesMax: decodedBytesMax)
    if !knowsContent, let what = refusal(of: block, &context) {
      refuseContent(what, &context)
      range.end = .cut
      return nil
    }
    range.blocks.append(block)
    return max(decodedBytesMax, Self.blockBytesMin)
  }

  /// Passes over a block of a frame whose blocks cannot be used.
  private mutating func lose(
    _ header: BlockHeader, _ range: inout BlockRange, _ context: inout ReadContext
  ) -> Int {
    if fate == .lostWithLinked {
      BlockDecoder.reportLinked(
        fileOffset: header.offset, payloadBytes: header.size, file: file, &context.log)
    }
    knowsContent = true  // The beginning of the content will never be known.
    range.precedesHole = true
    return max(header.size, Self.blockBytesMin)
  }

  // MARK: Ends of frames

  /// Returns whether a legacy frame, which has no end mark, ends before a number. The number is not a block's size,
  /// such as the next frame's magic number, or it begins a gzip member.
  private mutating func endsLegacyFrame(_ word: UInt32, _ context: inout ReadContext) -> Bool {
    if word == 0 || word > FrameDescriptor.legacyPackedBytesMax { return true }
    return word == Self.gzipWord && beginsMember(&context)
  }

  /// The first four bytes of a gzip header without flags. They may also be a block's size.
  private static let gzipWord: UInt32 = 0x0008_8B1F

  /// Returns whether the next bytes begin a gzip member, not a block whose size is ``gzipWord``.
  ///
  /// The XFL and OS bytes must have usual values (RFC 1952, 2.3.1), and an LZ4 block of that size must not decode here.
  /// The result is also true if fewer than 10 bytes are left, or if the XFL and OS bytes are usual and the file ends
  /// before such a block would.
  private mutating func beginsMember(_ context: inout ReadContext) -> Bool {
    guard input.need(10, &context.buffers) else { return true }
    let header = input.peek(0..<10, context.buffers)
    guard [0, 2, 4].contains(header[8]), header[9] <= 13 || header[9] == 255 else { return false }
    let size = Int(Self.gzipWord)
    guard input.need(4 + size, &context.buffers) else { return true }
    context.buffers.output.reserve(FrameDescriptor.legacyBlockBytesMax, keeping: 0)
    var block = UnsafeLZ4Block(
      input.peek(4..<4 + size, context.buffers), into: &context.buffers.output, at: 0,
      decodedBytesMax: FrameDescriptor.legacyBlockBytesMax, windowStart: 0)
    return block.decode(atLeast: FrameDescriptor.legacyBlockBytesMax).state == .damaged
  }

  private mutating func endMark(
    _ range: inout BlockRange, _ descriptor: FrameDescriptor, _ context: inout ReadContext
  ) {
    guard descriptor.hasContentChecksum else {
      input.use(4, &context.buffers)
      range.end = .mark(contentChecksum: nil)
      return
    }
    guard input.need(8, &context.buffers) else {
      return cut(&range, "the file ends inside the content checksum", &context)
    }
    input.use(4, &context.buffers)
    range.end = .mark(contentChecksum: input.use32(&context.buffers))
  }

  private mutating func cut(
    _ range: inout BlockRange, inside block: BlockHeader, _ context: inout ReadContext
  ) {
    cut(&range, "the file ends inside a block of \(NumberFormat.count(block.size, "byte"))", &context)
  }

  private mutating func cut(
    _ range: inout BlockRange, _ message: String, _ context: inout ReadContext,
    reason: Reason = .truncated
  ) {
    loseRest(reason, message, &context)
    range.end = .cut
    range.precedesHole = true
  }
}
