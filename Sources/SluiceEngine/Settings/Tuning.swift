/// Sizes that may change how fast a scan is and never what it finds; tests set them to extremes.
public struct Tuning: Sendable {
  /// Decoded bytes after which a range ends; it has one block at least.
  public var rangeBytesTarget = 1 << 21
  /// A power of two.
  public var shardCount = 64
  /// Key of all hash tables that the log fills; nil takes it from the system's random source.
  public var hashSeed: UInt64?
  /// Kernel of the scan by name, `avx512`, `avx2` or `portable`; nil takes the best this machine has.
  public var simdTarget: String?
  /// Bytes of a worker's observations after which they are written out; nil for what the memory allows.
  public var spillBytes: Int?

  public init() {}
}
