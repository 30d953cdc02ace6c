import SluiceSystem

/// The assembly of lines, and of records spread over several lines, that cross from one range into another.
///
/// A range provides the bytes before its first newline, those after its last, and the incomplete lines between.
/// Ranges arrive in any order and are joined in order. The caller that brings a missing fragment receives the records
/// to scan.
///
/// Fragments that come too early are kept until their turn. If they are many, as where lines are longer than ranges,
/// their caller waits, so that memory stays flat. The caller with the earliest range never waits, so it moves on.
final class LineAssembler: Sendable {
  /// Bytes of a range, and their offsets in the file.
  struct LocatedBytes {
    var bytes: [UInt8]
    var offsets: OffsetMap
  }

  /// A fragment of a range, in the order of its bytes.
  enum Fragment {
    /// A part of a line.
    case partialLine(LocatedBytes)
    case newline
    /// Lines with their newlines, all of them incomplete or beyond the limit, and blank lines between them. They have
    /// been counted as lines.
    case fragmentLines(LocatedBytes)
    /// Complete lines, which have been scanned.
    case completeLines
    /// Bytes that could not be used. On either side there may be only part of a line.
    case hole
  }

  /// The sampling of a record that no rule may match (``FileSamples``).
  enum Sampling {
    case skips
    /// The record counts as a sample only if no other line of the file was sampled.
    case fallsBack
    case counts
  }

  /// The text of one record, or of one line in which the reader may find several.
  struct Line {
    enum ParseError {
      /// An event that does not end.
      case cut
      /// Text in a page that is not an event.
      case page
      /// A page that does not end. Its events are records by themselves.
      case openPage
    }

    var bytes: [UInt8]
    var position: Position
    /// Number of all bytes, including those beyond the limit, which were not kept.
    var count: Int
    var followsHole = false
    var precedesHole = false
    var sampling = Sampling.counts
    /// Whether it is one of several records of a line, or is spread over several lines.
    var isElement = false
    /// The reason why it is not an event, if known.
    var error: ParseError?
  }

  /// The records that are complete now, for the caller that joined them.
  struct Batch {
    /// Lines with records. None is blank.
    var lines: [Line] = []
    /// Number of lines that came in parts.
    var lineCount = 0
    /// Blank lines among these.
    var blankLineCount = 0
    /// Number of lines without a record among all that were given.
    var linesWithoutRecord = 0
    var recordsBeyondLines = 0
    /// Whether ``LineAssembler/nextBatch()`` has more records immediately.
    var hasMore = false
  }

  /// Number of records after which they are returned before more fragments are joined.
  ///
  /// A line beyond the limit may contain millions of tiny records, each of which takes 50 times its bytes.
  private static let recordsAtOnceMax = 4096
  /// Number of bytes of a line beyond the limit that are parsed at once.
  private static let longBytesAtOnceMax = 16 << 10
  /// Number of bytes of lines that are parsed at once. The rest of the last line is added.
  private static let lineBytesAtOnce = 64 << 10

  /// A pending step of the joining.
  private enum Step {
    case fragment(Fragment)
    /// Lines from an offset on. The lines before it have been taken.
    case lines(LocatedBytes, from: Int)
    /// Bytes of a line beyond the limit, from an offset on.
    case long(LocatedBytes, from: Int)
  }

  /// A line of which some parts have come.
  private struct OpenLine {
    var bytes: [UInt8] = []
    /// nil while there are no bytes.
    var offsets: OffsetMap?
    /// Number of all bytes, including those beyond the limit, which were not kept.
    var count = 0
    var followsHole = false
    /// Whether all its bytes are white space.
    var isBlank = true
  }

  private struct State {
    var waiting: [Int: [Fragment]] = [:]
    var waitingBytes = 0
    var next = 0
    /// The pending steps of the ranges before the next one, the first step last.
    var steps: [Step] = []
    var rangeCount: Int?
    var endsInHole = false
    var open = OpenLine()
    var isFirstLine = true
    var followsCompleteLine = false
    var flushed = false
    var parser: PageParser
    var joined = Batch()

    mutating func takeBatch() -> Batch {
      defer { joined = Batch() }
      let found = parser.take()
      joined.lines = found.lines
      joined.linesWithoutRecord = found.linesWithoutRecord
      joined.recordsBeyondLines = found.recordsBeyondLines
      joined.hasMore = !steps.isEmpty || waiting[next] != nil
      return joined
    }
  }

  private let state: Monitor<State>
  private let lineBytesMax: Int
  private let waitingBytesMax: Int

  init(lineBytesMax: Int) {
    self.lineBytesMax = lineBytesMax
    waitingBytesMax = 4 * lineBytesMax
    state = Monitor(State(parser: PageParser(recordBytesMax: lineBytesMax)))
  }

  /// Takes the fragments of a range.
  ///
  /// - Returns: the records that are now complete, or some of them; ``nextBatch()`` returns the rest.
  func join(sequence: Int, _ fragments: [Fragment]) -> Batch {
    let (joined, exceedsWaitingLimit) = state.withLock { state in
      state.waiting[sequence] = fragments
      state.waitingBytes += Self.byteCount(fragments)
      let exceedsWaitingLimit = state.waitingBytes > waitingBytesMax
      return (advance(&state), exceedsWaitingLimit)
    }
    // The caller waits only if there was too much before this range took its turn.
    if exceedsWaitingLimit {
      state.broadcast()
      state.wait { $0.next > sequence || $0.waitingBytes <= waitingBytesMax }
    }
    return joined
  }

  /// Returns more complete records. Call it if the batch of ``join(sequence:_:)``, ``remainingBatch()`` or this
  /// function has more.
  func nextBatch() -> Batch {
    let (joined, exceedsWaitingLimit) = state.withLock { state in
      let exceedsWaitingLimit = state.waitingBytes > waitingBytesMax
      return (advance(&state), exceedsWaitingLimit)
    }
    if exceedsWaitingLimit { state.broadcast() }
    return joined
  }

  /// Joins fragments until there are ``recordsAtOnceMax`` records, or a few more.
  private func advance(_ state: inout State) -> Batch {
    while state.parser.foundCount < Self.recordsAtOnceMax {
      if let step = state.steps.popLast() {
        take(step, &state)
      } else if let fragments = state.waiting.removeValue(forKey: state.next) {
        state.next += 1
        state.waitingBytes -= Self.byteCount(fragments)
        state.steps = fragments.reversed().map { .fragment($0) }
      } else {
        flush(&state)
        break
      }
    }
    return state.takeBatch()
  }

  private static func byteCount(_ fragments: [Fragment]) -> Int {
    fragments.reduce(0) { count, fragment in
      switch fragment {
      case .partialLine(let text), .fragmentLines(let text): count + text.bytes.count
      case .newline, .completeLines, .hole: count
      }
    }
  }

  /// Sets the number of ranges of the stream. The rest is then returned to the last caller of `join`, or by
  /// ``remainingBatch()``.
  func finish(rangeCount: Int, endsInHole: Bool) {
    state.withLock {
      $0.rangeCount = rangeCount
      $0.endsInHole = endsInHole
    }
  }

  /// Returns the stream's last line, if it has not been returned yet and all ranges have come.
  func remainingBatch() -> Batch { state.withLock { advance(&$0) } }

  /// Whether every range has been joined and nothing is left over.
  var isFlushed: Bool { state.withLock { $0.flushed } }

  private func flush(_ state: inout State) {
    guard state.steps.isEmpty, state.next == state.rangeCount, !state.flushed else { return }
    state.flushed = true
    close(&state, hasNewline: false, precedesHole: state.endsInHole)
    state.parser.end()
  }

  // MARK: Steps

  private func take(_ step: Step, _ state: inout State) {
    switch step {
    case .fragment(.partialLine(let text)):
      if !text.bytes.isEmpty { take(text, &state) }
    case .fragment(.newline):
      close(&state, hasNewline: true, precedesHole: false)
    case .fragment(.fragmentLines(let text)):
      state.steps.append(.lines(text, from: 0))
    case .fragment(.completeLines):
      state.parser.completeLine()
      state.followsCompleteLine = true
    case .fragment(.hole):
      close(&state, hasNewline: false, precedesHole: true)
      state.parser.hole()
      state.open.followsHole = true
    case .lines(let text, let start):
      let end = lines(of: text, from: start, &state.parser)
      if end < text.bytes.count { state.steps.append(.lines(text, from: end)) }
    case .long(let text, let start):
      let end = min(text.bytes.count, start + Self.longBytesAtOnceMax)
      withBytes(Array(text.bytes[start..<end])) { bytes in
        state.parser.long(bytes) { text.offsets.position(of: $0 + start) }
      }
      if end < text.bytes.count { state.steps.append(.long(text, from: end)) }
    }
  }

  /// Parses some of the lines that begin at an offset. - Returns: the offset of the lines left for another step.
  private func lines(of text: LocatedBytes, from first: Int, _ parser: inout PageParser) -> Int {
    // Only these lines are copied, and none is cut.
    let least = text.bytes[min(text.bytes.count, first + Self.lineBytesAtOnce)...]
    let last = least.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? text.bytes.count
    return first
      + withBytes(Array(text.bytes[first..<last])) { bytes in
        var start = 0
        while start < bytes.count, parser.foundCount < Self.recordsAtOnceMax {
          let end =
            start + (bytes[start..<bytes.count].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count - start)
          let line = bytes[start..<end]
          let position = { text.offsets.position(of: first + start + $0) }
          if line.count > lineBytesMax {
            parser.beginLong(followsHole: false)
            parser.long(line, position: position)
            parser.endLong(isBlank: false, position: position(0), count: line.count)
          } else if !line.isBlank {
            parser.line(line, position: position)
          }
          start = end + 1
        }
        return min(start, bytes.count)
      }
  }

  /// Adds a part to the open line. If the line becomes too long to be a record, its bytes go to the parser as they
  /// come.
  private func take(_ part: LocatedBytes, _ state: inout State) {
    let wasLong = state.open.count > lineBytesMax
    if state.open.offsets == nil {
      state.open.offsets = part.offsets
    } else {
      state.open.offsets?.append(part.offsets, at: state.open.count)
    }
    state.open.isBlank = state.open.isBlank && part.bytes.allSatisfy(Self.isSpace)
    state.open.count += part.bytes.count
    if wasLong {
      state.steps.append(.long(part, from: 0))
      return
    }
    state.open.bytes += part.bytes
    if state.open.count > lineBytesMax {
      let skipped = state.isFirstLine ? Self.byteOrderMarkCount(state.open.bytes) : 0
      state.parser.beginLong(followsHole: state.open.followsHole)
      let text = LocatedBytes(bytes: state.open.bytes, offsets: state.open.offsets ?? part.offsets)
      state.steps.append(.long(text, from: skipped))
      state.open.bytes = []
    }
  }

  /// Ends the open line.
  private func close(_ state: inout State, hasNewline: Bool, precedesHole: Bool) {
    let open = state.open
    state.open = OpenLine()
    // Without a newline there is a line only if it has bytes.
    guard hasNewline || open.count > 0 else { return }
    state.joined.lineCount += 1
    defer {
      state.isFirstLine = false
      state.followsCompleteLine = false
    }
    guard let offsets = open.offsets else {
      state.joined.blankLineCount += 1
      return
    }
    if open.count > lineBytesMax {
      state.joined.blankLineCount += open.isBlank ? 1 : 0
      state.parser.endLong(
        isBlank: open.isBlank, position: offsets.position(of: 0), count: open.count)
      return
    }
    let skipped = state.isFirstLine ? Self.byteOrderMarkCount(open.bytes) : 0
    withBytes(open.bytes) { bytes in
      let line = bytes[skipped..<bytes.count]
      if line.isBlank {
        state.joined.blankLineCount += 1
      } else {
        state.parser.line(
          line, followsHole: open.followsHole, precedesHole: precedesHole,
          followsCompleteLine: state.followsCompleteLine
        ) {
          offsets.position(of: $0 == 0 ? 0 : $0 + skipped)
        }
      }
    }
  }

  private static func byteOrderMarkCount(_ bytes: [UInt8]) -> Int {
    bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
}
