/// The decision about a block of a file.
enum BlockDecision {
  case decode
  /// The block is left out. Another one after it may not be.
  case skip
  /// The block is left out, and so is the rest of the file.
  case end
}

/// A choice of the blocks of a file to decode, for a reader that reads the file from front to back.
///
/// The reader asks about each block before it takes the block, and about each range of blocks before the range is
/// decoded. A line that begins in a chosen block may continue in blocks that were not chosen, so a selection may need
/// decoded bytes before its next decision. Whatever is left out is a hole: the range after it follows a hole, and a
/// line beside it may be cut. Only a ``FileSplit`` leaves none, because it begins and ends at newlines.
///
/// The defaults choose everything. In plain text a line counts as a block, in gzip and zstd a whole member or frame.
protocol BlockSelection: Sendable {
  /// Returns the first offset, from the given one on, of something to decode; nil if there is no more.
  func next(from offset: Int) -> Int?

  /// Decides about the LZ4 block at an offset. The reader asks in order, and may ask about a block again.
  mutating func decision(at offset: Int) -> BlockDecision

  /// Whether the next decision needs the decoded bytes of the last chosen block.
  var needsDecodedBytes: Bool { get }

  /// Notes the last decoded bytes before the next decision.
  mutating func noteDecoded(_ bytes: UnsafeBytes, of segment: DecodedSegment)

  /// Notes damage. No line continues after it.
  mutating func noteDamage()

  /// Returns whether a range must be decoded. The reader asks once for each range of independent blocks or of text.
  mutating func includes(_ range: BlockRange) -> Bool

  /// The selection itself, if it is a split.
  var split: FileSplit? { get }
}

extension BlockSelection {
  func next(from offset: Int) -> Int? { offset }
  mutating func decision(at offset: Int) -> BlockDecision { .decode }
  var needsDecodedBytes: Bool { false }
  mutating func noteDecoded(_ bytes: UnsafeBytes, of segment: DecodedSegment) {}
  mutating func noteDamage() {}
  mutating func includes(_ range: BlockRange) -> Bool { true }
  var split: FileSplit? { nil }
}
