import SluiceRecords

/// A reader of the gzip members and zstd frames of one file. It begins one after the other, and decodes them piece by
/// piece.
struct StreamReader: Sendable {
  private let verifies: Bool
  /// Decoders, which are created when they are first needed.
  private var gzip: GzipDecoder?
  private var zstd: ZstdDecoder?
  private var open: Open?

  private struct Open {
    var decoder: any StreamDecoder
    /// Offset in the file where the stream starts.
    var offset: Int
    var decodedBytes = 0
  }

  /// The way in which a stream ended.
  enum End {
    case whole(isVerified: Bool)
    /// The content does not match the stream's checksum or length. The start of the next stream is known.
    case mismatched(message: String, offset: Int)
    /// The file ended inside the stream, or reading failed.
    case truncated(message: String)
    case damaged(reason: Reason, message: String, offset: Int)
  }

  init(verifies: Bool) { self.verifies = verifies }

  /// Offset in the file where the open stream starts, if none of it has been decoded.
  var begun: Int? { open.flatMap { $0.decodedBytes == 0 ? $0.offset : nil } }

  /// Returns whether a magic number is that of a stream.
  static func isMagic(_ magic: UInt32) -> Bool { magic == ZstdDecoder.magic || isGzip(magic) }

  private static func isGzip(_ magic: UInt32) -> Bool {
    GzipDecoder.magic.indices.allSatisfy {
      UInt8(truncatingIfNeeded: magic >> UInt32(8 * $0)) == GzipDecoder.magic[$0]
    }
  }

  /// Begins the stream that starts with a magic number. - Returns: the counter of its codec; nil if no stream starts
  /// with the number.
  mutating func begin(magic: UInt32, offset: Int) -> WritableKeyPath<CodecStats, Int>? {
    if magic == ZstdDecoder.magic {
      let decoder = zstd ?? ZstdDecoder(verifies: verifies)
      zstd = decoder
      open = Open(decoder: decoder, offset: offset)
      return \.zstd
    }
    if Self.isGzip(magic) {
      let decoder = gzip ?? GzipDecoder(verifies: verifies)
      gzip = decoder
      open = Open(decoder: decoder, offset: offset)
      return \.gzip
    }
    return nil
  }

  /// Decodes into the output buffer until it contains `byteCount` bytes or the stream ends.
  ///
  /// - Returns: the decoded bytes and, at the stream's end, how it ended and the header of a zstd frame.
  mutating func read(
    _ byteCount: Int, _ input: inout InputCursor, _ buffers: inout WorkerBuffers
  ) -> (decoded: BlockDecoder.Decoded, end: End?, header: ZstdHeader?) {
    guard var stream = open else { preconditionFailure("no stream is open") }
    let start = WorkerBuffers.historyBytes
    // The first piece is enough to recognise the content.
    let capacity = start + max(byteCount, stream.decodedBytes == 0 ? Codec.sampleBytes : 1)
    buffers.output.reserve(capacity, keeping: 0)
    var at = start
    var end: End?
    while end == nil, at < capacity {
      let isLast = !input.need(1, &buffers)
      let compressed = input.peek(0..<input.available(buffers), buffers)
      let step = buffers.output.withMemory(at..<capacity) { stream.decoder.decode(compressed, into: $0) }
      input.use(step.used, &buffers)
      at += step.written
      switch step.state {
      case .more:
        guard isLast, step.written == 0 else { continue }
        end = .truncated(
          message: "the file ends inside the \(stream.decoder.streamName) that starts at \(stream.offset)")
      case .end: end = .whole(isVerified: stream.decoder.isVerified)
      case .mismatched:
        let name = stream.decoder.streamName
        end = .mismatched(
          message: "the \(name)'s content does not match its checksum; its events are used, but may be wrong",
          offset: stream.offset)
      case .damaged(let reason, let message):
        // The place where the decoder noticed the damage depends on the size of its input.
        end = .damaged(reason: reason, message: message, offset: stream.offset)
      }
    }
    var decoded = BlockDecoder.Decoded(byteCount: at - start)
    if at > start {
      // The first byte is the stream's byte `decodedBytes`.
      let first = (start: start - stream.decodedBytes, fileOffset: stream.offset)
      decoded.segments = [DecodedSegment(memory: .output, bytes: start..<at, blocks: [first], isText: false)]
    }
    stream.decodedBytes += at - start
    open = end == nil ? stream : nil
    return (decoded, end, end == nil ? nil : (stream.decoder as? ZstdDecoder)?.header)
  }
}
