/// Options of the archive's LZ4 frames. The default is that of the `lz4` command.
package struct FrameOptions: Sendable, Hashable {
  package enum BlockSize: Int, Sendable, CaseIterable {
    case kilobytes64 = 65_536
    case kilobytes256 = 262_144
    case megabyte1 = 1_048_576
    case megabytes4 = 4_194_304
  }

  package var blockSize: BlockSize
  /// Whether blocks may refer to the previous block.
  package var linked: Bool
  package var blockChecksum: Bool
  package var contentChecksum: Bool
  package var contentSize: Bool
  /// The level: 0 is liblz4's fast default; 3 to 12 search longer (LZ4HC); below 0 is faster.
  package var level: Int

  package init(
    blockSize: BlockSize = .megabytes4, linked: Bool = false, blockChecksum: Bool = false,
    contentChecksum: Bool = true, contentSize: Bool = false, level: Int = 0
  ) {
    self.blockSize = blockSize
    self.linked = linked
    self.blockChecksum = blockChecksum
    self.contentChecksum = contentChecksum
    self.contentSize = contentSize
    self.level = level
  }
}
