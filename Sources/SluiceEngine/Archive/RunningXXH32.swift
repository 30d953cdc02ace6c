import CKernels

/// A running xxh32 of a frame's content, computed block by block.
struct RunningXXH32: Sendable {
  private var state = sluice_xxh32()
  private let simdTarget: SIMDTarget

  init(simdTarget: SIMDTarget = .best) {
    self.simdTarget = simdTarget
    sluice_xxh32_reset(&state)
  }

  mutating func update(_ bytes: UnsafeBytes) {
    switch simdTarget {
    case .avx2, .avx512: sluice_xxh32_update_avx2(&state, bytes.base, bytes.count)
    case .portable: sluice_xxh32_update_portable(&state, bytes.base, bytes.count)
    }
  }

  var digest: UInt32 { withUnsafePointer(to: state) { sluice_xxh32_digest($0) } }

  /// Returns the xxh32 of some bytes.
  static func digest(_ bytes: UnsafeBytes) -> UInt32 {
    var checksum = RunningXXH32()
    checksum.update(bytes)
    return checksum.digest
  }

  /// Lets a decoder hash its output while it decodes.
  ///
  /// - Parameters:
  ///   - start: the first byte that has not been hashed; `count` bytes have been decoded already.
  ///   - decode: runs the decoder. It receives nil if the decoder cannot hash.
  /// - Returns: the decoder's result, and how many bytes were hashed, up to the point that the decoder reached.
  mutating func update<R>(
    from start: UnsafePointer<UInt8>, count: Int,
    _ decode: (UnsafeMutablePointer<sluice_hash_cursor>?) -> R
  ) -> (result: R, taken: Int) {
    // Decoders hash whole stripes. After a block of an odd size, a stripe has to be completed first.
    let missing = (16 - Int(state.count & 15)) & 15
    guard simdTarget != .portable, missing <= count else { return (decode(nil), 0) }
    update(UnsafeBytes(base: start, count: missing))
    return withUnsafeMutablePointer(to: &state) { state in
      var cursor = sluice_hash_cursor(hash: state, next: start + missing)
      let result = decode(&cursor)
      return (result, cursor.next - start)
    }
  }
}
