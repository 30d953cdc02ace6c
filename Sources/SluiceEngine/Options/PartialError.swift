/// Reason why a partial cannot be used.
package struct PartialError: Error, Equatable, CustomStringConvertible {
  /// Path of the partial's file; nil where it is not known yet.
  package var file: String?
  /// Offset of the frame in its file.
  package var offset: Int?
  package var message: String

  init(_ message: String, offset: Int? = nil, file: String? = nil) {
    self.message = message
    self.offset = offset
    self.file = file
  }

  /// Returns the same error with its location, unless it already has one.
  func at(_ offset: Int? = nil, of file: String) -> PartialError {
    PartialError(message, offset: self.offset ?? offset, file: self.file ?? file)
  }

  package var description: String {
    (file.map { "\($0): " } ?? "") + (offset.map { "at byte \($0): " } ?? "") + message
  }
}
