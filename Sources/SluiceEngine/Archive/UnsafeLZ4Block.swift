import CKernels

/// A block of LZ4 on its way from a worker's input buffer to its output buffer, decoded piece by piece.
///
/// See `lz4_block.c` for how. Sound as long as neither buffer is grown or released meanwhile: the decoder writes
/// within the room that was reserved for the block, and matches refer to what lies between `windowStart` and the block.
struct UnsafeLZ4Block {
  enum State {
    case more, end, damaged
  }

  private var block: sluice_lz4_block

  /// - Parameters:
  ///   - decodedBytesMax: the room for what it decodes to. - Precondition: it lies within the output buffer.
  ///   - windowStart: where the earliest byte lies to which matches may refer; `start` for independent blocks.
  init(
    _ source: UnsafeBytes, into output: inout UnsafeBuffer, at start: Int, decodedBytesMax: Int,
    windowStart: Int
  ) {
    precondition(0 <= windowStart && windowStart <= start && decodedBytesMax >= 0)
    block = output.withMemory(windowStart..<start + decodedBytesMax) { memory in
      let window = memory.baseAddress!  // A buffer has its padding at least.
      return sluice_lz4_block(
        in: source.base, in_end: source.base + source.count, out: window + (start - windowStart),
        out_end: window + memory.count, window: window)
    }
  }

  /// Decodes until the block ends or at least so many bytes more are there.
  ///
  /// - Returns: how that ended, and how many bytes were decoded.
  mutating func decode(atLeast count: Int) -> (state: State, count: Int) {
    let before = block.out
    let state = sluice_lz4_decode(&block, count)
    let written = block.out - before!  // It never was nil.
    switch state {
    case SLUICE_LZ4_MORE: return (.more, written)
    case SLUICE_LZ4_END: return (.end, written)
    default: return (.damaged, written)
    }
  }
}
