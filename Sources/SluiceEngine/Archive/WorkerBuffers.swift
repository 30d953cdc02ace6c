/// The memory of one worker that does not depend on the archive: packed bytes in, decoded bytes out.
struct WorkerBuffers: ~Copyable {
  /// Linked blocks refer back to at most this many bytes.
  static let historyBytes = 64 << 10

  var input: UnsafeBuffer
  var output: UnsafeBuffer
  /// Input bytes read and used so far, in this range.
  var filled = 0
  var cursor = 0

  /// - Parameter rangeBytes: what to make room for at first; both grow with what comes.
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

  /// The run's buffer from its first byte, so that offsets of the run count from a 64-byte boundary.
  borrowing func whole(_ segment: DecodedSegment) -> UnsafeBytes {
    switch segment.memory {
    case .input: input.view(0..<segment.bytes.upperBound)
    case .output: output.view(0..<segment.bytes.upperBound)
    }
  }
}
