import SluiceRecords

/// Descriptions of records that are not Okta events, for messages.
///
/// The record is hostile text, so quotes of it are short, and the code that prints the message escapes them.
enum Appearance {
  private static let keysShownMax = 6
  private static let keyBytesMax = 40
  private static let quotedBytesMax = 60

  /// Describes a record. - Complexity: linear in the record's length for JSON; otherwise a look at its first bytes.
  static func of(_ record: UnsafeBytes) -> String {
    guard let first = record.firstContent() else { return "nothing" }
    let text = record[first..<record.count]
    switch text[0] {
    case UInt8(ascii: "{"): return object(text)
    case UInt8(ascii: "["):
      guard let next = text.firstContent(from: 1), text[next] == UInt8(ascii: "{") else {
        return "JSON, an array without objects"
      }
      return "\(object(text[next..<text.count])) in an array"
    case UInt8(ascii: "<"): return markup(text)
    default: break
    }
    if !text.mayBeText { return "binary data" }
    if isSyslog(text) { return "syslog (\(quoted(text)))" }
    let commas = text.count(of: UInt8(ascii: ","))
    if commas >= 2 { return "CSV (\(quoted(text)))" }
    if text.count(of: UInt8(ascii: "\t")) >= 2 { return "tab-separated values (\(quoted(text)))" }
    return "text (\(quoted(text)))"
  }

  /// Describes a record. - Parameter error: the reader's error for the record.
  static func of(_ record: UnsafeBytes, _ error: JSONWalker.ParseError) -> String {
    guard let first = record.firstContent(), let last = record.lastContent else { return of(record) }
    switch (record[first], record[last]) {
    case (UInt8(ascii: "{"), _), (UInt8(ascii: "["), _):
      // An array of numbers is JSON, and no object.
      if error.kind == .notAnObject { return of(record) }
      return "damaged or cut JSON: \(error.message) (byte \(error.offset))"
    case (_, UInt8(ascii: "}")) where record.contains(Array("\":".utf8)):
      return "the end of a line of JSON (\(quoted(record[first..<record.count])))"
    default: return of(record)
    }
  }

  private static func markup(_ text: UnsafeBytes) -> String {
    let start = text[0..<min(text.count, 16)].array.map { $0 | 0x20 }
    let isHTML = start.starts(with: "<!doctype html".utf8) || start.starts(with: "<html".utf8)
    if isHTML { return "HTML" }
    return isSyslog(text) ? "syslog (\(quoted(text)))" : "XML (\(quoted(text)))"
  }

  /// Returns whether the text begins with a priority in angle brackets (RFC 5424, RFC 3164), or with a time such as
  /// `Jan  5 10:00:00` (RFC 3164 in files).
  private static func isSyslog(_ text: UnsafeBytes) -> Bool {
    if text[0] == UInt8(ascii: "<") {
      let digits = text[1..<min(text.count, 4)].array.prefix { (0x30...0x39).contains($0) }
      let end = 1 + digits.count
      return !digits.isEmpty && end < text.count && text[end] == UInt8(ascii: ">")
    }
    guard text.count > 15 else { return false }
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return months.contains { text.starts(with: Array($0.utf8)) } && text[9] == UInt8(ascii: ":")
      && text[12] == UInt8(ascii: ":")
  }

  private static func object(_ text: UnsafeBytes) -> String {
    let keys = topLevelKeys(text)
    if keys.shown.isEmpty { return "JSON, an empty object" }
    let more = keys.isWhole ? "" : ", …"
    return "JSON of another schema with the keys \(keys.shown.joined(separator: ", "))\(more)"
  }

  /// Returns the first keys of an object without unescaping them, by a walk that tracks only strings and depth.
  private static func topLevelKeys(_ text: UnsafeBytes) -> (shown: [String], isWhole: Bool) {
    var keys: [String] = []
    var depth = 0
    var isKeyNext = false
    var at = 0
    while at < text.count {
      switch text[at] {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        isKeyNext = depth == 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        if depth == 0 { return (keys, true) }
      case UInt8(ascii: ","): isKeyNext = depth == 1
      case UInt8(ascii: "\""):
        let start = at + 1
        at = start
        while at < text.count, text[at] != UInt8(ascii: "\"") {
          at += text[at] == UInt8(ascii: "\\") ? 2 : 1
        }
        if isKeyNext {
          if keys.count == keysShownMax { return (keys, false) }
          keys.append(shortened(text[start..<min(at, text.count)], keyBytesMax))
          isKeyNext = false
        }
      default: break
      }
      at += 1
    }
    return (keys, false)
  }

  private static func quoted(_ text: UnsafeBytes) -> String { "\"\(shortened(text, quotedBytesMax))\"" }

  private static func shortened(_ text: UnsafeBytes, _ bytesMax: Int) -> String {
    let kept = String(decoding: text[0..<min(text.count, bytesMax)].array, as: UTF8.self)
    return text.count > bytesMax ? kept + "…" : kept
  }
}

extension UnsafeBytes {
  fileprivate func count(of byte: UInt8) -> Int {
    var count = 0
    for i in 0..<self.count where self[i] == byte { count += 1 }
    return count
  }
}
