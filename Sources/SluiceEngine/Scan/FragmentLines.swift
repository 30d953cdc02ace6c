/// The incomplete lines of a segment (``LineCompleteness``), and the places between them where other lines are.
///
/// Lines are added in order. Neighbours, and the blank lines between them, become one stretch.
struct FragmentLines {
  enum Stretch {
    /// At least one complete line.
    case completeLines
    /// A range of the text, including the last line's newline.
    case fragmentLines(Range<Int>)
  }

  private(set) var stretches: [Stretch] = []
  /// Number of lines added.
  private(set) var count = 0
  /// The end of the text examined so far.
  private var end = 0

  /// Begins again with the line that starts at an offset.
  mutating func begin(at start: Int) {
    stretches.removeAll(keepingCapacity: true)
    count = 0
    end = start
  }

  /// - Parameter line: the line without its newline.
  mutating func add(_ line: Range<Int>, of text: UnsafeBytes) {
    count += 1
    let isNext = text[end..<line.lowerBound].isBlank
    if !isNext { stretches.append(.completeLines) }
    if isNext, case .fragmentLines(let before)? = stretches.last {
      stretches[stretches.count - 1] = .fragmentLines(before.lowerBound..<line.upperBound + 1)
    } else {
      stretches.append(.fragmentLines(line.lowerBound..<line.upperBound + 1))
    }
    end = line.upperBound + 1
  }

  /// Ends the segment with the end of the text.
  mutating func finish(_ text: UnsafeBytes) {
    if !text[end..<text.count].isBlank { stretches.append(.completeLines) }
  }
}
