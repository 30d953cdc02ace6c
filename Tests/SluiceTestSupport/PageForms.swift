/// A way in which shippers and tools write events over several lines, or several into one.
public struct PageForm: Sendable, CustomStringConvertible {
  public let name: String
  /// Returns the whole text of the given events, each of which is valid JSON on one line; it ends with a newline.
  public let write: @Sendable ([[UInt8]]) -> [UInt8]

  public var description: String { name }

  public static let all: [PageForm] =
    ["", " ", "  ", "    ", "\t"].flatMap { indent -> [PageForm] in
      let name = indent.isEmpty ? "none" : indent == "\t" ? "a tab" : "\(indent.count)"
      return [
        PageForm(name: "page, indent \(name)") { page($0, indent: indent) },
        PageForm(name: "objects, indent \(name)") { joined($0.map { pretty($0, indent: indent) }, "\n") },
        PageForm(name: "objects back to back, indent \(name)") {
          joined($0.map { pretty($0, indent: indent) }, "")
        },
      ]
    } + [
      PageForm(name: "page, CRLF") { crlf(page($0, indent: "  ")) },
      PageForm(name: "objects, CRLF") { crlf(joined($0.map { pretty($0, indent: " ") }, "\n")) },
      PageForm(name: "page, blank lines between all others") { events in
        page(events, indent: "  ").flatMap { $0 == UInt8(ascii: "\n") ? [$0, 0x20, $0] : [$0] }
      },
      PageForm(name: "page, an event a line") { bracketed(joined($0, ",\n"), "[\n", "\n]") },
      PageForm(name: "page, an event a line, indented") { bracketed(joined($0, ",\n  "), "[\n  ", "\n]") },
      PageForm(name: "page, an event a line, brackets beside them") {
        bracketed(joined($0, ",\n"), "[", "]")
      },
      PageForm(name: "page, commas first") { bracketed(joined($0, "\n,"), "[\n", "\n]") },
      PageForm(name: "page, commas first, bracket beside the first") {
        bracketed(joined($0, "\n,"), "[", "\n]")
      },
      PageForm(name: "page, no commas") { bracketed(joined($0, "\n"), "[\n", "\n]") },
      PageForm(name: "page, braces that share lines") { events in
        bracketed(joined(events.map { pretty($0, indent: "  ").dropLast() }, ", "), "[", "]")
      },
    ]

  /// Returns the events, pretty-printed as one array.
  private static func page(_ events: [[UInt8]], indent: String) -> [UInt8] {
    events.isEmpty
      ? Array("[\n]\n".utf8) : pretty(bracketed(joined(events, ","), "[", "]"), indent: indent)
  }

  private static func joined(_ texts: [some Sequence<UInt8>], _ separator: String) -> [UInt8] {
    let bytes = Array(texts.map(Array.init).joined(separator: Array(separator.utf8)))
    return bytes.isEmpty || bytes.last == UInt8(ascii: "\n") ? bytes : bytes + [UInt8(ascii: "\n")]
  }

  private static func bracketed(_ text: [UInt8], _ open: String, _ close: String) -> [UInt8] {
    let inner = text.last == UInt8(ascii: "\n") ? text.dropLast() : text[...]
    return Array(open.utf8) + inner + Array("\(close)\n".utf8)
  }

  private static func crlf(_ text: [UInt8]) -> [UInt8] {
    text.flatMap { $0 == UInt8(ascii: "\n") ? [UInt8(ascii: "\r"), $0] : [$0] }
  }

  /// Spreads valid JSON over lines as `jq --indent` does.
  public static func pretty(_ text: [UInt8], indent: String) -> [UInt8] {
    var out: [UInt8] = []
    var depth = 0
    var isInString = false
    var isEscaped = false
    func newLine() { out += [UInt8(ascii: "\n")] + Array(String(repeating: indent, count: depth).utf8) }
    for byte in text {
      let character = Character(UnicodeScalar(byte))
      if isInString {
        out.append(byte)
        if isEscaped {
          isEscaped = false
        } else if character == "\\" {
          isEscaped = true
        } else if character == "\"" {
          isInString = false
        }
        continue
      }
      if " \t\r\n".utf8.contains(byte) { continue }
      let isClosing = character == "}" || character == "]"
      let opensEmpty = out.last == UInt8(ascii: "{") || out.last == UInt8(ascii: "[")
      if isClosing {
        depth -= 1
        if !opensEmpty { newLine() }
      } else if opensEmpty {
        newLine()
      }
      out.append(byte)
      switch character {
      case "\"": isInString = true
      case "{", "[": depth += 1
      case ",": newLine()
      case ":": out.append(0x20)
      default: break
      }
    }
    return out + [UInt8(ascii: "\n")]
  }
}
