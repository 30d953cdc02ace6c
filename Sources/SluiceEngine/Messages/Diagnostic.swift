import SluiceRecords

/// A message about a run for people, with its values for programs.
public struct Diagnostic: Sendable, ExpressibleByStringInterpolation {
  public var text: SafeText
  /// Integers and texts by name. Texts are exactly as in the archive and in the names of its files.
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
