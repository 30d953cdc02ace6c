import CKernels

/// A running xxh32: of a frame's content, block by block.
struct ContentChecksum: Sendable {
  private var state = sluice_xxh32()
  private let kernel: Kernel

  init(kernel: Kernel = .best) {
    self.kernel = kernel
    sluice_xxh32_reset(&state)
  }

  mutating func update(_ bytes: UnsafeBytes) {
    switch kernel {
    case .avx2, .avx512: sluice_xxh32_update_avx2(&state, bytes.base, bytes.count)
    case .portable: sluice_xxh32_update_portable(&state, bytes.base, bytes.count)
    }
  }

  var digest: UInt32 { withUnsafePointer(to: state) { sluice_xxh32_digest($0) } }

  /// The xxh32 of some bytes.
  static func digest(_ bytes: UnsafeBytes) -> UInt32 {
    var checksum = ContentChecksum()
    checksum.update(bytes)
    return checksum.digest
  }

  /// Lets a kernel take in bytes while it scans.
  ///
  /// - Parameters:
  ///   - bytes: to be taken in; those that the kernel has taken in are gone from its beginning afterwards.
  ///   - scan: calls the kernel.
  mutating func update<R>(
    alongside bytes: inout UnsafeBytes, _ scan: (UnsafeMutablePointer<sluice_alongside>) -> R
  ) -> R {
    // The kernels take in whole stripes; behind a block of an odd size one has to be finished first.
    let missing = min(bytes.count, (16 - Int(state.count & 15)) & 15)
    update(bytes[0..<missing])
    bytes = bytes[missing..<bytes.count]
    return withUnsafeMutablePointer(to: &state) { state in
      var alongside = sluice_alongside(hash: state, next: bytes.base, end: bytes.base + bytes.count)
      let result = scan(&alongside)
      bytes = bytes[(alongside.next - bytes.base)..<bytes.count]
      return result
    }
  }
}
