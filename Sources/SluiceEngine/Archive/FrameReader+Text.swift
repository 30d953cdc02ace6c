import SluiceRecords

/// Reading of plain text, and of what a file may contain after it: appended frames and members, and zeros.
extension FrameReader {
  /// Number of bytes of plain text read at a time if only some lines are selected.
  private static let selectedTextBytes = 16 << 10
  /// Number of bytes without a zero after which they are text again.
  private static let textBytesMin = 32

  mutating func text(_ context: inout ReadContext) -> BlockRange? {
    knowsContent = true
    guard let next = nextSelected else {
      phase = .rest
      return nil
    }
    if pass(to: next, &context) { return nil }
    let decidesNext = selection?.needsDecodedBytes == true
    let countMax = decidesNext ? Self.selectedTextBytes : max(1, rangeBytesTarget)
    // A frame that begins in these bytes is recognised by a zero, which may come after them.
    let seenMax = countMax + Codec.zeroBytesMax
    let isLast = !input.need(seenMax, &context.buffers, readAheadMax: seenMax)
    guard input.available(context.buffers) > 0 else {
      phase = .end
      return nil
    }
    let seen = input.peek(0..<min(seenMax, input.available(context.buffers)), context.buffers)
    let textBytes = Codec.textBytes(seen, isLast: isLast)
    if textBytes == 0 {
      if seen[0] == 0 { zeros(&context) } else { phase = .frames }
      return nil
    }
    let count = min(countMax, textBytes)
    var range = makeRange()
    let start = input.position
    context.stats.codecs.textBytes += count
    range.decidesNext = decidesNext
    range.blocks = [
      BlockRange.Block(fileOffset: start, payload: input.use(count, &context.buffers), decodedBytesMax: count)
    ]
    return range
  }

  /// Skips text that is not selected. - Returns: whether a frame or member comes next.
  private mutating func pass(to next: Int, _ context: inout ReadContext) -> Bool {
    guard next > input.position else { return false }
    // The newline before a line is kept, so that the line is known to begin there.
    if next - 1 > input.position {
      _ = input.drop(&context.buffers, atMost: next - 1 - input.position)
      holeIsPending = true
    }
    guard input.need(1 + Codec.magicBytesMax, &context.buffers),
      Codec.beginsFrame(input.peek(1..<1 + Codec.magicBytesMax, context.buffers))
    else { return false }
    _ = input.drop(&context.buffers, atMost: 1)
    holeIsPending = true
    phase = .frames
    return true
  }

  /// Reports zeros in text. A crash leaves them in place of bytes that were not written. Bytes between zeros that are
  /// close together are not text either, as in UTF-16 and in other formats.
  private mutating func zeros(_ context: inout ReadContext) {
    let start = input.position
    var isOver = false
    while !isOver {
      isOver = !input.need(Self.textBytesMin + Codec.magicBytesMax, &context.buffers)
      let bytes = input.peek(0..<input.available(context.buffers), context.buffers)
      // The last bytes are left for the next step, because a magic number may continue after them. At the file's end,
      // all bytes are compared.
      let count = isOver ? bytes.count : bytes.count - Codec.magicBytesMax + 1
      var end = 0
      for at in 0..<count {
        if bytes[at] == 0 {
          end = at + 1
        } else if at - end >= Self.textBytesMin || Codec.beginsFrame(bytes[at..<bytes.count]) {
          isOver = true
          break
        }
      }
      _ = input.drop(&context.buffers, atMost: end)
    }
    holeIsPending = true
    selection?.noteDamage()
    report(
      .zeros,
      "zeros and the bytes between them are not text; not used: "
        + NumberFormat.count(input.position - start, "byte"), &context, at: start)
  }
}
