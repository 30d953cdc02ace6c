/// A text with placeholders for values: `from {client_ip|unknown}`.
///
/// A brace before a letter opens a placeholder. The name ends at `|` or `}`; the text after `|` replaces null. `{{` is
/// a literal brace. A brace that no letter follows is also literal, because texts may look like JSON.
struct TemplateText {
  enum Part: Equatable {
    case text(String)
    case placeholder(String, null: String)
  }

  private(set) var parts: [Part] = []

  init(_ text: String) {
    let scalars = Array(text.unicodeScalars)
    var plain = String.UnicodeScalarView()
    var at = 0
    while at < scalars.count {
      let next = at + 1 < scalars.count ? scalars[at + 1] : " "
      if scalars[at] == "{", next == "{" {
        plain.append("{")
        at += 2
      } else if scalars[at] == "{", Lexer.beginsName(next),
        let end = scalars[at...].firstIndex(of: "}")
      {
        let inside = scalars[at + 1..<end]
        let bar = inside.firstIndex(of: "|") ?? end
        if !plain.isEmpty { parts.append(.text(String(plain))) }
        plain = String.UnicodeScalarView()
        parts.append(
          .placeholder(
            String(String.UnicodeScalarView(inside[..<bar])),
            null: String(String.UnicodeScalarView(inside[bar...].dropFirst()))))
        at = end + 1
      } else {
        plain.append(scalars[at])
        at += 1
      }
    }
    if !plain.isEmpty { parts.append(.text(String(plain))) }
  }
}
