/// The blocks of a file that the evidence of a detection names, and the blocks after them into which a line continues.
///
/// Text is read in pieces of a fixed size.
struct EvidenceBlocks: BlockSelection {
  /// Offsets as in ``EventLocation``, ascending.
  private let offsets: [Int]
  /// Whether a line that begins in a named block continues after the last decoded bytes.
  private var isLineOpen = false

  init(_ offsets: [Int]) { self.offsets = offsets.sorted() }

  private func contains(_ offset: Int) -> Bool { first(from: offset) == offset }

  /// Returns the first named offset at or after an offset.
  private func first(from offset: Int) -> Int? {
    let index = offsets.partitioningIndex(where: { $0 >= offset })
    return index < offsets.count ? offsets[index] : nil
  }

  func next(from offset: Int) -> Int? { isLineOpen ? offset : first(from: offset) }

  func decision(at offset: Int) -> BlockDecision {
    guard let next = next(from: offset) else { return .end }
    return next == offset ? .decode : .skip
  }

  var needsDecodedBytes: Bool { true }

  mutating func noteDecoded(_ bytes: UnsafeBytes, of segment: DecodedSegment) {
    if segment.isText {
      noteText(bytes, at: segment.blocks[0].fileOffset)
    } else if segment.blocks.contains(where: { contains($0.fileOffset) }) {
      isLineOpen = !bytes.isEmpty && bytes[bytes.count - 1] != UInt8(ascii: "\n")
    } else if bytes.firstIndex(of: UInt8(ascii: "\n")) != nil {
      isLineOpen = false
    }
  }

  /// Notes a piece of plain text, in which several of the named lines may begin.
  private mutating func noteText(_ text: UnsafeBytes, at start: Int) {
    let last = offsets.partitioningIndex(where: { $0 >= start + text.count }) - 1
    let isNew = last >= 0 && offsets[last] >= start
    let rest = isNew ? text[offsets[last] - start..<text.count] : text
    isLineOpen = (isLineOpen || isNew) && rest.firstIndex(of: UInt8(ascii: "\n")) == nil
  }

  mutating func noteDamage() { isLineOpen = false }
}
