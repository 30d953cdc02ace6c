import SluiceSystem

/// A file's bytes in order, read into the input buffer of whichever worker has the turn.
///
/// Every byte of the file is used once, by ``use(_:_:)`` or ``drop(_:atMost:)``: `position` is the number of bytes accounted
/// for, and at the end equals the number of bytes read.
struct InputCursor: Sendable {
  private let source: ByteSource
  /// Bytes read ahead of what has been used, while no worker has the turn.
  private var leftover: [UInt8] = []
  /// Offset in the file of the next byte to be used.
  private(set) var position = 0
  /// Why reading stopped before the file's end, if it did, and where.
  private(set) var failure: (error: SystemError, offset: Int)?

  /// How much is read at a time if nothing says how much is needed. What a turn leaves over is copied twice, so where turns
  /// use little, as with small frames, little is read ahead.
  private var readAheadBytes = readAheadBytesMax
  private static let readAheadBytesMax = 128 << 10
  private static let readAheadBytesMin = 4 << 10
  /// `position` when the turn began.
  private var turnStart = 0

  init(source: ByteSource) { self.source = source }

  /// Whether all that was read has been used.
  var isAccountedFor: Bool { leftover.isEmpty && position == source.offset }

  /// What became of the file since it was opened, if anything did.
  func change() throws(SystemError) -> String? { try source.change() }

  /// Begins a worker's turn: its input buffer takes what was read ahead.
  mutating func begin(_ buffers: inout WorkerBuffers) {
    turnStart = position
    buffers.input.reserve(leftover.count, keeping: 0)
    buffers.input.write(leftover, at: 0)
    buffers.filled = leftover.count
    buffers.cursor = 0
  }

  /// Ends a worker's turn.
  mutating func end(_ buffers: borrowing WorkerBuffers) {
    readAheadBytes = min(Self.readAheadBytesMax, max(Self.readAheadBytesMin, 4 * (position - turnStart)))
    leftover = buffers.input.view(buffers.cursor..<buffers.filled).array
  }

  /// Makes `count` bytes available behind the cursor; false if the file ends, or reading fails, before.
  ///
  /// - Parameter readAheadMax: more than is needed is read only if little is, and up to this.
  mutating func need(_ count: Int, _ buffers: inout WorkerBuffers, readAheadMax: Int = readAheadBytesMax)
    -> Bool
  {
    while available(buffers) < count {
      // After a failure nothing is tried again: what followed it might be from another place.
      if failure != nil { return false }
      let missing = count - available(buffers)
      let ahead = min(readAheadBytes, max(missing, readAheadMax))
      let selection = missing < readAheadBytes / 2 ? ahead : missing
      buffers.input.reserve(buffers.filled + selection, keeping: buffers.filled)
      do throws(SystemError) {
        let read = try source.read(into: &buffers.input, at: buffers.filled, count: selection)
        if read == 0 { return false }
        buffers.filled += read
      } catch {
        failure = (error, source.offset)
        return false
      }
    }
    return true
  }

  func available(_ buffers: borrowing WorkerBuffers) -> Int { buffers.filled - buffers.cursor }

  /// The bytes behind the cursor, which stay unused. - Precondition: they are available.
  func peek(_ range: Range<Int>, _ buffers: borrowing WorkerBuffers) -> UnsafeBytes {
    precondition(range.upperBound <= available(buffers))
    return buffers.input.view(buffers.cursor + range.lowerBound..<buffers.cursor + range.upperBound)
  }

  func peek32(_ buffers: borrowing WorkerBuffers) -> UInt32 { littleEndian(peek(0..<4, buffers), at: 0) }

  /// Uses bytes and returns where they lie in the input buffer. - Precondition: they are available.
  @discardableResult
  mutating func use(_ count: Int, _ buffers: inout WorkerBuffers) -> Range<Int> {
    precondition(count <= available(buffers))
    let range = buffers.cursor..<buffers.cursor + count
    buffers.cursor += count
    position += count
    return range
  }

  mutating func use32(_ buffers: inout WorkerBuffers) -> UInt32 {
    let word = peek32(buffers)
    use(4, &buffers)
    return word
  }

  /// Uses up to `count` bytes, all there are if nil, without keeping them. What was used before stays in the buffer.
  ///
  /// - Returns: how many bytes that were.
  mutating func drop(_ buffers: inout WorkerBuffers, atMost count: Int? = nil) -> Int {
    let keep = buffers.cursor
    var dropped = use(min(available(buffers), count ?? .max), &buffers).count
    if buffers.cursor == buffers.filled, failure == nil {
      (buffers.cursor, buffers.filled) = (keep, keep)
      // Of a file nobody need read what is not used.
      do throws(SystemError) {
        let skipped = try source.skip((count ?? .max) - dropped)
        position += skipped
        dropped += skipped
      } catch {
        failure = (error, source.offset)
      }
    }
    while dropped < count ?? .max, need(1, &buffers) {
      dropped += use(min(available(buffers), (count ?? .max) - dropped), &buffers).count
      if buffers.cursor == buffers.filled { (buffers.cursor, buffers.filled) = (keep, keep) }
    }
    return dropped
  }
}
