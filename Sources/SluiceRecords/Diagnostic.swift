/// A message about a run for people, with its values for programs.
package struct Diagnostic: Sendable, ExpressibleByStringInterpolation {
  package var text: SafeText
  /// Integers and texts by name. Texts are exactly as in the archive and in the names of its files.
  package var values: [String: Value]

  package init(_ text: SafeText, _ values: [String: Value] = [:]) {
    self.text = text
    self.values = values
  }

  package init(stringLiteral value: String) { self.init(SafeText(stringLiteral: value)) }

  package init(stringInterpolation: SafeText.StringInterpolation) {
    self.init(SafeText(stringInterpolation: stringInterpolation))
  }
}
