import SluiceSystem

/// Joins what crosses from one range into another: lines, and what is spread over several lines.
///
/// A range gives the bytes before its first newline and those behind its last, and in between the lines that are not whole by
/// themselves; ranges arrive in any order and are joined in theirs. Whoever brings the missing piece gets the records to scan.
///
/// What came too early is kept until its turn. If that is much, as where lines are longer than ranges, whoever brought it
/// waits, so that memory stays flat. The earliest range never waits, so it moves on.
final class Seams: Sendable {
  /// Bytes of a range, and where they lie in the file.
  struct Text {
    var bytes: [UInt8]
    var places: Places
  }

  /// What a range leaves over, in the order of its bytes.
  enum Piece {
    /// A part of a line.
    case part(Text)
    case newline
    /// Lines with their newlines, none of which is whole by itself or blank unless it is too long; blank ones between
    /// them. They have been counted as lines.
    case lines(Text)
    /// Lines that are whole by themselves, and have been scanned.
    case wholeLines
    /// Bytes here could not be used: what stands on either side of it may be half a line.
    case hole
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
    /// Why it is no event, if that is known.
    var fault: Fault?
  }

  /// What is whole now, for whoever joined it.
  struct Joined {
    /// None is blank.
    var lines: [Line] = []
    /// Lines that came in parts.
    var lineCount = 0
    /// Blank lines among these.
    var blankLineCount = 0
    /// Of all lines that were given.
    var linesWithoutRecord = 0
    var recordsBeyondLines = 0
  }

  /// A line of which parts are there.
  private struct OpenLine {
    var bytes: [UInt8] = []
    /// nil while there are no bytes.
    var places: Places?
    /// All bytes, also those beyond the limit that were not kept.
    var count = 0
    var followsHole = false
    /// Nothing but white space in all its bytes.
    var isBlank = true
  }

  private struct State {
    var waiting: [Int: [Piece]] = [:]
    var waitingBytes = 0
    var next = 0
    var rangeCount: Int?
    var endsInHole = false
    var open = OpenLine()
    var isFirstLine = true
    var flushed = false
    var splitter: PageSplitter
    var joined = Joined()

    mutating func takeJoined() -> Joined {
      defer { joined = Joined() }
      let found = splitter.take()
      joined.lines = found.lines
      joined.linesWithoutRecord = found.linesWithoutRecord
      joined.recordsBeyondLines = found.recordsBeyondLines
      return joined
    }
  }

  private let state: Monitor<State>
  private let lineBytesMax: Int
  private let waitingBytesMax: Int

  init(lineBytesMax: Int) {
    self.lineBytesMax = lineBytesMax
    waitingBytesMax = 4 * lineBytesMax
    state = Monitor(State(splitter: PageSplitter(recordBytesMax: lineBytesMax)))
  }

  /// Takes what a range left over. - Returns: what is now whole.
  func join(sequence: Int, _ pieces: [Piece]) -> Joined {
    let (joined, isMuch) = state.withLock { state in
      state.waiting[sequence] = pieces
      state.waitingBytes += Self.byteCount(pieces)
      let isMuch = state.waitingBytes > waitingBytesMax
      while let pieces = state.waiting.removeValue(forKey: state.next) {
        state.next += 1
        state.waitingBytes -= Self.byteCount(pieces)
        for piece in pieces { take(piece, &state) }
      }
      flush(&state)
      return (state.takeJoined(), isMuch)
    }
    // Others wait only if it was much before this range took its turn.
    if isMuch {
      state.broadcast()
      state.wait { $0.next > sequence || $0.waitingBytes <= waitingBytesMax }
    }
    return joined
  }

  private static func byteCount(_ pieces: [Piece]) -> Int {
    pieces.reduce(0) { count, piece in
      switch piece {
      case .part(let text), .lines(let text): count + text.bytes.count
      case .newline, .wholeLines, .hole: count
      }
    }
  }

  /// Says how many ranges the stream had. What is left then is given out by whoever joins last, or by ``rest()``.
  func finish(rangeCount: Int, endsInHole: Bool) {
    state.withLock {
      $0.rangeCount = rangeCount
      $0.endsInHole = endsInHole
    }
  }

  /// The stream's last line, if it has not been given out yet and all ranges are in.
  func rest() -> Joined {
    state.withLock { state in
      flush(&state)
      return state.takeJoined()
    }
  }

  /// Whether every range has been joined and nothing is left over.
  var isFlushed: Bool { state.withLock { $0.flushed } }

  private func flush(_ state: inout State) {
    guard state.next == state.rangeCount, !state.flushed else { return }
    state.flushed = true
    close(&state, hasNewline: false, precedesHole: state.endsInHole)
    state.splitter.end()
  }

  // MARK: Pieces

  private func take(_ piece: Piece, _ state: inout State) {
    switch piece {
    case .part(let text):
      if !text.bytes.isEmpty { take(text, &state) }
    case .newline:
      close(&state, hasNewline: true, precedesHole: false)
    case .lines(let text):
      withBytes(text.bytes) { lines(of: $0, text.places, &state.splitter) }
    case .wholeLines:
      state.splitter.wholeLine()
    case .hole:
      close(&state, hasNewline: false, precedesHole: true)
      state.splitter.hole()
      state.open.followsHole = true
    }
  }

  private func lines(of bytes: UnsafeBytes, _ places: Places, _ splitter: inout PageSplitter) {
    var start = 0
    while start < bytes.count {
      let end = start + (bytes[start..<bytes.count].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count - start)
      let line = bytes[start..<end]
      let position = { places.position(of: start + $0) }
      if line.count > lineBytesMax {
        splitter.beginLong(followsHole: false)
        splitter.long(line, position: position)
        splitter.endLong(isBlank: false, position: position(0), count: line.count)
      } else if !line.isBlank {
        splitter.line(line, position: position)
      }
      start = end + 1
    }
  }

  /// Adds a part to the open line. When that becomes too long to be a record its bytes go on to the splitter as they come.
  private func take(_ part: Text, _ state: inout State) {
    let wasLong = state.open.count > lineBytesMax
    if state.open.places == nil {
      state.open.places = part.places
    } else {
      state.open.places?.append(part.places, at: state.open.count)
    }
    state.open.isBlank = state.open.isBlank && part.bytes.allSatisfy(Self.isSpace)
    state.open.count += part.bytes.count
    if wasLong {
      withBytes(part.bytes) { state.splitter.long($0, position: part.places.position) }
      return
    }
    state.open.bytes += part.bytes
    if state.open.count > lineBytesMax {
      let skipped = state.isFirstLine ? Self.byteOrderMarkCount(state.open.bytes) : 0
      state.splitter.beginLong(followsHole: state.open.followsHole)
      let places = state.open.places ?? part.places
      withBytes(state.open.bytes) { bytes in
        state.splitter.long(bytes[skipped..<bytes.count]) { places.position(of: $0 + skipped) }
      }
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
    defer { state.isFirstLine = false }
    guard let places = open.places else {
      state.joined.blankLineCount += 1
      return
    }
    if open.count > lineBytesMax {
      state.joined.blankLineCount += open.isBlank ? 1 : 0
      state.splitter.endLong(
        isBlank: open.isBlank, position: places.position(of: 0), count: open.count)
      return
    }
    let skipped = state.isFirstLine ? Self.byteOrderMarkCount(open.bytes) : 0
    withBytes(open.bytes) { bytes in
      let line = bytes[skipped..<bytes.count]
      if line.isBlank {
        state.joined.blankLineCount += 1
      } else {
        state.splitter.line(line, followsHole: open.followsHole, precedesHole: precedesHole) {
          places.position(of: $0 == 0 ? 0 : $0 + skipped)
        }
      }
    }
  }

  private static func byteOrderMarkCount(_ bytes: [UInt8]) -> Int {
    bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
}
