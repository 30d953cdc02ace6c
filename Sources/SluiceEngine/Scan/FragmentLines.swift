/// The lines of a run that are not whole by themselves (``LineCompleteness``), and where between them others stand.
///
/// Lines are added in their order; neighbours, and what is blank between them, become one stretch.
struct FragmentLines {
  enum Stretch {
    /// At least one line that is whole.
    case whole
    /// Bytes of the text, with the last line's newline.
    case irregular(Range<Int>)
  }

  private(set) var stretches: [Stretch] = []
  /// Lines added.
  private(set) var count = 0
  /// Where what has been looked at ends.
  private var end = 0

  /// Begins anew, with the line that starts at an offset.
  mutating func begin(at start: Int) {
    stretches.removeAll(keepingCapacity: true)
    count = 0
    end = start
  }

  /// - Parameter line: without its newline.
  mutating func add(_ line: Range<Int>, of text: UnsafeBytes) {
    count += 1
    let isNext = text[end..<line.lowerBound].isBlank
    if !isNext { stretches.append(.whole) }
    if isNext, case .irregular(let before)? = stretches.last {
      stretches[stretches.count - 1] = .irregular(before.lowerBound..<line.upperBound + 1)
    } else {
      stretches.append(.irregular(line.lowerBound..<line.upperBound + 1))
    }
    end = line.upperBound + 1
  }

  /// Ends with the text.
  mutating func finish(_ text: UnsafeBytes) {
    if !text[end..<text.count].isBlank { stretches.append(.whole) }
  }
}
