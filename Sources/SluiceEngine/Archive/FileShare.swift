/// A share of a file of LZ4 with independent blocks: the lines that begin in the blocks whose first bytes lie in a range of the file's bytes.
///
/// As with Hadoop's splits, a share leaves out what stands before its first newline, and reads on to the first newline behind its
/// end, so that shares whose ranges follow each other hold each line once. The file must have an event a line.
struct FileShare: Sendable {
  enum Edge { case head, tail }

  /// Of problems that say that a file cannot be read in shares.
  static let reason = "range"

  let range: Range<Int>
  /// Whether the first newline has been seen, or there is nothing before the range.
  private(set) var hasBegun = false
  private var hasPassedOver = false
  /// Bytes of the file that are not this share's.
  private(set) var bytesOutside = 0

  init(_ range: Range<Int>) { self.range = range }

  func isBefore(_ offset: Int) -> Bool { offset < range.lowerBound }

  mutating func passOver(_ count: Int) {
    hasPassedOver = true
    bytesOutside += count
  }

  /// Which edge a block that begins at an offset is; nil within the share.
  mutating func edge(at offset: Int) -> Edge? {
    if isBefore(offset) { return nil }
    if offset >= range.upperBound { return .tail }
    if !hasPassedOver { hasBegun = true }
    return hasBegun ? nil : .head
  }

  mutating func begin() { hasBegun = true }
}
