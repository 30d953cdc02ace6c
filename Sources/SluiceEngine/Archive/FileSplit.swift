/// A part of an LZ4 file with independent blocks: the lines that begin in the blocks whose first bytes are in a byte
/// range of the file.
///
/// As with Hadoop's input splits, a split omits everything before its first newline, and reads on to the first
/// newline after its end. Splits of consecutive ranges therefore contain each line exactly once. The file must have
/// one event per line.
struct FileSplit: Sendable {
  enum Edge { case head, tail }

  let range: Range<Int>
  /// Whether the first newline has been seen, or nothing precedes the range.
  private(set) var hasSeenNewline = false
  private var hasSkippedBlock = false

  init(_ range: Range<Int>) { self.range = range }

  func isBefore(_ offset: Int) -> Bool { offset < range.lowerBound }

  /// Returns how many bytes of a part of the file are in the range. Only these are counted, so the counts of all
  /// splits of a file add up to its size.
  func byteCount(of part: Range<Int>) -> Int { part.clamped(to: range).count }

  /// Returns whether this split counts a frame. Each frame begins in one split and may be read in several.
  func counts(frameAt offset: Int) -> Bool { range.contains(offset) }

  mutating func noteSkippedBlock() { hasSkippedBlock = true }

  /// Returns which edge of the split a block at an offset is; nil for an inner block.
  mutating func edge(at offset: Int) -> Edge? {
    if isBefore(offset) { return nil }
    if offset >= range.upperBound { return .tail }
    if !hasSkippedBlock { hasSeenNewline = true }
    return hasSeenNewline ? nil : .head
  }

  mutating func noteFirstNewline() { hasSeenNewline = true }
}
