/// Decodes streams, gzip members or zstd frames, which can be read from front to back only.
///
/// Sendable since it is used under its file's lock only.
protocol StreamDecoder: AnyObject, Sendable {
  /// What messages call one stream.
  var streamName: String { get }

  /// Decodes the stream that begins in the input, or goes on with it.
  ///
  /// - Parameters:
  ///   - input: empty to ask for what has been decoded and had no room.
  ///   - output: not empty.
  func decode(_ input: UnsafeBytes, into output: UnsafeMutableBufferPointer<UInt8>) -> StreamStep

  /// Whether what was decoded last had a checksum that was looked at.
  var isVerified: Bool { get }
}

/// How far a call of ``StreamDecoder/decode(_:into:)`` came.
struct StreamStep {
  enum State: Equatable {
    /// It needs more input, or more room.
    case more
    /// The stream has ended; the next call begins another one.
    case end
    /// The same, but what was decoded is not what the stream's checksum or length says.
    case mismatched
    /// The rest of the stream cannot be had, nor what lies behind it in the file.
    case damaged(reason: String, message: String)
  }

  var used: Int
  var written: Int
  var state: State
}
