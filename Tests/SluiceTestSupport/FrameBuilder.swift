/// One LZ4 frame of given blocks, with the offsets at which a test may damage it.
///
///     var frame = FrameBuilder(blocks: [first, second])
///     frame.contentBytes = 7   // a lie
///     let built = frame.built
public struct FrameBuilder: Sendable {
  /// The content of each block, at most 64 kB or the size of `blockSizeCode`.
  public var blocks: [[UInt8]]
  /// The encoders of the blocks, in turn.
  public var encoders: [BlockEncoder] = [.stored]
  /// Whether blocks may refer to those before them.
  public var isLinked = false
  /// The maximum size of a block that the header states: 4 for 64 kB, 5 for 256 kB, 6 for 1 MB, 7 for 4 MB.
  public var blockSizeCode: UInt8 = 4
  public var hasBlockChecksums = true
  public var hasContentChecksum = true
  /// The content size that the header states; nil for none.
  public var contentBytes: UInt64?

  public struct Built: Sendable {
    public var bytes: [UInt8] = []
    /// The offset of each block's size field.
    public var blockOffsets: [Int] = []
    /// The offset of the end mark; the content checksum follows it.
    public var endOffset = 0
  }

  public init(blocks: [[UInt8]]) { self.blocks = blocks }

  /// Whether all blocks are stored; otherwise liblz4 compresses them.
  public var isStored: Bool {
    get { encoders == [.stored] }
    set { encoders = [newValue ? .stored : .library] }
  }

  public var built: Built {
    let flags: UInt8 =
      0b0100_0000 | (isLinked ? 0 : 0x20) | (hasBlockChecksums ? 0x10 : 0) | (contentBytes == nil ? 0 : 0x08)
      | (hasContentChecksum ? 0x04 : 0)
    let size =
      contentBytes.map { count in (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } } ?? []
    let descriptor = [flags, blockSizeCode << 4] + size
    var built = Built()
    built.bytes = LZ4FrameParts.littleEndian(0x184D_2204) + descriptor
    built.bytes.append(UInt8(truncatingIfNeeded: LZ4FrameParts.checksum(descriptor) >> 8))
    for (number, plain) in blocks.enumerated() {
      built.blockOffsets.append(built.bytes.count)
      let encoder = encoders[number % encoders.count]
      let isStored = encoder == .stored
      let compressed = encoder.encode(plain, window: window(before: number))
      built.bytes +=
        LZ4FrameParts.littleEndian(UInt32(compressed.count) | (isStored ? 0x8000_0000 : 0)) + compressed
      if hasBlockChecksums { built.bytes += LZ4FrameParts.littleEndian(LZ4FrameParts.checksum(compressed)) }
    }
    built.endOffset = built.bytes.count
    built.bytes += LZ4FrameParts.littleEndian(0)
    if hasContentChecksum {
      built.bytes += LZ4FrameParts.littleEndian(LZ4FrameParts.checksum(Array(blocks.joined())))
    }
    return built
  }

  public var bytes: [UInt8] { built.bytes }

  /// Returns the bytes before a block to which it may refer.
  public func window(before block: Int) -> [UInt8] {
    isLinked ? Array(blocks[..<block].joined().suffix(64 << 10)) : []
  }

  /// Returns a frame of user data, which readers skip.
  public static func skippable(size: Int) -> [UInt8] { LZ4FrameParts.skippable(3, size: size) }
}
