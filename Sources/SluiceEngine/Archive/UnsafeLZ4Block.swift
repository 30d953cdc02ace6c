import CKernels

/// An LZ4 block that is decoded piece by piece from a worker's input buffer into its output buffer.
///
/// `lz4_block.c` explains how. This is sound as long as neither buffer grows or is released meanwhile. The decoder
/// writes only within the room that was reserved for the block, and matches refer only to bytes between `windowStart`
/// and the block.
struct UnsafeLZ4Block {
  enum State {
    case more, end, damaged
  }

  private var block: sluice_lz4_block
  private let simdTarget: SIMDTarget

  /// - Parameters:
  ///   - decodedBytesMax: the room for the decoded bytes. - Precondition: it is within the output buffer.
  ///   - windowStart: offset of the earliest byte to which matches may refer; `start` for independent blocks.
  init(
    _ source: UnsafeBytes, into output: inout UnsafeBuffer, at start: Int, decodedBytesMax: Int,
    windowStart: Int, simdTarget: SIMDTarget = .best
  ) {
    self.simdTarget = simdTarget
    precondition(0 <= windowStart && windowStart <= start && decodedBytesMax >= 0)
    block = output.withMemory(windowStart..<start + decodedBytesMax) { memory in
      let window = memory.baseAddress!  // A buffer has at least its padding.
      return sluice_lz4_block(
        in: source.base, in_end: source.base + source.count, out: window + (start - windowStart),
        out_end: window + memory.count, window: window)
    }
  }

  /// Decodes until the block ends or at least `count` more bytes have been decoded.
  ///
  /// - Returns: the state after that, and the number of decoded bytes.
  mutating func decode(atLeast count: Int) -> (state: State, count: Int) {
    let before = block.out!  // It is never nil.
    return (State(decodePlainly(count)), block.out - before)
  }

  private mutating func decodePlainly(_ count: Int) -> sluice_lz4_state {
    simdTarget == .portable
      ? sluice_lz4_decode_portable(&block, count) : sluice_lz4_decode_avx2(&block, count)
  }

  /// Does the same, and hashes the decoded bytes at the same time.
  ///
  /// - Parameter unhashed: the number of bytes before the block's next byte that have not been hashed.
  mutating func decode(
    atLeast count: Int, into checksum: inout RunningXXH32, unhashed: inout Int
  ) -> (state: State, count: Int) {
    let before = block.out!  // It is never nil.
    let start = UnsafePointer(before) - unhashed
    let (state, taken) = checksum.update(from: start, count: unhashed) { cursor in
      cursor.map { sluice_lz4_decode_hashing_avx2(&block, count, $0) } ?? decodePlainly(count)
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
