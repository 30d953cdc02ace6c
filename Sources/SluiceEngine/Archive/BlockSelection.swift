/// The blocks of a file that are read if no others are wanted, with those behind them into which a line reaches.
///
/// In plain text lines stand for blocks, and what is not wanted is read in pieces of a fixed size.
struct BlockSelection: Sendable {
  /// As ``EventLocation`` has them; ascending.
  private let offsets: [Int]
  /// Whether a line that begins in a wanted block goes on behind what was decoded last.
  private(set) var isLineOpen = false

  init(_ offsets: [Int]) { self.offsets = offsets.sorted() }

  func contains(_ offset: Int) -> Bool { first(from: offset) == offset }

  /// The first at or behind an offset.
  func first(from offset: Int) -> Int? {
    let index = offsets.partitioningIndex(where: { $0 >= offset })
    return index < offsets.count ? offsets[index] : nil
  }

  /// Whether the block at an offset is to be decoded.
  func needs(_ offset: Int) -> Bool { isLineOpen || contains(offset) }

  /// Whether neither that block nor one behind it is.
  func isDone(_ offset: Int) -> Bool { !isLineOpen && first(from: offset) == nil }

  /// Takes notice of what a range of blocks decoded to. - Parameter bytes: of its last run.
  mutating func note(_ bytes: UnsafeBytes, of segment: DecodedSegment) {
    if segment.blocks.contains(where: { contains($0.fileOffset) }) {
      isLineOpen = !bytes.isEmpty && bytes[bytes.count - 1] != UInt8(ascii: "\n")
    } else if bytes.firstIndex(of: UInt8(ascii: "\n")) != nil {
      isLineOpen = false
    }
  }

  /// Behind damage no line goes on.
  mutating func noteDamage() { isLineOpen = false }

  /// Takes notice of a piece of plain text.
  mutating func note(_ text: UnsafeBytes, at start: Int) {
    let last = offsets.partitioningIndex(where: { $0 >= start + text.count }) - 1
    let isNew = last >= 0 && offsets[last] >= start
    let rest = isNew ? text[offsets[last] - start..<text.count] : text
    isLineOpen = (isLineOpen || isNew) && rest.firstIndex(of: UInt8(ascii: "\n")) == nil
  }
}
