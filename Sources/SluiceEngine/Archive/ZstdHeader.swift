/// The header of a zstd frame (RFC 8878, 3.1.1.1).
struct ZstdHeader: Equatable {
  /// Distance to which a frame's bytes may refer back. Decompression takes as much memory.
  var windowBytes: Int
  /// Size of the decompressed content, if it is stated.
  var contentBytes: Int?
  var hasChecksum: Bool
  var hasDictionary: Bool

  /// Length of the longest header, with the magic number.
  static let bytesMax = 18

  /// - Parameter bytes: the first bytes of a frame. - Returns: nil if they end inside the header.
  init?(_ bytes: [UInt8]) {
    guard bytes.count > 4 else { return nil }
    let flags = Int(bytes[4])
    let isSingleSegment = flags & 0x20 != 0
    var at = 5
    func number(_ count: Int) -> UInt64? {
      guard bytes.count >= at + count else { return nil }
      defer { at += count }
      return bytes[at..<at + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    guard let window = number(isSingleSegment ? 0 : 1), let dictionary = number([0, 1, 2, 4][flags & 3])
    else {
      return nil
    }
    let sizeCount = [isSingleSegment ? 1 : 0, 2, 4, 8][flags >> 6]
    guard let size = number(sizeCount) else { return nil }
    contentBytes = sizeCount == 0 ? nil : Int(clamping: sizeCount == 2 ? size + 256 : size)
    let base = 1 << (10 + Int(window >> 3))
    windowBytes = isSingleSegment ? contentBytes ?? 0 : base + base / 8 * Int(window & 7)
    hasChecksum = flags & 4 != 0
    hasDictionary = dictionary != 0
  }
}
