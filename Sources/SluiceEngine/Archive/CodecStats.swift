/// In which forms files were packed: how many frames are of each.
struct CodecStats: Sendable {
  var lz4 = 0
  var legacy = 0
  /// Members.
  var gzip = 0
  var zstd = 0
  var skippable = 0
  /// Bytes of plain text.
  var textBytes = 0
  /// LZ4 frames whose header could not be read.
  var lz4Unread = 0
  /// Files that are not read, by what they are.
  var refused: [String: Int] = [:]

  // Of LZ4 frames, legacy ones aside.
  /// By what a block may hold at most: 64 kB, 256 kB, 1 MB, 4 MB.
  var byBlockSize = [0, 0, 0, 0]
  var linked = 0
  var withBlockChecksums = 0
  var withContentChecksum = 0
  var withContentSize = 0

  /// Blocks of LZ4, legacy ones too.
  var blocks = 0

  // Of zstd frames whose header could be read.
  /// By the least power of two that the window does not exceed.
  var byWindowLog = [Int](repeating: 0, count: windowLogMax + 1)
  var zstdWithChecksum = 0
  var zstdWithContentSize = 0
  /// Of those with a content size, what they state together; no more than an `Int` holds.
  var zstdContentBytes = 0
  var zstdWithDictionary = 0

  private static let windowLogMax = 63

  static let blockSizes = [64 << 10, 256 << 10, 1 << 20, 4 << 20]

  mutating func note(_ descriptor: FrameDescriptor) {
    if descriptor.isLegacy {
      legacy += 1
      return
    }
    lz4 += 1
    if let size = Self.blockSizes.firstIndex(of: descriptor.blockBytesMax) { byBlockSize[size] += 1 }
    linked += descriptor.isLinked ? 1 : 0
    withBlockChecksums += descriptor.hasBlockChecksums ? 1 : 0
    withContentChecksum += descriptor.hasContentChecksum ? 1 : 0
    withContentSize += descriptor.contentBytes == nil ? 0 : 1
  }

  mutating func note(_ header: ZstdHeader) {
    // Of 0 bytes the window is 1.
    byWindowLog[Int.bitWidth - max(0, header.windowBytes - 1).leadingZeroBitCount] += 1
    zstdWithChecksum += header.hasChecksum ? 1 : 0
    zstdWithDictionary += header.hasDictionary ? 1 : 0
    if let bytes = header.contentBytes {
      zstdWithContentSize += 1
      addContentBytes(bytes)
    }
  }

  /// Whoever writes a file chooses what it states.
  private mutating func addContentBytes(_ bytes: Int) {
    let (sum, isTooMuch) = zstdContentBytes.addingReportingOverflow(bytes)
    zstdContentBytes = isTooMuch ? .max : sum
  }

  mutating func add(_ other: CodecStats) {
    lz4 += other.lz4
    legacy += other.legacy
    gzip += other.gzip
    zstd += other.zstd
    skippable += other.skippable
    textBytes += other.textBytes
    for size in byBlockSize.indices { byBlockSize[size] += other.byBlockSize[size] }
    linked += other.linked
    withBlockChecksums += other.withBlockChecksums
    withContentChecksum += other.withContentChecksum
    withContentSize += other.withContentSize
    blocks += other.blocks
    lz4Unread += other.lz4Unread
    refused.merge(other.refused, uniquingKeysWith: +)
    for log in byWindowLog.indices { byWindowLog[log] += other.byWindowLog[log] }
    zstdWithChecksum += other.zstdWithChecksum
    zstdWithContentSize += other.zstdWithContentSize
    zstdWithDictionary += other.zstdWithDictionary
    addContentBytes(other.zstdContentBytes)
  }

  /// The names of what was found, in a fixed order.
  var codecs: [String] {
    let counts = [
      ("lz4", lz4 + lz4Unread), ("lz4-legacy", legacy), ("gzip", gzip), ("zstd", zstd), ("text", textBytes),
    ]
    let read = counts.filter { $0.1 > 0 }.map(\.0)
    return read + refused.keys.filter { !read.contains($0) }.sorted()
  }
}
