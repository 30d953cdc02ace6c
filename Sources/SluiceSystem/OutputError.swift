/// The reason why a result could not be written.
package struct OutputError: Error, CustomStringConvertible {
  package var path: String
  var action: String
  var reason: String
  /// Whether the request was wrong, as opposed to a failure of the system.
  package var isWrongUsage = false
  /// Targets that contain the new result nevertheless.
  var replaced: [String] = []

  package var description: String {
    let already = replaced.map { "; \($0) already holds the new result" }.joined()
    return "cannot \(action) \(path): \(reason)\(already)"
  }
}
