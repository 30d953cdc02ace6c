/// Sizes that may change the speed of a scan but never its result. Tests set them to extremes.
public struct Tuning: Sendable {
  /// Decoded bytes after which a range ends. A range has at least one block.
  public var rangeBytesTarget = 1 << 21
  /// Number of shards, a power of two.
  public var shardCount = 64
  /// Key of all hash tables that archive content fills; nil for a random key of the system.
  public var hashSeed: UInt64?
  /// Name of the SIMD target: `avx512`, `avx2` or `portable`; nil for the best that this machine supports.
  public var simdTarget: String?
  /// Bytes of a worker's observations that trigger a spill; nil to derive them from the memory limit.
  public var spillBytes: Int?

  public init() {}
}
