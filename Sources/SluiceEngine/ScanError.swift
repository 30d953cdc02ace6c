/// Why there is no result.
public enum ScanError: Error, CustomStringConvertible {
  case tooMuch(totalBytesMax: Int)

  public var description: String {
    switch self {
    case .tooMuch(let totalBytesMax):
      "the archive decompresses to more than \(totalBytesMax) bytes; allow more with --max-total, if this is right"
    }
  }
}
