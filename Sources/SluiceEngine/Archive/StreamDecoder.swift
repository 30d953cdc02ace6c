import SluiceRecords

/// A decoder of streams, which are gzip members or zstd frames. Streams can only be read from front to back.
///
/// A decoder is Sendable because it is used only under its file's lock.
protocol StreamDecoder: AnyObject, Sendable {
  /// The name of a stream in messages.
  var streamName: String { get }

  /// Decodes the stream that begins in the input, or continues the current one.
  ///
  /// - Parameters:
  ///   - input: empty to ask for decoded bytes that had no room before.
  ///   - output: not empty.
  func decode(_ input: UnsafeBytes, into output: UnsafeMutableBufferPointer<UInt8>) -> StreamStep

  /// Whether the last decoded stream had a checksum that was verified.
  var isVerified: Bool { get }
}

/// The progress made by one call of ``StreamDecoder/decode(_:into:)``.
struct StreamStep {
  enum State: Equatable {
    /// The decoder needs more input or more room.
    case more
    /// The stream has ended; the next call begins another one.
    case end
    /// The stream has ended, but its content does not match its checksum or length.
    case mismatched
    /// The rest of the stream, and everything after it in the file, is lost.
    case damaged(reason: Reason, message: String)
  }

  var used: Int
  var written: Int
  var state: State
}
