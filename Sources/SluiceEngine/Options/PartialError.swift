/// Reason why a partial cannot be used.
public struct PartialError: Error, Equatable, CustomStringConvertible {
  /// Path of the partial's file; nil where it is not known yet.
  public var file: String?
  /// Offset of the frame in its file.
  public var offset: Int?
  public var message: String

  init(_ message: String, offset: Int? = nil, file: String? = nil) {
    self.message = message
    self.offset = offset
    self.file = file
  }

  /// Returns the same error with its location, unless it already has one.
  func at(_ offset: Int? = nil, of file: String) -> PartialError {
    PartialError(message, offset: self.offset ?? offset, file: self.file ?? file)
  }

  public var description: String {
    (file.map { "\($0): " } ?? "") + (offset.map { "at byte \($0): " } ?? "") + message
  }
}
