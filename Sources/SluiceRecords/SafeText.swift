/// Text that is safe to show on a terminal, whatever the log or a file name contains.
///
/// Log text and file names reach people only in this form. Control characters, and characters that move, hide or
/// recolour text, become visible escapes, and so does a backslash. Values interpolated into a literal are escaped:
///     let line: SafeText = "\(problem.file), byte \(problem.offset)"
public struct SafeText: Sendable, CustomStringConvertible, ExpressibleByStringInterpolation {
  public let description: String

  public init(_ text: String) {
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

  public init(_ text: LogText) { self.init(text.description) }

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

  public init(stringLiteral value: String) { description = value }

  public init(stringInterpolation: StringInterpolation) { description = stringInterpolation.text }

  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    public init(literalCapacity: Int, interpolationCount: Int) {}

    public mutating func appendLiteral(_ literal: String) { text += literal }

    public mutating func appendInterpolation(_ safe: SafeText) { text += safe.description }

    public mutating func appendInterpolation(_ value: some Any) {
      text += SafeText(String(describing: value)).description
    }
  }

  /// Joins texts with a separator.
  public static func joined(_ texts: [SafeText], separator: SafeText = "") -> SafeText {
    var interpolation = StringInterpolation(literalCapacity: 0, interpolationCount: texts.count)
    interpolation.text = texts.map(\.description).joined(separator: separator.description)
    return SafeText(stringInterpolation: interpolation)
  }
}
