/// Which blocks of a file may hold what is looked for, as far as that is known. In plain text lines stand for blocks.
struct BlockTimeIndex: Sendable {
  /// Offsets of blocks in the file, ascending.
  private let offsets: [Int]
  private let isNear: [Bool]

  /// - Parameter blocks: of which something is known, in any order; of one that comes twice either counts.
  init(_ blocks: [(offset: Int, isNear: Bool)]) {
    let sorted = blocks.sorted { $0.offset < $1.offset }
    offsets = sorted.map(\.offset)
    isNear = sorted.map(\.isNear)
  }

  /// Whether it may lie in one of the blocks from one offset to another. It may if nothing is known of them: then no line begins
  /// in them, and one that begins before them may go on behind them.
  func mayLieBetween(_ first: Int, _ last: Int) -> Bool {
    let known =
      offsets.partitioningIndex(where: { $0 >= first })..<offsets.partitioningIndex(where: { $0 > last })
    return known.isEmpty || isNear[known].contains(true)
  }
}
