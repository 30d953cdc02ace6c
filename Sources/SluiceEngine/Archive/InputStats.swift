import SluiceRecords

/// The statistics of input that was read and decoded.
public struct InputStats: NamedCounts, Sendable {
  public var files = 0
  package var frames = 0
  package var framesVerified = 0
  package var framesUnverifiable = 0
  package var framesCorrupt = 0
  package var bytesCompressed = 0
  package var bytesDecompressed = 0
  package var codecs = CodecStats()

  package static let counts: [(name: String, path: CountPath)] = [
    ("files", \.files), ("frames", \.frames), ("frames_verified", \.framesVerified),
    ("frames_unverifiable", \.framesUnverifiable), ("frames_corrupt", \.framesCorrupt),
    ("bytes_compressed", \.bytesCompressed), ("bytes_decompressed", \.bytesDecompressed),
  ]

  static func += (stats: inout InputStats, other: InputStats) {
    stats.addCounts(other)
    stats.codecs += other.codecs
  }

  /// Ratio of decompressed to compressed bytes; nil for an empty file.
  package var ratio: Double? {
    bytesCompressed > 0 ? Double(bytesDecompressed) / Double(bytesCompressed) : nil
  }
}
