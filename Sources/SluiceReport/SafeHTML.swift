import Mustache
import SluiceEngine

/// How values become text and attributes of the page: as ``SafeText`` makes them visible, and with references for what HTML
/// takes for its own.
///
/// The library's own escaping goes by characters, and a `<` that some letters precede or a combining mark follows is
/// another character to it than `<` alone. This one goes by scalars, as browsers do.
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
