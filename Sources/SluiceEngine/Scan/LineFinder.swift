/// A finder of the lines of a segment that must be examined, which works while the segment is being decoded.
///
/// A whole block of 4 MB has left the second-level cache, so the prefilter searches each piece as it appears (see
/// ``UnsafeLZ4Block``). The results are used when the segment is complete. If a block turns out to be damaged, they
/// are forgotten and the remaining segments are searched again.
///
/// Each worker has one. It is a class because it is called back while the worker's buffers are written.
final class LineFinder {
  private let plan: ScanPlan
  /// The prefilter, created for the first text.
  private var prefilter: Prefilter?
  private var batch = Prefilter.LineList()

  /// Offset where the segment begins; nil if none has begun.
  private var start: Int?
  /// End of the bytes that were searched for newlines.
  private var end = 0
  /// End of the bytes that were searched for lines: the first byte after the last newline.
  private var lineStart = 0
  /// The segment's first newline; `lastNewline` is its last.
  private(set) var firstNewline: Int?
  private(set) var lastNewline = 0
  /// Lines between these two that contain a literal, are too long or incomplete, without their newlines.
  private(set) var lines: [Range<Int>] = []
  /// Number of lines between these two; `blankCount` is the number of blank ones that are not in `lines`.
  private(set) var lineCount = 0
  private(set) var blankCount = 0

  init(plan: ScanPlan) { self.plan = plan }

  /// Whether no lines are searched for, because every line must be parsed.
  var takesEveryLine: Bool { prefilter?.takesEveryLine ?? (plan.literals == nil) }

  /// Forgets the segment.
  func forget() { start = nil }

  /// Searches the new bytes of a segment.
  ///
  /// - Parameters:
  ///   - text: the buffer, from its first byte to the last decoded one.
  ///   - segmentStart: offset in it where the segment begins.
  func scan(upTo text: UnsafeBytes, from segmentStart: Int) {
    // After a damaged block, the next block overwrites its output and may be shorter. Begin again if the buffer
    // shrank.
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

  /// Finds the lines from `lineStart` on. - Parameter whole: text that ends with a newline.
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
