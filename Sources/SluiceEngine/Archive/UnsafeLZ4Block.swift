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
  private let simdTarget: SIMDTarget

  /// - Parameters:
  ///   - decodedBytesMax: the room for what it decodes to. - Precondition: it lies within the output buffer.
  ///   - windowStart: where the earliest byte lies to which matches may refer; `start` for independent blocks.
  init(
    _ source: UnsafeBytes, into output: inout UnsafeBuffer, at start: Int, decodedBytesMax: Int,
    windowStart: Int, simdTarget: SIMDTarget = .best
  ) {
    self.simdTarget = simdTarget
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
    let before = block.out!  // It never was nil.
    return (State(decodePlainly(count)), block.out - before)
  }

  private mutating func decodePlainly(_ count: Int) -> sluice_lz4_state {
    simdTarget == .portable
      ? sluice_lz4_decode_portable(&block, count) : sluice_lz4_decode_avx2(&block, count)
  }

  /// The same, and takes what is decoded into a checksum meanwhile.
  ///
  /// - Parameter unhashed: bytes before the block's next that have not been taken in.
  mutating func decode(
    atLeast count: Int, into checksum: inout ContentChecksum, unhashed: inout Int
  ) -> (state: State, count: Int) {
    let before = block.out!  // It never was nil.
    let start = UnsafePointer(before) - unhashed
    let (state, taken) = checksum.update(alongside: start, count: unhashed) { alongside in
      alongside.map { sluice_lz4_decode_hashing_avx2(&block, count, $0) } ?? decodePlainly(count)
    }
    unhashed = block.out - before + unhashed - taken
    if taken == 0 {
      checksum.update(UnsafeBytes(base: start, count: unhashed))
      unhashed = 0
    }
    return (State(state), block.out - before)
  }
}

extension UnsafeLZ4Block.State {
  fileprivate init(_ state: sluice_lz4_state) {
    self =
      switch state {
      case SLUICE_LZ4_MORE: .more
      case SLUICE_LZ4_END: .end
      default: .damaged
      }
  }
}
