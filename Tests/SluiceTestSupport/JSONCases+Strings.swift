/// Strings and escapes: RFC 8259, section 7.
extension JSONCase {
  private static func letters(_ count: Int) -> String { "\"" + String(repeating: "k", count: count) + "\"" }

  private static let printable = String(
    String.UnicodeScalarView((0x20...0x7E as ClosedRange<UInt8>).map(Unicode.Scalar.init))
  ).filter { $0 != "\"" && $0 != "\\" }

  static let strings: [JSONCase] =
    texts(
      .string, .valid,
      [
        "an empty string": #""""#, "a string of one letter": #""q""#, "a string of spaces": #""   ""#,
        "printable ASCII": "\"\(printable)\"", "a delete character": "\"a\u{7F}b\"",
        "a bare slash": #""a/b""#,
        "brackets in a string": #""[1,{},null]""#, "comments in a string": #""/* a */ // b # c""#,
        "an apostrophe": #""it's""#, "62 letters": letters(62), "63 letters": letters(63),
        "64 letters": letters(64), "65 letters": letters(65), "5,000 letters": letters(5000),
      ])
    + texts(
      .string, .invalid,
      [
        "no closing quote": #""abc"#, "a quote alone": #"""#, "no opening quote": #"abc""#,
        "no quotes": "abc",
        "single quotes": "'abc'", "a quote and an apostrophe": #""abc'"#, "backquotes": "`abc`",
        "typographic quotes": "\u{201C}abc\u{201D}", "a bare newline": "\"a\nb\"",
        "a bare carriage return": "\"a\rb\"", "a bare tab": "\"a\tb\"", "a bare NUL": "\"a\0b\"",
        "a bare escape character": "\"\u{1B}[1m\"", "a bare unit separator": "\"a\u{1F}b\"",
        "two strings without a comma": #""a" "b""#, "letters after a string": #""a"b"#,
        "a sum of strings": #""a"+"b""#,
        "5,000 letters without a closing quote": String(letters(5000).dropLast()),
      ])

  static let escapes: [JSONCase] =
    texts(
      .escape, .valid,
      [
        "an escaped quote": #""a\"b""#, "an escaped backslash": #""a\\b""#, "an escaped slash": #""a\/b""#,
        "an escaped backspace": #""\b""#, "an escaped form feed": #""\f""#, "an escaped newline": #""\n""#,
        "an escaped carriage return": #""\r""#, "an escaped tab": #""\t""#,
        "an escaped backslash at the end": #""a\\""#, "an escaped backslash before a letter": #""\\n""#,
        "an escaped control character": #""\u001f""#, "an escaped NUL": #""\u0000""#,
        "small hexadecimal digits": #""\u00e9""#, "capital hexadecimal digits": #""\u00E9""#,
        "hexadecimal digits of both kinds": #""\u00eF""#, "a digit after an escape": #""\u00417""#,
        "an escaped letter": #""\u006b""#, "a quote by its number": #""\u0022""#,
        "a backslash by its number": #""\u005c""#, "an escaped noncharacter": #""\uffff""#,
        "a pair of surrogates": #""\ud83d\ude00""#, "the first pair of surrogates": #""\ud800\udc00""#,
        "the last pair of surrogates": #""\uDBFF\uDFFF""#, "an escape at the 64th byte": padded(#"\n"#),
      ])
    + texts(
      .escape, .invalid,
      [
        "an unknown letter": #""\q""#, "a capital letter": #""\N""#, "a hexadecimal byte": #""\x41""#,
        "an escaped bell": #""\a""#, "an escaped vertical tab": #""\v""#, "an escaped zero": #""\0""#,
        "an escaped apostrophe": #""\'""#, "a capital U": #""\U0041""#,
        "an escape of three digits": #""\u012""#,
        "an escape without digits": #""\u""#, "a letter among the digits": #""\u00g1""#,
        "a sign among the digits": #""\u+041""#, "a space among the digits": #""\u 041""#,
        "digits in braces": #""\u{41}""#, "full-width digits": "\"\\u\u{FF10}041\"",
        "an escaped space": #""\ ""#,
        "a tab after a backslash": "\"\\\t\"", "a letter beyond ASCII after a backslash": "\"\\\u{E9}\"",
        "an emoji after a backslash": "\"\\\u{1F600}\"", "a backslash before the closing quote": #""a\""#,
        "a backslash at the end": #""a\"#, "an escape outside a string": #"\n"#,
        "escaped quotes around a string": #"\"a\""#, "a pair of surrogates that is cut": #""\ud83d\ude""#,
        "a surrogate and a backslash": #""\ud83d\""#,
      ])
    + texts(
      .escape, .open(isRead: true),
      [
        "a high surrogate alone": #""\ud83d""#, "a low surrogate alone": #""\ude00""#,
        "surrogates in the wrong order": #""\ude00\ud83d""#, "two high surrogates": #""\ud83d\ud83d""#,
        "a high surrogate and a letter": #""\ud83dz""#,
        "a high surrogate and another escape": #""\ud83d\u0041""#,
        "a lone surrogate in a key": #"{"\udc00":1}"#,
      ])

  /// Returns a string whose content is at the 64th byte.
  private static func padded(_ content: String) -> String {
    "\"" + String(repeating: "k", count: 62) + content + "\""
  }
}
