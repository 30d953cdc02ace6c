/// Sizes that may change the speed of a scan but never its result. Tests set them to extremes.
package struct Tuning: Sendable {
  /// Decoded bytes after which a range ends. A range has at least one block.
  package var rangeBytesTarget = 1 << 21
  /// Number of shards, a power of two.
  package var shardCount = 64
  /// Key of all hash tables that archive content fills; nil for a random key of the system.
  package var hashSeed: UInt64?
  /// Name of the SIMD target: `avx512`, `avx2` or `portable`; nil for the best that this machine supports.
  package var simdTarget: String?
  /// Bytes of a worker's observations that trigger a spill; nil to derive them from the memory limit.
  package var spillBytes: Int?

  package init() {}
}
