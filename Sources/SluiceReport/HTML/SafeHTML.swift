import Mustache
import SluiceEngine
import SluiceRecords

/// The escaping of values in text and attributes: ``SafeText``'s escapes, and references for HTML's special characters.
///
/// The library's own escaping works by characters. To it, a `<` after certain letters or before a combining mark is a
/// different character from a bare `<`. This escaping works by scalars, as browsers do.
struct SafeHTML: MustacheContentType {
  static let name = "SAFE_HTML"

  func escapeText(_ text: String) -> String {
    var html = ""
    for scalar in SafeText(text).description.unicodeScalars {
      switch scalar {
      case "<": html += "&lt;"
      case ">": html += "&gt;"
      case "&": html += "&amp;"
      case "\"": html += "&quot;"
      case "'": html += "&#39;"
      default: html.unicodeScalars.append(scalar)
      }
    }
    return html
  }
}
