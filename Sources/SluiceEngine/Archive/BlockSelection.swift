/// The blocks of a file to read if no others are wanted, and the blocks after them into which a line continues.
///
/// In plain text a line counts as a block, and text is read in pieces of a fixed size.
struct BlockSelection: Sendable {
  /// Offsets as in ``EventLocation``, ascending.
  private let offsets: [Int]
  /// Whether a line that begins in a wanted block continues after the last decoded bytes.
  private(set) var isLineOpen = false

  init(_ offsets: [Int]) { self.offsets = offsets.sorted() }

  func contains(_ offset: Int) -> Bool { first(from: offset) == offset }

  /// Returns the first wanted offset at or after an offset.
  func first(from offset: Int) -> Int? {
    let index = offsets.partitioningIndex(where: { $0 >= offset })
    return index < offsets.count ? offsets[index] : nil
  }

  /// Returns whether the block at an offset must be decoded.
  func needs(_ offset: Int) -> Bool { isLineOpen || contains(offset) }

  /// Returns whether neither the block at an offset nor any block after it must be decoded.
  func isDone(_ offset: Int) -> Bool { !isLineOpen && first(from: offset) == nil }

  /// Notes the decoded bytes of a range of blocks. - Parameter bytes: the bytes of its last segment.
  mutating func note(_ bytes: UnsafeBytes, of segment: DecodedSegment) {
    if segment.blocks.contains(where: { contains($0.fileOffset) }) {
      isLineOpen = !bytes.isEmpty && bytes[bytes.count - 1] != UInt8(ascii: "\n")
    } else if bytes.firstIndex(of: UInt8(ascii: "\n")) != nil {
      isLineOpen = false
    }
  }

  /// Notes damage. No line continues after it.
  mutating func noteDamage() { isLineOpen = false }

  /// Notes a piece of plain text.
  mutating func note(_ text: UnsafeBytes, at start: Int) {
    let last = offsets.partitioningIndex(where: { $0 >= start + text.count }) - 1
    let isNew = last >= 0 && offsets[last] >= start
    let rest = isNew ? text[offsets[last] - start..<text.count] : text
    isLineOpen = (isLineOpen || isNew) && rest.firstIndex(of: UInt8(ascii: "\n")) == nil
  }
}
