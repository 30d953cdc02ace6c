/// Arrays, objects, white space and nesting: RFC 8259, sections 2, 4, 5 and 9.
extension JSONCase {
  static let arrays: [JSONCase] =
    texts(
      .array, .valid,
      [
        "an empty array": "[]", "a space in an empty array": "[ ]", "an array of one element": "[7]",
        "an array of three elements": "[1,2,3]", "elements of every type": #"[null,true,"a",2.5,[],{}]"#,
        "an array in an array": "[[[]]]", "two arrays in an array": "[[],[1]]",
        "spaces between elements": "[ 1 , 2 ]", "newlines between elements": "[1,\n2\n]",
        "200 elements": "[" + (1...200).map(String.init).joined(separator: ",") + "]",
      ])
    + texts(
      .array, .invalid,
      [
        "an opening bracket alone": "[", "a closing bracket alone": "]",
        "an array cut after an element": "[1",
        "an array cut after a comma": "[1,", "a comma before the closing bracket": "[1,]",
        "a comma after the opening bracket": "[,1]", "a comma alone in an array": "[,]",
        "two commas between elements": "[1,,2]", "no comma between numbers": "[1 2]",
        "no comma between arrays": "[1[2]]", "a semicolon between elements": "[1;2]",
        "a colon between elements": "[1:2]", "an array that a brace closes": "[1}",
        "a closing bracket too many": "[1]]", "an inner array without its end": "[[1]",
        "an array cut in a string": #"["a"#, "a value after an array": "[1]2", "an ellipsis": "[1,...]",
        "a star in an array": "[*]", "an element without a value": "[1,-]",
      ])

  static let objects: [JSONCase] =
    texts(
      .object, .valid,
      [
        "an empty object": "{}", "a space in an empty object": "{ }", "an object of one member": #"{"a":1}"#,
        "an object of two members": #"{"a":1,"b":"c"}"#, "an object in an object": #"{"a":{"b":{}}}"#,
        "an empty key": #"{"":1}"#, "a key with an escape": #"{"\u0061\n":1}"#,
        "a key with an escaped NUL": #"{"\u0000":1}"#, "keys that differ in case": #"{"a":1,"A":2}"#,
        "spaces around all parts of an object": #"{ "a" : 1 , "b" : [ ] }"#,
        "newlines in an object": "{\n\"a\":1,\r\n\"b\":2}",
        "100 members": "{" + (1...100).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}",
      ])
    + texts(
      .object, .invalid,
      [
        "an opening brace alone": "{", "a closing brace alone": "}", "an object cut after a key": #"{"a""#,
        "an object cut after a colon": #"{"a":"#, "an object cut after a value": #"{"a":1"#,
        "an object cut after a comma": #"{"a":1,"#, "a comma before the closing brace": #"{"a":1,}"#,
        "a comma after the opening brace": #"{,"a":1}"#, "a comma alone in an object": "{,}",
        "two commas between members": #"{"a":1,,"b":2}"#, "no colon": #"{"a" 1}"#, "two colons": #"{"a"::1}"#,
        "a comma in place of a colon": #"{"a",1}"#, "an equals sign": #"{"a"=1}"#,
        "a key without quotes": "{a:1}",
        "a key in single quotes": "{'a':1}", "a number as a key": "{1:2}", "null as a key": "{null:1}",
        "an array as a key": "{[]:1}", "a key alone": #"{"a"}"#, "no value": #"{"a":}"#, "no key": "{:1}",
        "no comma between members": #"{"a":1 "b":2}"#, "a semicolon between members": #"{"a":1;"b":2}"#,
        "a second member without a value": #"{"a":1,"b"}"#, "an object that a bracket closes": #"{"a":1]"#,
        "a closing brace too many": #"{"a":1}}"#, "an object as a member": "{{}}",
        "a letter after an object": #"{"a":1}x"#,
      ])
    + texts(
      .object, .open(isRead: true),
      ["a key that comes twice": #"{"a":1,"a":2}"#, "a member that comes twice": #"{"a":1,"a":1}"#])

  private static func nested(_ open: String, _ inner: String, _ close: String, _ levels: Int) -> String {
    String(repeating: open, count: levels) + inner + String(repeating: close, count: levels)
  }

  static let structures: [JSONCase] =
    texts(
      .structure, .valid,
      [
        "spaces and tabs around a value": " \t5\t ", "carriage returns around a value": "\r5\r",
        "newlines around a value": "\n[1]\n", "100 nested arrays": nested("[", "", "]", 100),
        "100 nested objects": nested(#"{"a":"#, "1", "}", 100),
        "arrays and objects in turn": nested(#"[{"a":"#, "null", "}]", 40),
      ])
    + texts(
      .structure, .invalid,
      [
        "nothing": "", "a space alone": " ", "tabs alone": "\t\t", "two numbers": "1 2",
        "two objects": "{}{}",
        "a comma alone": ",", "a colon alone": ":", "a comma before a value": ",1",
        "a semicolon after a value": "1;",
        "a form feed as white space": "\u{C}1", "a vertical tab as white space": "\u{B}1",
        "a no-break space as white space": "\u{A0}1", "a line separator as white space": "\u{2028}1",
        "a zero-width space as white space": "1\u{200B}", "a word joiner as white space": "1\u{2060}",
        "a NUL before a value": "\u{0}1", "a NUL after a value": "1\u{0}", "a block comment": "/* a */1",
        "a line comment": "1// a", "a comment after a hash": "1 # a",
        "a comment in an object": #"{"a":/**/1}"#,
        "a comment that does not end": "1/* a", "a value in angle brackets": "<1>",
        "a value in parentheses": "(1)",
        "a call of a function": "f({})", "an assignment": "x={}", "a star": "*",
        "100,000 arrays, none closed": String(repeating: "[", count: 100_000),
        "100,000 objects, none closed": String(repeating: #"{"a":"#, count: 100_000),
      ])
    + texts(
      .structure, .open(isRead: true),
      [
        "1,000 nested arrays": nested("[", "", "]", 1000),
        "1,000 nested objects": nested(#"{"a":"#, "1", "}", 1000),
      ])
    + texts(
      .structure, .open(isRead: false),
      [
        "1,100 nested arrays": nested("[", "", "]", 1100),
        "1,100 nested objects": nested(#"{"a":"#, "1", "}", 1100),
        "100,000 nested arrays": nested("[", "", "]", 100_000),
      ])
}
