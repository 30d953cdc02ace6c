import SluiceRecords

/// The statistics of codecs: how many frames of each codec were found, and with which features.
package struct CodecStats: NamedCounts, Sendable {
  package var lz4 = 0
  package var legacy = 0
  /// gzip members.
  package var gzip = 0
  package var zstd = 0
  package var skippable = 0
  /// Bytes of plain text.
  var textBytes = 0
  /// LZ4 frames with an unreadable header.
  var lz4Unread = 0
  /// Files that are not read, by the name of their format.
  var refused: [String: Int] = [:]

  // The following counts are of LZ4 frames, without legacy frames.
  /// Frames by the maximum size of a block: 64 KiB, 256 KiB, 1 MiB, 4 MiB.
  var byBlockSize = [0, 0, 0, 0]
  package var linked = 0
  package var withBlockChecksums = 0
  package var withContentChecksum = 0
  package var withContentSize = 0

  /// LZ4 blocks, also those of legacy frames.
  package var blocks = 0

  // The following counts are of zstd frames with a readable header.
  /// Frames by the logarithm of the smallest power of two that is not less than the window size.
  var byWindowLog = [Int](repeating: 0, count: windowLogMax + 1)
  package var zstdWithChecksum = 0
  package var zstdWithContentSize = 0
  /// Sum of the stated content sizes, at most `Int.max`.
  package var zstdContentBytes = 0
  package var zstdWithDictionary = 0

  /// The names are those in the parts of an inspection's record, where it has the count.
  package static let counts: [(name: String, path: CountPath)] = [
    ("lz4", \.lz4), ("lz4-legacy", \.legacy), ("gzip", \.gzip), ("zstd", \.zstd), ("skippable", \.skippable),
    ("text_bytes", \.textBytes), ("lz4_unread", \.lz4Unread), ("blocks", \.blocks), ("linked", \.linked),
    ("block_checksums", \.withBlockChecksums), ("content_checksums", \.withContentChecksum),
    ("content_sizes", \.withContentSize), ("checksums", \.zstdWithChecksum),
    ("content_sizes", \.zstdWithContentSize), ("dictionaries", \.zstdWithDictionary),
  ]

  private static let windowLogMax = 63

  static let possibleBlockSizes = [64 << 10, 256 << 10, 1 << 20, 4 << 20]

  mutating func note(_ descriptor: FrameDescriptor) {
    if descriptor.isLegacy {
      legacy += 1
      return
    }
    lz4 += 1
    if let size = Self.possibleBlockSizes.firstIndex(of: descriptor.blockBytesMax) { byBlockSize[size] += 1 }
    linked += descriptor.isLinked ? 1 : 0
    withBlockChecksums += descriptor.hasBlockChecksums ? 1 : 0
    withContentChecksum += descriptor.hasContentChecksum ? 1 : 0
    withContentSize += descriptor.contentBytes == nil ? 0 : 1
  }

  mutating func note(_ header: ZstdHeader) {
    // A window of 0 bytes counts as one of 1 byte.
    byWindowLog[Int.bitWidth - max(0, header.windowBytes - 1).leadingZeroBitCount] += 1
    zstdWithChecksum += header.hasChecksum ? 1 : 0
    zstdWithDictionary += header.hasDictionary ? 1 : 0
    if let bytes = header.contentBytes {
      zstdWithContentSize += 1
      addContentBytes(bytes)
    }
  }

  /// Adds a stated size without overflow, because the writer of a file can state any size.
  private mutating func addContentBytes(_ bytes: Int) {
    let (sum, isTooMuch) = zstdContentBytes.addingReportingOverflow(bytes)
    zstdContentBytes = isTooMuch ? .max : sum
  }

  static func += (stats: inout CodecStats, other: CodecStats) {
    stats.addCounts(other)
    stats.refused.merge(other.refused, uniquingKeysWith: +)
    for size in stats.byBlockSize.indices { stats.byBlockSize[size] += other.byBlockSize[size] }
    for log in stats.byWindowLog.indices { stats.byWindowLog[log] += other.byWindowLog[log] }
    stats.addContentBytes(other.zstdContentBytes)
  }

  /// The names of the codecs and formats that were found, in a fixed order.
  package var names: [String] {
    let counts = [
      ("lz4", lz4 + lz4Unread), ("lz4-legacy", legacy), ("gzip", gzip), ("zstd", zstd), ("text", textBytes),
    ]
    let read = counts.filter { $0.1 > 0 }.map(\.0)
    return read + refused.keys.filter { !read.contains($0) }.sorted()
  }

  /// Codec of a file, or the format of a file that is not read (`unknown` if it cannot be recognised).
  ///
  /// The value is `mixed` for several codecs, and `none` for a file that is empty or could not be opened.
  package var name: String { names.count > 1 ? "mixed" : names.first ?? "none" }

  /// Numbers of zstd frames by window size, rounded up to a power of two. Sizes that do not occur are left out.
  package var windows: [(bytes: Int, frames: Int)] {
    byWindowLog.enumerated().filter { $0.element > 0 }.map {
      (bytes: $0.offset < Self.windowLogMax ? 1 << $0.offset : .max, frames: $0.element)
    }
  }

  /// Numbers of frames by maximum block size. Sizes that do not occur are left out.
  package var blockSizes: [(bytes: Int, frames: Int)] {
    zip(Self.possibleBlockSizes, byBlockSize).filter { $0.1 > 0 }.map { (bytes: $0.0, frames: $0.1) }
  }
}
