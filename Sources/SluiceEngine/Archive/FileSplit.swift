/// A part of an LZ4 file with independent blocks: the lines that begin in the blocks whose first bytes are in a byte
/// range of the file.
///
/// As with Hadoop's input splits, a split omits everything before its first newline, and reads on to the first
/// newline after its end. Splits of consecutive ranges therefore contain each line exactly once. The file must have
/// one event per line.
struct FileSplit: BlockSelection {
  enum Edge { case head, tail }

  private let range: Range<Int>
  private var stage = Stage.start

  private enum Stage {
    /// No block has been skipped or chosen.
    case start
    /// A block was skipped, and no newline has been seen after it.
    case head
    /// Lines begin in the split.
    case lines
    /// The last line ends after the range.
    case tail
    /// The last line has ended.
    case end
  }

  init(_ range: Range<Int>) { self.range = range }

  var split: FileSplit? { self }

  /// The edge of the split at which the last chosen block is; nil for an inner block.
  var edge: Edge? {
    switch stage {
    case .head: .head
    case .tail: .tail
    case .start, .lines, .end: nil
    }
  }

  /// Returns how many bytes of a part of the file are in the range. Only these are counted, so the counts of all
  /// splits of a file add up to its size.
  func byteCount(of part: Range<Int>) -> Int { part.clamped(to: range).count }

  /// Returns whether this split counts a frame. Each frame begins in one split and may be read in several.
  func counts(frameAt offset: Int) -> Bool { range.contains(offset) }

  // MARK: Selection

  func next(from offset: Int) -> Int? { stage == .end ? nil : offset }

  mutating func decision(at offset: Int) -> BlockDecision {
    if offset < range.lowerBound {
      stage = .head
      return .skip
    }
    if offset < range.upperBound {
      if stage == .start { stage = .lines }
      return .decode
    }
    // Without a newline in the range, no line begins there.
    if stage == .lines { stage = .tail }
    return stage == .tail ? .decode : .end
  }

  var needsDecodedBytes: Bool { edge != nil }

  mutating func noteDecoded(_ bytes: UnsafeBytes, of segment: DecodedSegment) {
    if bytes.firstIndex(of: UInt8(ascii: "\n")) != nil { passEdge() }
  }

  mutating func noteDamage() { passEdge() }

  private mutating func passEdge() {
    switch stage {
    case .head: stage = .lines
    case .tail: stage = .end
    case .start, .lines, .end: break
    }
  }
}
