import SluiceSystem

/// Joins the lines that cross from one range into another.
///
/// A range gives the bytes before its first newline and those behind its last; ranges arrive in any order and are
/// joined in theirs. Whoever brings the missing piece gets the line to scan.
///
/// What came too early is kept until its turn. If that is much, as where lines are longer than ranges, whoever brought it
/// waits, so that memory stays flat. The earliest range never waits, so it moves on.
final class Seams: Sendable {
  /// What a range leaves over, in the order of its bytes.
  enum Piece {
    case bytes([UInt8], Position)
    case newline
    /// Bytes here could not be used: what stands on either side of it may be half a line.
    case hole
  }

  struct Line {
    var bytes: [UInt8]
    var position: Position
    /// All bytes, also those beyond the limit that were not kept.
    var count: Int
    var followsHole: Bool
    var precedesHole: Bool
    /// Nothing but white space in all its bytes.
    var isBlank: Bool
  }

  private struct State {
    var waiting: [Int: [Piece]] = [:]
    var waitingBytes = 0
    var next = 0
    var rangeCount: Int?
    var endsInHole = false
    var open = Line(
      bytes: [], position: Position(fileOffset: 0, offsetInBlock: 0), count: 0, followsHole: false,
      precedesHole: false,
      isBlank: true)
    var isFirstLine = true
    var flushed = false
  }

  private let state = Monitor(State())
  private let lineBytesMax: Int
  private let waitingBytesMax: Int

  init(lineBytesMax: Int) {
    self.lineBytesMax = lineBytesMax
    waitingBytesMax = 4 * lineBytesMax
  }

  /// Takes what a range left over. - Returns: the lines that are now whole.
  func join(sequence: Int, _ pieces: [Piece]) -> [Line] {
    let (lines, isMuch) = state.withLock { state in
      state.waiting[sequence] = pieces
      state.waitingBytes += Self.byteCount(pieces)
      var lines: [Line] = []
      let isMuch = state.waitingBytes > waitingBytesMax
      while let pieces = state.waiting.removeValue(forKey: state.next) {
        state.next += 1
        state.waitingBytes -= Self.byteCount(pieces)
        for piece in pieces { take(piece, &state, &lines) }
      }
      flush(&state, &lines)
      return (lines, isMuch)
    }
    // Others wait only if it was much before this range took its turn.
    if isMuch {
      state.broadcast()
      state.wait { $0.next > sequence || $0.waitingBytes <= waitingBytesMax }
    }
    return lines
  }

  private static func byteCount(_ pieces: [Piece]) -> Int {
    pieces.reduce(0) { count, piece in
      if case .bytes(let bytes, _) = piece { return count + bytes.count }
      return count
    }
  }

  /// Says how many ranges the stream had. The last line is given out by whoever joins last, or by ``rest()``.
  func finish(rangeCount: Int, endsInHole: Bool) {
    state.withLock {
      $0.rangeCount = rangeCount
      $0.endsInHole = endsInHole
    }
  }

  /// The stream's last line, if it has not been given out yet and all ranges are in.
  func rest() -> [Line] {
    state.withLock { state in
      var lines: [Line] = []
      flush(&state, &lines)
      return lines
    }
  }

  /// Whether every range has been joined and nothing is left over.
  var isFlushed: Bool { state.withLock { $0.flushed } }

  private func flush(_ state: inout State, _ lines: inout [Line]) {
    guard state.next == state.rangeCount, !state.flushed else { return }
    state.flushed = true
    state.open.precedesHole = state.endsInHole
    close(&state, &lines, hasNewline: false)
  }

  private func take(_ piece: Piece, _ state: inout State, _ lines: inout [Line]) {
    switch piece {
    case .bytes(let bytes, let position):
      if bytes.isEmpty { return }
      if state.open.count == 0 { state.open.position = position }
      state.open.count += bytes.count
      state.open.isBlank = state.open.isBlank && bytes.allSatisfy(Self.isSpace)
      // One byte more than allowed is kept, by which the line is known to be too long.
      state.open.bytes.append(contentsOf: bytes.prefix(lineBytesMax + 1 - state.open.bytes.count))
    case .newline:
      close(&state, &lines, hasNewline: true)
    case .hole:
      state.open.precedesHole = true
      close(&state, &lines, hasNewline: false)
      state.open.followsHole = true
    }
  }

  private func close(_ state: inout State, _ lines: inout [Line], hasNewline: Bool) {
    var line = state.open
    if state.isFirstLine, line.bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      line.bytes.removeFirst(3)
      line.count -= 3
      line.isBlank = line.count == line.bytes.count && line.bytes.allSatisfy(Self.isSpace)
    }
    // Without a newline there is a line only if there are bytes.
    if hasNewline || state.open.count > 0 {
      lines.append(line)
      state.isFirstLine = false
    }
    state.open.bytes = []
    state.open.count = 0
    state.open.followsHole = false
    state.open.precedesHole = false
    state.open.isBlank = true
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
}
