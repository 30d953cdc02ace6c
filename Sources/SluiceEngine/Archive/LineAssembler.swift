import SluiceSystem

/// Joins what crosses from one range into another: lines, and what is spread over several lines.
///
/// A range gives the bytes before its first newline and those behind its last, and in between the lines that are not whole by
/// themselves; ranges arrive in any order and are joined in theirs. Whoever brings the missing piece gets the records to scan.
///
/// What came too early is kept until its turn. If that is much, as where lines are longer than ranges, whoever brought it
/// waits, so that memory stays flat. The earliest range never waits, so it moves on.
final class LineAssembler: Sendable {
  /// Bytes of a range, and where they lie in the file.
  struct LocatedBytes {
    var bytes: [UInt8]
    var offsets: OffsetMap
  }

  /// What a range leaves over, in the order of its bytes.
  enum Fragment {
    /// A part of a line.
    case partialLine(LocatedBytes)
    case newline
    /// Lines with their newlines, none of which is whole by itself or blank unless it is too long; blank ones between
    /// them. They have been counted as lines.
    case fragmentLines(LocatedBytes)
    /// Lines that are whole by themselves, and have been scanned.
    case completeLines
    /// Bytes here could not be used: what stands on either side of it may be half a line.
    case hole
  }

  /// Whether a record that no rule may match is sampled (``FileSamples``).
  enum Sampling {
    case skips
    /// A sample that counts where no other line of the file was sampled.
    case fallsBack
    case counts
  }

  /// The text of one record, or of one line that the reader may find several in.
  struct Line {
    enum Fault {
      /// An event that does not end.
      case cut
      /// In a page, and no event.
      case page
      /// A page that does not end; its events are records by themselves.
      case openPage
    }

    var bytes: [UInt8]
    var position: Position
    /// All bytes, also those beyond the limit that were not kept.
    var count: Int
    var followsHole = false
    var precedesHole = false
    var sampling = Sampling.counts
    /// Whether it is one of several records of a line, or is spread over several lines.
    var isElement = false
    /// Why it is no event, if that is known.
    var fault: Fault?
  }

  /// What is whole now, for whoever joined it.
  struct Batch {
    /// None is blank.
    var lines: [Line] = []
    /// Lines that came in parts.
    var lineCount = 0
    /// Blank lines among these.
    var blankLineCount = 0
    /// Of all lines that were given.
    var linesWithoutRecord = 0
    var recordsBeyondLines = 0
    /// Whether ``LineAssembler/nextBatch()`` has records at once.
    var hasMore = false
  }

  /// Records after which what is whole is given out before more is joined.
  ///
  /// A line beyond the limit may hold millions of tiny records, each of which takes 50 times its bytes.
  private static let recordsAtOnceMax = 4096
  /// Bytes of a line beyond the limit that are gone through at once.
  private static let longBytesAtOnceMax = 16 << 10
  /// Bytes of lines that are gone through at once, and the rest of the last one.
  private static let lineBytesAtOnce = 64 << 10

  /// A step of the joining that has not been taken.
  private enum Step {
    case piece(Fragment)
    /// Lines from an offset on, of which those before have been taken.
    case lines(LocatedBytes, from: Int)
    /// Bytes of a line beyond the limit, from an offset on.
    case long(LocatedBytes, from: Int)
  }

  /// A line of which parts are there.
  private struct OpenLine {
    var bytes: [UInt8] = []
    /// nil while there are no bytes.
    var offsets: OffsetMap?
    /// All bytes, also those beyond the limit that were not kept.
    var count = 0
    var followsHole = false
    /// Nothing but white space in all its bytes.
    var isBlank = true
  }

  private struct State {
    var waiting: [Int: [Fragment]] = [:]
    var waitingBytes = 0
    var next = 0
    /// What is left of the ranges before the next one, the first step last.
    var steps: [Step] = []
    var rangeCount: Int?
    var endsInHole = false
    var open = OpenLine()
    var isFirstLine = true
    var followsWholeLine = false
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

  /// Takes what a range left over.
  ///
  /// - Returns: what is now whole, or some of it; ``nextBatch()`` returns the rest.
  func join(sequence: Int, _ pieces: [Fragment]) -> Batch {
    let (joined, isMuch) = state.withLock { state in
      state.waiting[sequence] = pieces
      state.waitingBytes += Self.byteCount(pieces)
      let isMuch = state.waitingBytes > waitingBytesMax
      return (advance(&state), isMuch)
    }
    // Others wait only if it was much before this range took its turn.
    if isMuch {
      state.broadcast()
      state.wait { $0.next > sequence || $0.waitingBytes <= waitingBytesMax }
    }
    return joined
  }

  /// What else is whole, if something returned by ``join(sequence:_:)``, ``remainingBatch()`` or this said that there is more.
  func nextBatch() -> Batch {
    let (joined, isMuch) = state.withLock { state in
      let isMuch = state.waitingBytes > waitingBytesMax
      return (advance(&state), isMuch)
    }
    if isMuch { state.broadcast() }
    return joined
  }

  /// Joins what can be joined, up to ``recordsAtOnceMax`` records or a little more.
  private func advance(_ state: inout State) -> Batch {
    while state.parser.foundCount < Self.recordsAtOnceMax {
      if let step = state.steps.popLast() {
        take(step, &state)
      } else if let pieces = state.waiting.removeValue(forKey: state.next) {
        state.next += 1
        state.waitingBytes -= Self.byteCount(pieces)
        state.steps = pieces.reversed().map { .piece($0) }
      } else {
        flush(&state)
        break
      }
    }
    return state.takeBatch()
  }

  private static func byteCount(_ pieces: [Fragment]) -> Int {
    pieces.reduce(0) { count, piece in
      switch piece {
      case .partialLine(let text), .fragmentLines(let text): count + text.bytes.count
      case .newline, .completeLines, .hole: count
      }
    }
  }

  /// Says how many ranges the stream had. What is left then is given out by whoever joins last, or by ``remainingBatch()``.
  func finish(rangeCount: Int, endsInHole: Bool) {
    state.withLock {
      $0.rangeCount = rangeCount
      $0.endsInHole = endsInHole
    }
  }

  /// The stream's last line, if it has not been given out yet and all ranges are in.
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
    case .piece(.partialLine(let text)):
      if !text.bytes.isEmpty { take(text, &state) }
    case .piece(.newline):
      close(&state, hasNewline: true, precedesHole: false)
    case .piece(.fragmentLines(let text)):
      state.steps.append(.lines(text, from: 0))
    case .piece(.completeLines):
      state.parser.wholeLine()
      state.followsWholeLine = true
    case .piece(.hole):
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

  /// Takes some of the lines that begin at an offset. - Returns: where those begin that are left for another step.
  private func lines(of text: LocatedBytes, from first: Int, _ parser: inout PageParser) -> Int {
    // Whole lines, since only what is gone through is copied.
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

  /// Adds a part to the open line. When that becomes too long to be a record its bytes go on to the splitter as they come.
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
    // Without a newline there is a line only if there are bytes.
    guard hasNewline || open.count > 0 else { return }
    state.joined.lineCount += 1
    defer {
      state.isFirstLine = false
      state.followsWholeLine = false
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
          followsWholeLine: state.followsWholeLine
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
