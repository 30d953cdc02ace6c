import SluiceSystem

/// A cursor over a file's bytes, which are read in order into the input buffer of the worker that has the turn.
///
/// Every byte of the file is used once, by ``use(_:_:)`` or ``drop(_:atMost:)``. `position` is the number of bytes
/// used so far, and at the end equals the number of bytes read.
struct InputCursor: Sendable {
  private let source: ByteSource
  /// Bytes that were read but not used, while no worker has the turn.
  private var leftover: [UInt8] = []
  /// Offset in the file of the next byte to be used.
  private(set) var position = 0
  /// The error that stopped reading before the file's end, if any, and its offset.
  private(set) var failure: (error: SystemError, offset: Int)?

  /// Number of bytes read at a time if it is not known how many are needed. The bytes left over by a turn are copied
  /// twice. Where turns use few bytes, as with small frames, few are read ahead.
  private var readAheadBytes = readAheadBytesMax
  private static let readAheadBytesMax = 128 << 10
  private static let readAheadBytesMin = 4 << 10
  /// The value of `position` when the turn began.
  private var turnStart = 0

  init(source: ByteSource) { self.source = source }

  /// Whether all bytes that were read have been used.
  var isAccountedFor: Bool { leftover.isEmpty && position == source.offset }

  /// Returns how the file has changed since it was opened, if it has.
  func change() throws(SystemError) -> String? { try source.change() }

  /// Begins a worker's turn. Its input buffer takes the bytes that were read ahead.
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

  /// Makes `count` bytes available after the cursor. Returns false if the file ends, or reading fails, before that.
  ///
  /// - Parameter readAheadMax: the limit of reading ahead. More bytes than needed are read only if few are needed.
  mutating func need(_ count: Int, _ buffers: inout WorkerBuffers, readAheadMax: Int = readAheadBytesMax)
    -> Bool
  {
    while available(buffers) < count {
      // Reading is not tried again after a failure, because the next bytes might come from another place.
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

  /// Returns bytes after the cursor without using them. - Precondition: they are available.
  func peek(_ range: Range<Int>, _ buffers: borrowing WorkerBuffers) -> UnsafeBytes {
    precondition(range.upperBound <= available(buffers))
    return buffers.input.view(buffers.cursor + range.lowerBound..<buffers.cursor + range.upperBound)
  }

  func peek32(_ buffers: borrowing WorkerBuffers) -> UInt32 { littleEndian(peek(0..<4, buffers), at: 0) }

  /// Uses bytes and returns their range in the input buffer. - Precondition: they are available.
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

  /// Uses up to `count` bytes, or all if it is nil, without keeping them. Bytes that were used before stay in the
  /// buffer.
  ///
  /// - Returns: the number of bytes that were used.
  mutating func drop(_ buffers: inout WorkerBuffers, atMost count: Int? = nil) -> Int {
    let keep = buffers.cursor
    var dropped = use(min(available(buffers), count ?? .max), &buffers).count
    if buffers.cursor == buffers.filled, failure == nil {
      (buffers.cursor, buffers.filled) = (keep, keep)
      // In a file, unused bytes need not be read.
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
