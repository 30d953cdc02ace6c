/// Finds the lines of a run that are to be looked at more closely, while the run is being decoded.
///
/// A block of 4 MB has left the second-level cache when it is whole; so the prefilter goes over each piece as it appears (see
/// ``UnsafeLZ4Block``). What is found is used when the run is whole. If a block turns out to be damaged it is forgotten, and the
/// runs that are left are gone over again.
///
/// One for each worker. A class, as it is called back while the worker's buffers are written.
final class LineFinder {
  private let plan: ScanPlan
  /// Made for the text that comes first.
  private var prefilter: Prefilter?
  private var batch = Prefilter.LineList()

  /// Where the run begins; nil if none has begun.
  private var start: Int?
  /// Up to where newlines were looked for.
  private var end = 0
  /// Up to where lines were looked at: the first byte behind the last newline.
  private var lineStart = 0
  /// The run's first newline and its last.
  private(set) var firstNewline: Int?
  private(set) var lastNewline = 0
  /// Lines between these two that hold a literal, are too long, or irregular, without their newlines.
  private(set) var lines: [Range<Int>] = []
  /// Lines between these two, and blank ones among those that are not in `lines`.
  private(set) var lineCount = 0
  private(set) var blankCount = 0

  init(plan: ScanPlan) { self.plan = plan }

  /// Whether no lines are looked for, as every line has to be walked.
  var takesEveryLine: Bool { prefilter?.takesEveryLine ?? (plan.literals == nil) }

  /// Forgets the run.
  func forget() { start = nil }

  /// Goes over what is new of a run.
  ///
  /// - Parameters:
  ///   - text: the buffer, from its first byte to the last that is there.
  ///   - runStart: where the run begins in it.
  func scan(upTo text: UnsafeBytes, from segmentStart: Int) {
    // What is behind a damaged block is written where that lay, and may be less.
    if start != segmentStart || text.count < end { begin(at: segmentStart) }
    let new = text[end..<text.count]
    let before = end
    end = text.count
    if firstNewline == nil {
      guard let first = new.firstIndex(of: UInt8(ascii: "\n")) else { return }
      firstNewline = before + first
      lastNewline = before + first
      lineStart = before + first + 1
    }
    guard let last = new.lastIndex(of: UInt8(ascii: "\n")) else { return }
    lastNewline = before + last
    if lineStart <= lastNewline { find(text[0..<lastNewline + 1]) }
  }

  private func begin(at segmentStart: Int) {
    start = segmentStart
    end = segmentStart
    lineStart = segmentStart
    firstNewline = nil
    lines.removeAll(keepingCapacity: true)
    lineCount = 0
    blankCount = 0
  }

  /// - Parameter whole: ends with a newline.
  private func find(_ whole: UnsafeBytes) {
    if prefilter == nil {
      let sample = whole[lineStart..<min(whole.count, lineStart + Prefilter.sampleBytesMax)]
      prefilter =
        plan.addressFilter ?? Prefilter(literals: plan.literals, sample: sample, simdTarget: plan.simdTarget)
    }
    guard let prefilter, !prefilter.takesEveryLine else { return }
    let lineBytesMax = plan.limits.lineBytesMax
    while lineStart < whole.count {
      lineStart = prefilter.scan(whole, from: lineStart, lineBytesMax: lineBytesMax, into: &batch)
      for index in 0..<batch.count { lines.append(batch[index]) }
      lineCount += batch.newlines
      blankCount += batch.blank
    }
  }
}
