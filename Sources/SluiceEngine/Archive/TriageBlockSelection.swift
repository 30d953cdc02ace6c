/// The blocks of a file that may contain events of triage.
///
/// It chooses among ranges, not among blocks: the ranges with such a block, and the range after each of them, in
/// which a line may end. `TimeIndex.swift` decides which blocks these are, from the hours of their events.
struct TriageBlockSelection: BlockSelection {
  /// Offsets of blocks in the file, ascending.
  private let offsets: [Int]
  private let isChosen: [Bool]
  /// Whether the last range contained such a block.
  private var followsChosenRange = true

  /// - Parameter blocks: the known blocks, in any order. A block that comes twice is chosen if one of its entries is.
  init(_ blocks: [(offset: Int, isChosen: Bool)]) {
    let sorted = blocks.sorted { $0.offset < $1.offset }
    offsets = sorted.map(\.offset)
    isChosen = sorted.map(\.isChosen)
  }

  mutating func includes(_ range: BlockRange) -> Bool {
    let isChosen =
      range.blocks.isEmpty
      || mayLieBetween(range.blocks[0].fileOffset, range.blocks[range.blocks.count - 1].lastOffset)
    defer { followsChosenRange = isChosen }
    return isChosen || followsChosenRange
  }

  /// Returns whether an event of triage may be in the blocks from one offset to another. It may be in unknown blocks:
  /// no line begins in them, but a line that begins before them may continue after them.
  private func mayLieBetween(_ first: Int, _ last: Int) -> Bool {
    let known =
      offsets.partitioningIndex(where: { $0 >= first })..<offsets.partitioningIndex(where: { $0 > last })
    return known.isEmpty || isChosen[known].contains(true)
  }
}
