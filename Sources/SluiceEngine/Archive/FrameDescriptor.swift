import SluiceRecords

/// The parsed and checked descriptor of an LZ4 frame (LZ4 Frame Format 1.6.x).
struct FrameDescriptor {
  static let magic: UInt32 = 0x184D_2204
  static let legacyMagic: UInt32 = 0x184C_2102
  static let skippableMagics: ClosedRange<UInt32> = 0x184D_2A50...0x184D_2A5F
  /// Size of a decompressed block of a legacy frame. A compressed one has at most LZ4_compressBound of that.
  static let legacyBlockBytesMax = 8 << 20
  static let legacyPackedBytesMax = legacyBlockBytesMax + legacyBlockBytesMax / 255 + 16

  var blockBytesMax: Int
  var isLinked: Bool
  var hasBlockChecksums: Bool
  var hasContentChecksum: Bool
  var contentBytes: UInt64?
  var isLegacy = false

  /// Whether nothing guards the bit that says how a block is packed. Block checksums do not cover the size field that
  /// contains it, and the frame has no content checksum.
  var leavesPackingUnguarded: Bool { hasBlockChecksums && !hasContentChecksum }

  static let legacy = FrameDescriptor(
    blockBytesMax: legacyBlockBytesMax, isLinked: false, hasBlockChecksums: false, hasContentChecksum: false,
    contentBytes: nil, isLegacy: true)

  /// Returns the number of bytes of a descriptor after the magic number. `flags` is the first of them.
  static func count(flags: UInt8) -> Int { 3 + (flags & 0x08 != 0 ? 8 : 0) + (flags & 0x01 != 0 ? 4 : 0) }

  /// - Parameter bytes: all ``count(flags:)`` bytes.
  /// - Returns: the descriptor, or why it is refused.
  static func parse(_ bytes: UnsafeBytes) -> Result<FrameDescriptor, Refusal> {
    let flags = bytes[0]
    let blockDescriptor = bytes[1]
    let header = bytes[0..<bytes.count - 1]
    guard flags >> 6 == 1 else {
      return .failure(Refusal(reason: .version, "frame version \(flags >> 6) is not known"))
    }
    guard flags & 0x02 == 0, blockDescriptor & 0x8F == 0 else {
      return .failure(Refusal(reason: .reserved, "reserved bits of the frame descriptor are set"))
    }
    guard UInt8(truncatingIfNeeded: RunningXXH32.digest(header) >> 8) == bytes[bytes.count - 1] else {
      return .failure(Refusal(reason: .headerChecksum, "the frame descriptor does not match its checksum"))
    }
    let sizeCode = Int(blockDescriptor >> 4 & 7)
    guard sizeCode >= 4 else {
      return .failure(Refusal(reason: .reserved, "block size code \(sizeCode) is not known"))
    }
    let descriptor = FrameDescriptor(
      blockBytesMax: 1 << (8 + 2 * sizeCode), isLinked: flags & 0x20 == 0,
      hasBlockChecksums: flags & 0x10 != 0,
      hasContentChecksum: flags & 0x04 != 0,
      contentBytes: flags & 0x08 != 0
        ? UInt64(littleEndian(bytes, at: 2)) | UInt64(littleEndian(bytes, at: 6)) << 32 : nil)
    guard flags & 0x01 == 0 else {
      let id = littleEndian(bytes, at: bytes.count - 5)
      return .failure(
        Refusal(
          reason: .dictionary,
          "the frame needs the dictionary with id \(id) and is not used; decompress it with lz4 -D first",
          descriptor: descriptor))
    }
    return .success(descriptor)
  }

  /// Returns why a frame with a readable descriptor is refused; nil if it is read.
  func refusal(blockBytesMax limit: Int) -> Refusal? {
    blockBytesMax <= limit
      ? nil
      : Refusal(
        reason: .blockSize,
        "the frame has blocks of up to \(NumberFormat.count(blockBytesMax, "byte")) where \(limit) are allowed, and is not used",
        descriptor: self)
  }

  struct Refusal: Error {
    var reason: Reason
    var message: String
    /// The descriptor, if the frame's blocks can be delimited, so that the bytes after the frame can be read.
    var descriptor: FrameDescriptor?

    init(reason: Reason, _ message: String, descriptor: FrameDescriptor? = nil) {
      self.reason = reason
      self.message = message
      self.descriptor = descriptor
    }
  }
}
