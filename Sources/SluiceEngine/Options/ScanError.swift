import SluiceRecords

/// Reason why a run has no result.
public enum ScanError: Error, CustomStringConvertible {
  case tooMuch(totalBytesMax: Int)
  /// A failure to write observations to disk.
  case noRoom(String)
  case partial(PartialError)
  /// A folder of partials that is inside the scanned paths, or that cannot be read or written.
  case cacheFolder(String)
  /// A byte range that cannot be read alone: of several files, or of a file that cannot be split.
  case range(String)

  public var description: String {
    switch self {
    case .tooMuch(let totalBytesMax):
      "the archive decompresses to more than \(NumberFormat.count(totalBytesMax, "byte")); allow more with --max-total, if this is right"
    case .noRoom(let message): "\(message); allow more with --memory, or name a roomier folder in TMPDIR"
    case .partial(let error): error.description
    case .cacheFolder(let message), .range(let message): message
    }
  }
}
