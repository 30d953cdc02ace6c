import CXXHash
import SluiceRecords

/// The key of all hash tables whose content comes from the log.
///
/// It comes from the system's random source, so that writers of log lines cannot create collisions. Nothing that
/// depends on a table's order may reach the output.
struct HashKey: Sendable {
  let seed: UInt64

  @inline(__always)
  func hash(_ bytes: UnsafeBytes) -> UInt64 { XXH3_64bits_withSeed(bytes.base, bytes.count, seed) }

  /// Returns the hash of an address, or of a missing one.
  @inline(__always)
  func hash(_ address: IPAddress?) -> UInt64 {
    guard let address else { return XXH3_64bits_withSeed(nil, 0, seed) }
    var halves = (address.high.littleEndian, address.low.littleEndian)
    return withUnsafeBytes(of: &halves) { XXH3_64bits_withSeed($0.baseAddress, $0.count, seed) }
  }
}

extension HashKey {
  /// The key of the tuning's seed, or a random key without one.
  init(_ tuning: Tuning) { self.init(seed: tuning.hashSeed ?? .random(in: 0 ... .max)) }
}
