/// A selection of the blocks of a file that may contain wanted lines. Such blocks are *near*.
///
/// It selects whole ranges: each range with a near block, and the range after it, where the last line may end.
struct BlockTimeIndex: BlockSelection {
  /// Offsets of blocks in the file, ascending.
  private let offsets: [Int]
  private let isNear: [Bool]
  /// Whether the last range contained a near block.
  private var followsNearRange = true

  /// - Parameter blocks: the known blocks, in any order. A block that comes twice is near if one of its entries is.
  init(_ blocks: [(offset: Int, isNear: Bool)]) {
    let sorted = blocks.sorted { $0.offset < $1.offset }
    offsets = sorted.map(\.offset)
    isNear = sorted.map(\.isNear)
  }

  mutating func includes(_ range: BlockRange) -> Bool {
    let isNear =
      range.blocks.isEmpty
      || mayLieBetween(range.blocks[0].fileOffset, range.blocks[range.blocks.count - 1].lastOffset)
    defer { followsNearRange = isNear }
    return isNear || followsNearRange
  }

  /// Returns whether any block from one offset to another may be near. Unknown blocks may be: no line begins in them, but
  /// a line that begins before them may continue after them.
  private func mayLieBetween(_ first: Int, _ last: Int) -> Bool {
    let known =
      offsets.partitioningIndex(where: { $0 >= first })..<offsets.partitioningIndex(where: { $0 > last })
    return known.isEmpty || isNear[known].contains(true)
  }
}
