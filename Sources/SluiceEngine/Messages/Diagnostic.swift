import SluiceRecords

/// Something about a run that a person should know, and apart from the words what programs may want of it.
public struct Diagnostic: Sendable, ExpressibleByStringInterpolation {
  public var text: SafeText
  /// Integers and texts by name; texts are as the archive and the names of its files hold them.
  public var values: [String: Value]

  public init(_ text: SafeText, _ values: [String: Value] = [:]) {
    self.text = text
    self.values = values
  }

  public init(stringLiteral value: String) { self.init(SafeText(stringLiteral: value)) }

  public init(stringInterpolation: SafeText.StringInterpolation) {
    self.init(SafeText(stringInterpolation: stringInterpolation))
  }
}
