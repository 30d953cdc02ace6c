/// Text that is safe to show on a terminal, whatever the log or a file name contains.
///
/// Log text and file names reach people only in this form. Control characters, and characters that move, hide or
/// recolour text, become visible escapes, and so does a backslash. Values interpolated into a literal are escaped:
///     let line: SafeText = "\(problem.file), byte \(problem.offset)"
package struct SafeText: Sendable, CustomStringConvertible, ExpressibleByStringInterpolation {
  package let description: String

  package init(_ text: String) {
    var safe = ""
    for scalar in text.unicodeScalars {
      if scalar == "\\" {
        safe += "\\\\"
      } else if Self.isPlain(scalar) {
        safe.unicodeScalars.append(scalar)
      } else {
        safe += "\\u{\(String(scalar.value, radix: 16))}"
      }
    }
    description = safe
  }

  package init(_ text: LogText) { self.init(text.description) }

  /// A text whose backslashes are not escaped; nil if it contains a character that needs an escape.
  package init?(plain text: String) {
    guard text.unicodeScalars.allSatisfy(Self.isPlain) else { return nil }
    description = text
  }

  package static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.properties.isDefaultIgnorableCodePoint { return false }
    return switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
    default: true
    }
  }

  // MARK: Literals, which are the program's own words

  package init(stringLiteral value: String) { description = value }

  package init(stringInterpolation: StringInterpolation) { description = stringInterpolation.text }

  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    package init(literalCapacity: Int, interpolationCount: Int) {}

    package mutating func appendLiteral(_ literal: String) { text += literal }

    package mutating func appendInterpolation(_ safe: SafeText) { text += safe.description }

    package mutating func appendInterpolation(_ value: some Any) {
      text += SafeText(String(describing: value)).description
    }
  }

  /// Joins texts with a separator.
  package static func joined(_ texts: [SafeText], separator: SafeText = "") -> SafeText {
    var interpolation = StringInterpolation(literalCapacity: 0, interpolationCount: texts.count)
    interpolation.text = texts.map(\.description).joined(separator: separator.description)
    return SafeText(stringInterpolation: interpolation)
  }
}
