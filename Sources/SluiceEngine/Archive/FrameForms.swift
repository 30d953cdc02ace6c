/// In which forms files were packed: how many frames are of each.
///
/// Frames whose header could not be read are of no form.
struct FrameForms: Sendable {
  var lz4 = 0
  var legacy = 0
  /// Members.
  var gzip = 0
  var zstd = 0
  var skippable = 0
  /// Bytes of plain text.
  var textBytes = 0

  // Of LZ4 frames, legacy ones aside.
  /// By what a block may hold at most: 64 kB, 256 kB, 1 MB, 4 MB.
  var byBlockSize = [0, 0, 0, 0]
  var linked = 0
  var withBlockChecksums = 0
  var withContentChecksum = 0
  var withContentSize = 0

  /// Blocks of LZ4, legacy ones too.
  var blocks = 0

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

  mutating func add(_ other: FrameForms) {
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
  }

  /// The names of what was found, in a fixed order.
  var codecs: [String] {
    let counts = [
      ("lz4", lz4), ("lz4-legacy", legacy), ("gzip", gzip), ("zstd", zstd), ("text", textBytes),
    ]
    return counts.filter { $0.1 > 0 }.map(\.0)
  }
}
