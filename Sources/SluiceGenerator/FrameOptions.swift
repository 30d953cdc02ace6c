/// Options of the archive's LZ4 frames. The default is that of the `lz4` command.
public struct FrameOptions: Sendable, Hashable {
  public enum BlockSize: Int, Sendable, CaseIterable {
    case kilobytes64 = 65_536
    case kilobytes256 = 262_144
    case megabyte1 = 1_048_576
    case megabytes4 = 4_194_304
  }

  public var blockSize: BlockSize
  /// Whether blocks may refer to the previous block.
  public var linked: Bool
  public var blockChecksum: Bool
  public var contentChecksum: Bool
  public var contentSize: Bool
  /// The level: 0 is liblz4's fast default; 3 to 12 search longer (LZ4HC); below 0 is faster.
  public var level: Int

  public init(
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
