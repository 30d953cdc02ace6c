import SluiceRecords

/// Reading of the blocks of LZ4 frames, which are left compressed.
extension FrameReader {
  /// The least that a block counts for when a range is filled, so that empty blocks fill it too.
  private static let blockBytesMin = 1 << 10

  /// Takes blocks until the range is large enough or the frame ends.
  mutating func blocks(
    _ buffers: inout WorkerBuffers, _ log: inout ProblemLog, _ stats: inout InputStats
  ) -> BlockRange? {
    guard let descriptor = frame?.descriptor else { preconditionFailure("blocks outside a frame") }
    var range = makeRange()
    var decodedBytes = 0
    while decodedBytes < rangeBytesTarget {
      let start = input.position
      if let selection, range.blocks.isEmpty, selection.isDone(start) {
        passOverRest(&buffers)
        range.end = .cut
        range.precedesHole = true
        break
      }
      // Only the sizes of skipped blocks are read.
      guard
        selection == nil && split?.isBefore(start) != true
          ? input.need(4, &buffers) : input.need(4, &buffers, readAheadMax: 4)
      else {
        if descriptor.isLegacy, input.available(buffers) == 0 {
          range.end = .mark(contentChecksum: nil)
        } else {
          cut(&range, "the file ends inside the frame that starts at \(frame?.offset ?? 0)", &buffers, &log)
        }
        break
      }
      // An edge is a range with one block, because it is decoded before the next step is known.
      if range.edge != nil, !range.blocks.isEmpty { break }
      let word = input.peek32(buffers)
      if descriptor.isLegacy, endsLegacyFrame(word, &buffers) {
        range.end = .mark(contentChecksum: nil)
        break
      }
      if word == 0, !descriptor.isLegacy {
        endMark(&range, descriptor, &buffers, &log)
        break
      }
      // An end mark is not a block, and no line begins in it.
      let edge = split?.edge(at: start)
      if edge != nil, !range.blocks.isEmpty { break }
      let isStored = !descriptor.isLegacy && word >> 31 == 1
      let size = Int(isStored ? word & 0x7FFF_FFFF : word)
      let sizeMax = descriptor.isLegacy ? FrameDescriptor.legacyPackedBytesMax : descriptor.blockBytesMax
      guard size <= sizeMax else {
        cut(
          &range, "a block of \(NumberFormat.count(size, "byte")) is stated where \(sizeMax) are allowed",
          &buffers,
          &log,
          reason: "block-size")
        break
      }
      let followsStored = hasStoredBlock
      hasStoredBlock = hasStoredBlock || isStored
      let checksumBytes = descriptor.hasBlockChecksums ? 4 : 0
      let wholeBytes = 4 + size + checksumBytes
      if let selection, !descriptor.isLinked, !selection.needs(start) {
        knowsContent = true
        guard input.drop(&buffers, atMost: wholeBytes) == wholeBytes else {
          cut(&range, "the file ends inside a block of \(NumberFormat.count(size, "byte"))", &buffers, &log)
          break
        }
        range.followsHole = true
        continue
      }
      if split?.isBefore(start) == true {
        knowsContent = true
        let dropped = input.drop(&buffers, atMost: wholeBytes)
        split?.noteSkippedBlock()
        guard dropped == wholeBytes else {
          cut(&range, "the file ends inside a block of \(NumberFormat.count(size, "byte"))", &buffers, &log)
          break
        }
        continue
      }
      if edge == .tail {
        guard split?.hasSeenNewline == true else {
          // No line begins in this split.
          _ = input.drop(&buffers)
          phase = .end
          range.end = .mark(contentChecksum: nil)
          break
        }
      }
      range.edge = edge
      // The next block's size is read too, so that the next read has the right length. A block from a pipe waits for
      // it.
      guard input.need(wholeBytes + 4, &buffers) || input.available(buffers) >= wholeBytes else {
        cut(&range, "the file ends inside a block of \(NumberFormat.count(size, "byte"))", &buffers, &log)
        break
      }
      stats.codecs.blocks += 1
      input.use(4, &buffers)
      let payload = input.use(size, &buffers)
      let checksum = checksumBytes > 0 ? input.use32(&buffers) : nil
      if fate != .used {
        if fate == .lostWithLinked {
          BlockDecoder.reportLinked(fileOffset: start, payloadBytes: size, file: file, &log)
        }
        knowsContent = true  // The beginning of the content will never be known.
        range.precedesHole = true
        decodedBytes += max(size, Self.blockBytesMin)
        continue
      }
      let decodedBytesMax =
        isStored && !descriptor.leavesPackingUnguarded
        ? size : min(descriptor.blockBytesMax, 255 * size + 16)
      let block = BlockRange.Block(
        fileOffset: start, payload: payload, isStored: isStored, followsStored: followsStored,
        checksum: checksum, decodedBytesMax: decodedBytesMax)
      if !knowsContent, let what = refusal(of: block, &buffers) {
        refuseContent(what, &buffers, &log)
        range.end = .cut
        break
      }
      range.blocks.append(block)
      decodedBytes += max(decodedBytesMax, Self.blockBytesMin)
      // The other blocks that are needed are known only after this one has been decoded.
      if selection != nil { break }
    }
    if range.end != nil {
      if fate == .refused { range.end = .cut }
      if phase == .blocks { phase = .frames }
      frame = nil
    }
    return range
  }

  /// Returns whether a legacy frame, which has no end mark, ends before a number. The number is not a block's size,
  /// such as the next frame's magic number, or it begins a gzip member.
  private mutating func endsLegacyFrame(_ word: UInt32, _ buffers: inout WorkerBuffers) -> Bool {
    if word == 0 || word > FrameDescriptor.legacyPackedBytesMax { return true }
    return word == Self.gzipWord && beginsMember(&buffers)
  }

  /// The first four bytes of a gzip header without flags. They may also be a block's size.
  private static let gzipWord: UInt32 = 0x0008_8B1F

  /// Returns whether the next bytes begin a gzip member. Its extra flags and its system have the values that writers
  /// use (RFC 1952, 2.3.1), and no block of that size follows.
  private mutating func beginsMember(_ buffers: inout WorkerBuffers) -> Bool {
    guard input.need(10, &buffers) else { return true }
    let header = input.peek(0..<10, buffers)
    guard [0, 2, 4].contains(header[8]), header[9] <= 13 || header[9] == 255 else { return false }
    let size = Int(Self.gzipWord)
    guard input.need(4 + size, &buffers) else { return true }
    buffers.output.reserve(FrameDescriptor.legacyBlockBytesMax, keeping: 0)
    var block = UnsafeLZ4Block(
      input.peek(4..<4 + size, buffers), into: &buffers.output, at: 0,
      decodedBytesMax: FrameDescriptor.legacyBlockBytesMax, windowStart: 0)
    return block.decode(atLeast: FrameDescriptor.legacyBlockBytesMax).state == .damaged
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
