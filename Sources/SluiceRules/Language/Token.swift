/// An error in an expression, with its offset.
struct ExpressionError: Error, Equatable {
  /// The offset in Unicode scalars from the start of the expression's text.
  var offset: Int
  var message: String
}

/// A token of the rule language; see ``ExpressionSyntax``.
struct Token: Equatable {
  enum Kind: Equatable {
    case number(Double, isInteger: Bool)
    case text(String)
    /// A name or a keyword of the language.
    case name(String)
    /// An operator, a bracket or a comma.
    case mark(String)
    case end
  }

  var kind: Kind
  /// The offset in Unicode scalars.
  var offset: Int
}

/// Splits an expression's text into tokens, from left to right.
struct Lexer {
  private let text: [Unicode.Scalar]
  private var at = 0

  init(_ text: String) { self.text = Array(text.unicodeScalars) }

  private static let marks = [
    "==", "!=", ">=", "<=", ">", "<", "+", "-", "*", "/", "(", ")", ",",
  ]

  mutating func next() throws(ExpressionError) -> Token {
    while at < text.count, text[at].properties.isWhitespace { at += 1 }
    let start = at
    guard at < text.count else { return Token(kind: .end, offset: start) }
    let first = text[at]
    if first == "\"" || first == "'" { return Token(kind: .text(try quoted(by: first)), offset: start) }
    if Self.isDigit(first) { return try number() }
    if Self.beginsName(first) { return Token(kind: .name(name()), offset: start) }
    for mark in Self.marks where text[at...].starts(with: mark.unicodeScalars) {
      at += mark.unicodeScalars.count
      return Token(kind: .mark(mark), offset: start)
    }
    switch first {
    case "=": throw ExpressionError(offset: start, message: "'=' is no operator; equality is '=='")
    case "&", "|", "!":
      throw ExpressionError(offset: start, message: "'\(first)' is no operator; write 'and', 'or', 'not'")
    default: throw ExpressionError(offset: start, message: "'\(first)' means nothing here")
    }
  }

  private mutating func quoted(by quote: Unicode.Scalar) throws(ExpressionError) -> String {
    let start = at
    var result = ""
    at += 1
    while at < text.count {
      let scalar = text[at]
      at += 1
      if scalar == quote { return result }
      guard scalar == "\\" else {
        result.unicodeScalars.append(scalar)
        continue
      }
      guard at < text.count else { break }
      switch text[at] {
      case "\\", "\"", "'": result.unicodeScalars.append(text[at])
      case "n": result += "\n"
      case "t": result += "\t"
      case let other:
        throw ExpressionError(offset: at - 1, message: "there is no escape '\\\(other)' in a text")
      }
      at += 1
    }
    throw ExpressionError(offset: start, message: "this text has no end")
  }

  private mutating func number() throws(ExpressionError) -> Token {
    let start = at
    while at < text.count, Self.isDigit(text[at]) { at += 1 }
    var isInteger = true
    if at + 1 < text.count, text[at] == ".", Self.isDigit(text[at + 1]) {
      isInteger = false
      at += 1
      while at < text.count, Self.isDigit(text[at]) { at += 1 }
    }
    if at < text.count, Self.beginsName(text[at]) || text[at] == "." {
      throw ExpressionError(offset: at, message: "'\(text[at])' stands in a number")
    }
    let spelling = String(String.UnicodeScalarView(text[start..<at]))
    // Above 2^53, neighbouring integers are the same number.
    guard let value = Double(spelling), value <= 0x1p53 else {
      throw ExpressionError(offset: start, message: "this number is larger than 2^53")
    }
    return Token(kind: .number(value, isInteger: isInteger), offset: start)
  }

  /// Reads a name: letters, digits, `_` and `.`, and `[0]` for the first element of an array.
  private mutating func name() -> String {
    let start = at
    while at < text.count {
      if Self.beginsName(text[at]) || Self.isDigit(text[at]) || text[at] == "." {
        at += 1
      } else if text[at...].starts(with: "[0]".unicodeScalars) {
        at += 3
      } else {
        break
      }
    }
    return String(String.UnicodeScalarView(text[start..<at]))
  }

  static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar.value &- 0x30 < 10 }

  static func beginsName(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || (scalar.value | 0x20) &- 0x61 < 26
  }
}
