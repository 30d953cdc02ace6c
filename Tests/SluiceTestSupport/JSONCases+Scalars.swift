/// Numbers and literals: RFC 8259, sections 6 and 3.
extension JSONCase {
  static let numbers: [JSONCase] =
    texts(
      .number, .valid,
      [
        "zero": "0", "minus zero": "-0", "one digit": "7", "many digits": "1048576",
        "a negative number": "-42",
        "a fraction": "2.75", "a fraction of zero": "0.125", "zeros that end a fraction": "1.500",
        "an exponent": "3e8", "a capital exponent": "3E8", "an exponent with a plus sign": "6e+2",
        "an exponent with a minus sign": "6e-2", "a capital exponent with a plus sign": "6E+2",
        "a capital exponent with a minus sign": "6E-2", "zero with an exponent": "0e5",
        "minus zero with an exponent": "-0e-5", "an exponent that begins with zeros": "1e007",
        "a number with all parts": "-12.034e+05", "two to the 53rd power": "9007199254740992",
      ])
    + texts(
      .number, .invalid,
      [
        "a plus sign": "+7", "two minus signs": "--7", "a minus sign alone": "-",
        "a space after the minus sign": "- 7", "a leading zero": "07",
        "a leading zero after the minus sign": "-07",
        "two zeros": "00", "no digit before the point": ".5", "no digit between minus sign and point": "-.5",
        "no digit after the point": "5.", "no digit between point and exponent": "5.e3",
        "two points": "1.2.3",
        "an exponent without digits": "5e", "a capital exponent without digits": "5E",
        "a plus sign that ends the exponent": "5e+", "a minus sign that ends the exponent": "5.1e-",
        "two exponents": "1e2e3", "two signs in the exponent": "1e+-2", "a fraction in the exponent": "1e2.5",
        "a hexadecimal number": "0xA7", "an octal number": "0o17", "a binary number": "0b11",
        "an underscore between digits": "1_024", "a space between digits": "1 024",
        "a letter after the digits": "12a", "a sum": "3+4", "not a number": "NaN", "infinity": "Infinity",
        "minus infinity": "-Infinity", "infinity in short": "Inf", "a full-width digit": "\u{FF17}",
        "an Arabic digit": "\u{667}",
      ])
    + texts(
      .number, .open(isRead: true),
      [
        "an integer beyond 64 bits": "36893488147419103232",
        "a negative integer beyond 64 bits": "-36893488147419103233",
        "an integer of 1,000 digits": String(repeating: "9", count: 1000),
        "an exponent beyond a double": "1e999", "a negative number beyond a double": "-2.5e308",
        "an exponent below a double": "1e-999",
        "an exponent of 100 digits": "1e" + String(repeating: "8", count: 100),
        "more digits than a double holds": "0.1000000000000000055511151231257827",
      ])

  static let literals: [JSONCase] =
    texts(.literal, .valid, ["true": "true", "false": "false", "null": "null"])
    + texts(
      .literal, .invalid,
      [
        "the beginning of true": "tru", "the beginning of false": "fals", "the beginning of null": "nul",
        "one letter": "t", "a capital letter first": "True", "capital letters": "FALSE",
        "a capital letter last": "nulL", "a letter too many": "nulls",
        "two literals without a comma": "truefalse",
        "a misspelt literal": "ture", "undefined": "undefined", "the word nil": "nil", "the word yes": "yes",
      ])
}
