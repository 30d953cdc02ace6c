import SluiceRecords

/// Reason why a run has no result.
public enum ScanError: Error, CustomStringConvertible {
  case tooMuch(totalBytesMax: Int)
  /// A failure to write observations to disk.
  case noRoom(String)
  case partial(PartialError)
  /// A mismatch between partials and a request for them.
  case unexpected(String)

  public var description: String {
    switch self {
    case .tooMuch(let totalBytesMax):
      "the archive decompresses to more than \(NumberFormat.count(totalBytesMax, "byte")); allow more with --max-total, if this is right"
    case .noRoom(let message): "\(message); allow more with --memory, or name a roomier folder in TMPDIR"
    case .partial(let fault): fault.description
    case .unexpected(let message): message
    }
  }
}
