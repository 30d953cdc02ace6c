import SluiceRecords

/// Text that may be shown on a terminal, whatever the log or a file name holds.
///
/// The only way by which either reaches a person: control characters, and all that moves, hides or recolours text, become
/// visible escapes.
public struct SafeText: Sendable, CustomStringConvertible {
  public let description: String

  public init(_ text: String) {
    var safe = ""
    for scalar in text.unicodeScalars {
      if Self.isPlain(scalar) {
        safe.unicodeScalars.append(scalar)
      } else {
        safe += "\\u{\(String(scalar.value, radix: 16))}"
      }
    }
    description = safe
  }

  public init(_ text: LogText) { self.init(text.description) }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
    default: true
    }
  }

  /// Cut to a number of characters, with a sign that it was.
  public func cut(to count: Int) -> String {
    description.count <= count ? description : String(description.prefix(max(0, count - 1))) + "…"
  }
}
