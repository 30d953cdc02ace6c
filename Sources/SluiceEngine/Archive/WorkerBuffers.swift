/// The memory of one worker that does not depend on the archive: compressed bytes in, decoded bytes out.
struct WorkerBuffers: ~Copyable {
  /// Maximum number of bytes to which linked blocks refer back.
  static let historyBytes = 64 << 10

  var input: UnsafeBuffer
  var output: UnsafeBuffer
  /// Number of input bytes read, and of those used so far, in this range.
  var filled = 0
  var cursor = 0

  /// - Parameter rangeBytes: the capacity at first. Both buffers grow when needed.
  init(rangeBytes: Int = 1 << 20) {
    input = UnsafeBuffer(capacity: rangeBytes)
    output = UnsafeBuffer(capacity: Self.historyBytes + rangeBytes)
  }

  borrowing func view(_ segment: DecodedSegment) -> UnsafeBytes {
    switch segment.memory {
    case .input: input.view(segment.bytes)
    case .output: output.view(segment.bytes)
    }
  }

  /// Returns the segment's buffer from its first byte, so that offsets of the segment count from a 64-byte boundary.
  borrowing func whole(_ segment: DecodedSegment) -> UnsafeBytes {
    switch segment.memory {
    case .input: input.view(0..<segment.bytes.upperBound)
    case .output: output.view(0..<segment.bytes.upperBound)
    }
  }
}
