/// A JSON text, and the decision of RFC 8259 about it.
///
/// The cases are the project's own. JSON.md, a contributor page, counts them by category and states each decision that
/// the RFC leaves to the parser.
public struct JSONCase: Sendable, CustomStringConvertible {
  public enum Category: String, CaseIterable, Sendable {
    case number, literal, string, escape, encoding, array, object, structure
  }

  public enum Verdict: Hashable, Sendable {
    case valid
    case invalid
    /// The RFC leaves the decision to the parser.
    case open(isRead: Bool)
  }

  /// The name, which no other case has.
  public let name: String
  public let bytes: [UInt8]
  public let category: Category
  public let verdict: Verdict

  public var description: String { "\(category): \(name)" }

  /// Whether sluice reads the text.
  public var isRead: Bool {
    switch verdict {
    case .valid: true
    case .invalid: false
    case .open(let isRead): isRead
    }
  }

  /// Whether the text is white space or empty. Between brackets it makes an empty array.
  public var isBlank: Bool { bytes.allSatisfy { " \t\r\n".utf8.contains($0) } }

  /// Whether the text holds a newline, which ends a line of an archive.
  public var hasNewline: Bool { bytes.contains(UInt8(ascii: "\n")) }

  /// Whether the text holds a zero byte, which a file has where its writer was interrupted.
  public var hasZero: Bool { bytes.contains(0) }

  public static let all: [JSONCase] = [
    numbers, literals, strings, escapes, encodings, arrays, objects, structures,
  ].flatMap(\.self)
}

extension JSONCase {
  /// Returns a case for each named text.
  static func texts(
    _ category: Category, _ verdict: Verdict, _ texts: KeyValuePairs<String, String>
  ) -> [JSONCase] {
    texts.map { JSONCase(name: $0.key, bytes: Array($0.value.utf8), category: category, verdict: verdict) }
  }

  /// Returns a case for each named sequence of bytes between quotes.
  static func quoted(
    _ category: Category, _ verdict: Verdict, _ contents: KeyValuePairs<String, [UInt8]>
  ) -> [JSONCase] {
    contents.map { name, content in
      let quote = UInt8(ascii: "\"")
      return JSONCase(name: name, bytes: [quote] + content + [quote], category: category, verdict: verdict)
    }
  }

  /// Returns a case for each named sequence of bytes.
  static func bytes(
    _ category: Category, _ verdict: Verdict, _ bytes: KeyValuePairs<String, [UInt8]>
  ) -> [JSONCase] {
    bytes.map { JSONCase(name: $0.key, bytes: $0.value, category: category, verdict: verdict) }
  }
}
