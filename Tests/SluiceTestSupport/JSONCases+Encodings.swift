/// Bytes beyond ASCII: RFC 8259, section 8.1, and table 3-7 of the Unicode standard (well-formed UTF-8).
extension JSONCase {
  static let encodings: [JSONCase] =
    quoted(
      .encoding, .valid,
      [
        "U+0080, the first of two bytes": [0xC2, 0x80], "U+07FF, the last of two bytes": [0xDF, 0xBF],
        "U+0800, the first of three bytes": [0xE0, 0xA0, 0x80], "U+0FFF": [0xE0, 0xBF, 0xBF],
        "U+1000": [0xE1, 0x80, 0x80], "U+CFFF": [0xEC, 0xBF, 0xBF], "U+D000": [0xED, 0x80, 0x80],
        "U+D7FF, the last before surrogates": [0xED, 0x9F, 0xBF],
        "U+E000, the first after surrogates": [0xEE, 0x80, 0x80],
        "U+FFFF, the last of three bytes": [0xEF, 0xBF, 0xBF],
        "U+10000, the first of four bytes": [0xF0, 0x90, 0x80, 0x80], "U+3FFFF": [0xF0, 0xBF, 0xBF, 0xBF],
        "U+40000": [0xF1, 0x80, 0x80, 0x80], "U+FFFFF": [0xF3, 0xBF, 0xBF, 0xBF],
        "U+100000": [0xF4, 0x80, 0x80, 0x80], "U+10FFFF, the last character": [0xF4, 0x8F, 0xBF, 0xBF],
        "U+FEFF in a string": [0xEF, 0xBB, 0xBF], "U+2028, a line separator": [0xE2, 0x80, 0xA8],
        "a letter with a combining accent": [0x65, 0xCC, 0x81],
      ])
    + texts(.encoding, .valid, ["a key beyond ASCII": "{\"\u{43A}\u{43B}\u{44E}\u{447}\":1}"])
    + bytes(
      .encoding, .invalid,
      [
        "a letter beyond ASCII outside a string": [0xC3, 0xA9], "0xFF outside a string": [0xFF],
        "a continuation byte after a number": [0x37, 0x80],
        "a byte of Latin-1 in an exponent": [0x31, 0x65, 0xE5],
        "a byte of Latin-1 in a literal": [0x74, 0x72, 0xFC, 0x65],
        "a byte of Latin-1 between elements": [0x5B, 0x31, 0xB7, 0x32, 0x5D],
        "a cut byte order mark before a value": [0xEF, 0xBB, 0x7B, 0x7D],
        "a byte order mark without a value": [0xEF, 0xBB, 0xBF],
      ])
    + quoted(
      .encoding, .invalid,
      [
        "a byte of Latin-1 after a backslash": [0x5C, 0xE5],
        "a byte of Latin-1 in an escape": Array(#"\u00"#.utf8) + [0xE5, 0x31],
      ]
    )
    + quoted(
      .encoding, .open(isRead: false),
      [
        "the first continuation byte alone": [0x80], "the last continuation byte alone": [0xBF],
        "an overlong NUL of two bytes": [0xC0, 0x80], "an overlong letter of two bytes": [0xC1, 0xAB],
        "an overlong form of three bytes": [0xE0, 0x9F, 0xBF],
        "an overlong form of four bytes": [0xF0, 0x8F, 0xBF, 0xBF],
        "the first surrogate in three bytes": [0xED, 0xA0, 0x80],
        "the last surrogate in three bytes": [0xED, 0xBF, 0xBF],
        "a pair of surrogates in six bytes": [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80],
        "U+110000": [0xF4, 0x90, 0x80, 0x80], "a lead byte beyond Unicode": [0xF5, 0x80, 0x80, 0x80],
        "a form of five bytes": [0xF8, 0x88, 0x80, 0x80, 0x80],
        "a form of six bytes": [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80], "0xFE in a string": [0xFE],
        "0xFF in a string": [0xFF], "a character of two bytes that is cut": [0xC3],
        "a character of three bytes that is cut": [0xE2, 0x82],
        "a character of four bytes that is cut": [0xF0, 0x9F, 0x98],
        "a letter in place of a continuation byte": [0xE2, 0x28, 0xA1],
        "text in Latin-1": [0x63, 0x61, 0x66, 0xE9], "text in Windows-1252": [0x93, 0x61, 0x94],
        "an invalid byte after 64 letters": [UInt8](repeating: 0x6B, count: 64) + [0xA0],
      ])
    + bytes(
      .encoding, .open(isRead: false),
      [
        "an invalid byte in a key": [0x7B, 0x22, 0xE9, 0x22, 0x3A, 0x31, 0x7D],
        "UTF-16, big-endian": [0x00, 0x22, 0x00, 0x61, 0x00, 0x22],
        "UTF-16, little-endian": [0x22, 0x00, 0x61, 0x00, 0x22, 0x00],
        "UTF-16 with a byte order mark": [0xFF, 0xFE, 0x22, 0x00, 0x61, 0x00, 0x22, 0x00],
        "a byte order mark before a value": [0xEF, 0xBB, 0xBF, 0x7B, 0x7D],
      ])
}
