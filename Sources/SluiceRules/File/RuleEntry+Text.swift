import SluiceRecords

/// The text of a rules file that contains only this rule, so that it can be read, copied and changed.
extension RuleEntry {
  /// The lines of the file, which reads back as the same rule. Keys are in the order of ``RuleReader/keys``.
  var lines: [SafeText] {
    let inOrder = RuleReader.keys.compactMap { name in fields.first { $0.key.name == name } }
    return ["rules:"] + YAMLNode.indented(YAMLNode.element(YAMLNode.lines(of: inOrder)))
  }
}

extension YAMLNode {
  /// Returns the lines of a non-empty list or mapping, or the single line of a scalar.
  fileprivate func block() -> [SafeText] {
    switch content {
    case .list(let elements) where !elements.isEmpty:
      elements.flatMap { Self.element($0.block()) }
    case .mapping(let pairs) where !pairs.isEmpty: Self.lines(of: pairs)
    default: [flow]
    }
  }

  fileprivate static func lines(of pairs: [(key: YAMLNode, value: YAMLNode)]) -> [SafeText] {
    pairs.flatMap { key, value -> [SafeText] in
      guard !value.isFlow else { return ["\(key.flow): \(value.flow)"] }
      return ["\(key.flow):"] + indented(value.block())
    }
  }

  fileprivate static func element(_ lines: [SafeText]) -> [SafeText] {
    lines.enumerated().map { number, line -> SafeText in number == 0 ? "- \(line)" : "  \(line)" }
  }

  fileprivate static func indented(_ lines: [SafeText]) -> [SafeText] {
    lines.map { line -> SafeText in "  \(line)" }
  }

  /// Whether it is written on one line: a scalar, an empty collection or a list of words.
  private var isFlow: Bool {
    switch content {
    case .scalar: true
    case .list(let elements): elements.allSatisfy { $0.isWord }
    case .mapping(let pairs): pairs.isEmpty
    }
  }

  /// Whether it needs no quotes in any position.
  private var isWord: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return !text.isEmpty && RuleReader.isID(text)
  }

  private var flow: SafeText {
    switch content {
    case .list(let elements): "[\(SafeText.joined(elements.map(\.flow), separator: ", "))]"
    case .mapping: "{}"
    case .scalar where isNull: "null"
    // Text that needed no quotes inside brackets needs none outside either, if it is on one line.
    case .scalar(let text, let isPlain):
      isPlain ? SafeText(plain: text) ?? Self.quoted(text) : Self.quoted(text)
    }
  }

  private static func quoted(_ text: String) -> SafeText {
    if let single = SafeText(plain: "'\(text.replacing("'", with: "''"))'") { return single }
    let escaped = text.unicodeScalars.map { scalar -> String in
      if scalar == "\"" || scalar == "\\" { return "\\\(scalar)" }
      if SafeText.isPlain(scalar) { return String(scalar) }
      let digits = String(scalar.value, radix: 16)
      return "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
    }
    let double = "\"\(escaped.joined())\""
    return SafeText(plain: double) ?? SafeText(double)
  }
}
