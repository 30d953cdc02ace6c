/// Why a result could not be written.
public struct OutputError: Error, CustomStringConvertible {
  public var path: String
  var action: String
  var reason: String
  /// Whether it lies in what was asked for, not in what the system did.
  public var isWrongUsage = false
  /// Places that hold the new result nevertheless.
  var replaced: [String] = []

  public var description: String {
    let already = replaced.map { "; \($0) already holds the new result" }.joined()
    return "cannot \(action) \(path): \(reason)\(already)"
  }
}
