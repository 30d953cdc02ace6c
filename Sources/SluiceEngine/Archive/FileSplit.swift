/// A share of a file of LZ4 with independent blocks: the lines that begin in the blocks whose first bytes lie in a range of the file's bytes.
///
/// As with Hadoop's splits, a share leaves out what stands before its first newline, and reads on to the first newline behind its
/// end, so that shares whose ranges follow each other hold each line once. The file must have an event a line.
struct FileSplit: Sendable {
  enum Edge { case head, tail }

  /// Of problems that say that a file cannot be read in shares.
  static let reason = "range"

  let range: Range<Int>
  /// Whether the first newline has been seen, or there is nothing before the range.
  private(set) var hasSeenNewline = false
  private var hasSkippedBlock = false

  init(_ range: Range<Int>) { self.range = range }

  func isBefore(_ offset: Int) -> Bool { offset < range.lowerBound }

  /// Bytes of a part of the file that lie in the range: only those are counted, and each file's add up to its size.
  func byteCount(of part: Range<Int>) -> Int { part.clamped(to: range).count }

  /// Whether a frame is counted here. Each begins in one share and may be read by many.
  func counts(frameAt offset: Int) -> Bool { range.contains(offset) }

  mutating func noteSkippedBlock() { hasSkippedBlock = true }

  /// Which edge a block that begins at an offset is; nil within the share.
  mutating func edge(at offset: Int) -> Edge? {
    if isBefore(offset) { return nil }
    if offset >= range.upperBound { return .tail }
    if !hasSkippedBlock { hasSeenNewline = true }
    return hasSeenNewline ? nil : .head
  }

  mutating func noteFirstNewline() { hasSeenNewline = true }
}
