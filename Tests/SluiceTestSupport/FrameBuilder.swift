/// One LZ4 frame of given independent blocks, with the places at which a test may damage it.
///
///     var frame = FrameBuilder(blocks: [first, second])
///     frame.contentBytes = 7   // a lie
///     let built = frame.built
public struct FrameBuilder: Sendable {
  /// What each block holds, at most 64 kB, or what `blockSizeCode` says.
  public var blocks: [[UInt8]]
  public var isStored = true
  /// What the header says that a block holds at most: 4 for 64 kB, 5 for 256 kB, 6 for 1 MB, 7 for 4 MB.
  public var blockSizeCode: UInt8 = 4
  public var hasBlockChecksums = true
  public var hasContentChecksum = true
  /// What the header states; nil for nothing.
  public var contentBytes: UInt64?

  public struct Built: Sendable {
    public var bytes: [UInt8] = []
    /// Where the size field of each block lies.
    public var blockOffsets: [Int] = []
    /// Where the end mark lies; the content checksum is behind it.
    public var endOffset = 0
  }

  public init(blocks: [[UInt8]]) { self.blocks = blocks }

  public var built: Built {
    let flags: UInt8 =
      0b0110_0000 | (hasBlockChecksums ? 0x10 : 0) | (contentBytes == nil ? 0 : 0x08)
      | (hasContentChecksum ? 0x04 : 0)
    let size =
      contentBytes.map { count in (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } } ?? []
    let descriptor = [flags, blockSizeCode << 4] + size
    var built = Built()
    built.bytes = LZ4FrameParts.littleEndian(0x184D_2204) + descriptor
    built.bytes.append(UInt8(truncatingIfNeeded: LZ4FrameParts.checksum(descriptor) >> 8))
    for plain in blocks {
      built.blockOffsets.append(built.bytes.count)
      let packed = isStored ? plain : LZ4FrameParts.block(plain)
      built.bytes += LZ4FrameParts.littleEndian(UInt32(packed.count) | (isStored ? 0x8000_0000 : 0)) + packed
      if hasBlockChecksums { built.bytes += LZ4FrameParts.littleEndian(LZ4FrameParts.checksum(packed)) }
    }
    built.endOffset = built.bytes.count
    built.bytes += LZ4FrameParts.littleEndian(0)
    if hasContentChecksum {
      built.bytes += LZ4FrameParts.littleEndian(LZ4FrameParts.checksum(Array(blocks.joined())))
    }
    return built
  }

  public var bytes: [UInt8] { built.bytes }

  /// A frame of user data, which readers pass over.
  public static func skippable(size: Int) -> [UInt8] { LZ4FrameParts.skippable(3, size: size) }
}
