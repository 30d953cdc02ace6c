import Yams

/// A location in a rules file.
struct RuleFileLocation: Hashable, Sendable {
  var file: String
  /// The line, from 1. Columns also start at 1.
  var line: Int
  var column: Int
}

/// A value of a rules file with its location; the rest of the program sees YAML only in this form.
///
/// Aliases are expanded. Scalars are not resolved: the reader of a value decides whether `yes` is a boolean or a text.
struct YAMLNode: Sendable {
  indirect enum Content: Sendable {
    /// A scalar; `isPlain` if it has no quotes, so that it may be null, a number or a boolean.
    case scalar(String, isPlain: Bool)
    case list([YAMLNode])
    /// The pairs, in file order.
    case mapping([(key: YAMLNode, value: YAMLNode)])
  }

  var content: Content
  var location: RuleFileLocation
  /// Whether this key is already in the same mapping further up, which ``read(_:file:)`` has reported.
  private(set) var isRepeated = false
  /// The lines of the file, to find locations within a scalar; nil for other nodes.
  fileprivate var source: YAMLSource?
}

extension YAMLNode {
  var isNull: Bool {
    if case .scalar(let text, isPlain: true) = content {
      ["", "~", "null", "Null", "NULL"].contains(text)
    } else {
      false
    }
  }

  /// The text as a mapping's key, where null is a name like any other.
  var name: String? {
    if case .scalar(let text, _) = content { text } else { nil }
  }

  /// The text of a scalar that is not null.
  var text: String? {
    if case .scalar(let text, _) = content, !isNull { text } else { nil }
  }

  var list: [YAMLNode]? {
    if case .list(let elements) = content { elements } else { nil }
  }

  var mapping: [(key: YAMLNode, value: YAMLNode)]? {
    if case .mapping(let pairs) = content { pairs } else { nil }
  }

  var kind: String {
    switch content {
    case .scalar: isNull ? "nothing" : "a text"
    case .list: "a list"
    case .mapping: "a mapping"
    }
  }

  /// Returns the location in the file of a Unicode scalar of this node's text.
  func location(atOffset offset: Int) -> RuleFileLocation {
    guard let source, case .scalar(let text, _) = content else { return location }
    return source.location(of: offset, in: text, from: location)
  }
}

/// The lines of a rules file, to find the location of an offset in a scalar's text.
final class YAMLSource: Sendable {
  private let lines: [[Unicode.Scalar]]

  init(_ text: String) {
    lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
  }

  /// Returns the location of an offset in a scalar's text.
  ///
  /// It walks the text and the file in parallel. Any white space matches any other, because YAML folds lines. It skips
  /// the escapes of a quoted scalar.
  func location(of offset: Int, in text: String, from start: RuleFileLocation) -> RuleFileLocation {
    var line = start.line - 1
    var column = start.column - 1
    func scalar() -> Unicode.Scalar? {
      guard lines.indices.contains(line) else { return nil }
      return column < lines[line].count ? lines[line][column] : "\n"
    }
    func advance() {
      column += 1
      if lines.indices.contains(line), column > lines[line].count { (line, column) = (line + 1, 0) }
    }
    var quote: Unicode.Scalar?
    func skipSpace() {
      while let next = scalar() {
        // In double quotes, a backslash at the end of a line joins the next line to it.
        let joins = quote == "\"" && next == "\\" && column + 1 >= lines[line].count
        guard next.properties.isWhitespace || joins else { return }
        advance()
      }
    }
    switch scalar() {
    case "\"", "'":
      quote = scalar()
      advance()
    case "|", ">": (line, column) = (line + 1, 0)
    default: break
    }
    for (index, wanted) in text.unicodeScalars.enumerated() {
      if wanted.properties.isWhitespace {
        if index == offset { break }
        continue
      }
      skipSpace()
      if index == offset { break }
      if let quote, scalar() == (quote == "'" ? "'" : "\\") { advance() }
      guard scalar() != nil else { return start }
      advance()
    }
    guard lines.indices.contains(line) else { return start }
    return RuleFileLocation(file: start.file, line: line + 1, column: column + 1)
  }
}

extension YAMLNode {
  static let bytesMax = 1 << 20
  private static let nodesMax = 100_000
  private static let aliasesMax = 16

  /// Reads one YAML document; nil if the file is empty.
  ///
  /// Reports an error for text that is not UTF-8, that is longer than ``bytesMax`` or that aliases expand beyond the
  /// limits. A repeated key is an error too, and stays in the mapping.
  static func read(_ bytes: [UInt8], file: String) -> (root: YAMLNode?, diagnostics: [RuleDiagnostic]) {
    func diagnostic(_ message: String, _ line: Int = 1, _ column: Int = 1) -> RuleDiagnostic {
      RuleDiagnostic(file: file, line: line, column: column, message: message, isWarning: false)
    }
    guard bytes.count <= bytesMax else { return (nil, [diagnostic("this is longer than \(bytesMax) bytes")]) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      return (nil, [diagnostic("this is not UTF-8 text")])
    }
    // Hashing a mapping's keys expands its aliases, and each alias may contain the previous one twice.
    guard aliasCount(text) <= aliasesMax else {
      return (nil, [diagnostic("this holds more than \(aliasesMax) aliases ('*name')")])
    }
    var masked = MaskedKeys(text)
    while true {
      do {
        let parser = try Parser(yaml: masked.text, resolver: .basic, constructor: .default, encoding: .utf8)
        guard let root = try parser.singleRoot() else { return (nil, []) }
        var reading = NodeBuilder(file: file, source: YAMLSource(text), masked: masked, budget: nodesMax)
        guard let node = reading.node(root) else {
          return (nil, [diagnostic("this holds more than \(nodesMax) values, aliases spelled out")])
        }
        return (node.isNull ? nil : node, reading.diagnostics)
      } catch {
        if masked.mask(error) { continue }
        // The repetitions of the masked keys are not known in this case.
        let repeated = masked.keys.map { diagnostic(repeats($0.key), $0.location.line, $0.location.column) }
        return (nil, repeated + [described(error, diagnostic)])
      }
    }
  }

  /// Yams's name for a key that is a list or a mapping.
  fileprivate static let notText = "<uncovertable>"

  private static func repeats(_ key: String) -> String { "the key '\(key)' comes twice in one mapping" }

  /// Counts apparent aliases: a star before a letter and after white space or punctuation.
  private static func aliasCount(_ text: String) -> Int {
    var before: UInt8 = 0x20
    var isStar = false
    var count = 0
    for byte in text.utf8 {
      if isStar, byte > 0x20 { count += 1 }
      isStar = byte == UInt8(ascii: "*") && (before <= 0x20 || "-[{,:?".utf8.contains(before))
      before = byte
    }
    return count
  }

  private static func described(_ error: any Error, _ diagnostic: (String, Int, Int) -> RuleDiagnostic)
    -> RuleDiagnostic
  {
    switch error as? YamlError {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let words = [context?.text, problem].compactMap { $0 }.joined(separator: ", ")
      return diagnostic("this is no YAML: \(words)", mark.line, mark.column)
    case .duplicatedKeysInMapping(let duplicates, _)
    where duplicates.count > 1 && duplicates.contains(notText):
      // Which of several repeated keys Yams names first varies from run to run.
      return diagnostic("a key that is a list or a mapping comes twice in one mapping", 1, 1)
    case .duplicatedKeysInMapping(let duplicates, let context):
      return diagnostic(repeats(duplicates.first ?? ""), context.mark.line, context.mark.column)
    case .reader(let problem, let offset, _, let text):
      let before = text.prefix(offset ?? 0).split(
        omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      return diagnostic("this is no YAML: \(problem)", max(1, before.count), (before.last?.count ?? 0) + 1)
    default: return diagnostic("this is no YAML", 1, 1)
    }
  }

  /// The state while the nodes of a document are converted.
  private struct NodeBuilder {
    let file: String
    let source: YAMLSource
    let masked: MaskedKeys
    /// The number of values that may still follow.
    var budget: Int
    var diagnostics: [RuleDiagnostic] = []

    /// Converts a node; nil if the document has too many values.
    mutating func node(_ node: Node) -> YAMLNode? {
      budget -= 1
      if budget < 0 { return nil }
      let location = RuleFileLocation(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
      switch node {
      case .scalar(let scalar):
        let isPlain =
          switch scalar.style {
          case .doubleQuoted, .singleQuoted, .literal, .folded: false
          default: true
          }
        return YAMLNode(content: .scalar(scalar.string, isPlain: isPlain), location: location, source: source)
      case .sequence(let sequence):
        var elements: [YAMLNode] = []
        for element in sequence {
          guard let element = self.node(element) else { return nil }
          elements.append(element)
        }
        return YAMLNode(content: .list(elements), location: location)
      case .mapping(let mapping):
        return pairs(mapping).map { YAMLNode(content: .mapping($0), location: location) }
      case .alias: return YAMLNode(content: .scalar("", isPlain: true), location: location)
      }
    }

    private mutating func pairs(_ mapping: Node.Mapping) -> [(key: YAMLNode, value: YAMLNode)]? {
      var pairs: [(key: YAMLNode, value: YAMLNode)] = []
      /// The line of each repeated key's first occurrence.
      var lines: [String: Int] = [:]
      for pair in mapping {
        guard var key = node(pair.key), let value = node(pair.value) else { return nil }
        let mask = masked.keys.first { $0.location == (key.location.line, key.location.column) }
        if let mask { key.content = .scalar(mask.key, isPlain: true) }
        if let name = key.name {
          if let line = lines[name] {
            key.isRepeated = true
            report("\(repeats(name)); it stands in line \(line) already", key.location)
          } else if mask != nil {
            lines[name] = key.location.line
          }
        }
        pairs.append((key, value))
      }
      return pairs
    }

    /// Reports an error once; an aliased node is visited more than once.
    private mutating func report(_ message: String, _ location: RuleFileLocation) {
      let diagnostic = RuleDiagnostic(
        file: file, line: location.line, column: location.column, message: message, isWarning: false)
      if !diagnostics.contains(diagnostic) { diagnostics.append(diagnostic) }
    }
  }
}

/// The text of a rules file in which repeated keys are altered, because Yams refuses them and reads nothing else.
///
/// One letter of each such key becomes a private-use character of Unicode, so that no location changes.
private struct MaskedKeys {
  private(set) var text: String
  /// The locations of the masked keys, from 1, and their text.
  private(set) var keys: [(location: (line: Int, column: Int), key: String)] = []
  private let mayMask: Bool

  /// The maximum, because each masked key costs another read of the whole file.
  private static let countMax = 16
  private static let firstMask: UInt32 = 0xE000

  init(_ text: String) {
    self.text = text
    mayMask = !text.unicodeScalars.contains {
      (Self.firstMask..<Self.firstMask + UInt32(Self.countMax)).contains($0.value)
    }
  }

  /// Masks the key that an error is about. - Returns: whether to read again.
  mutating func mask(_ error: any Error) -> Bool {
    guard mayMask, keys.count < Self.countMax,
      case .duplicatedKeysInMapping(let duplicates, let context)? = error as? YamlError,
      duplicates.count == 1 || !duplicates.contains(YAMLNode.notText), let key = duplicates.first,
      let mask = Unicode.Scalar(Self.firstMask + UInt32(keys.count))
    else { return false }
    let location = (line: context.mark.line, column: context.mark.column)
    var scalars = Array(text.unicodeScalars)
    guard var index = Self.index(of: location, in: scalars) else { return false }
    if ["'", "\""].contains(scalars[index]) { index += 1 }
    // Anything else is not a plain name: an anchor, a tag, an empty text.
    guard index < scalars.count, scalars[index].properties.isAlphabetic || scalars[index] == "_" else {
      return false
    }
    scalars[index] = mask
    text = String(String.UnicodeScalarView(scalars))
    keys.append((location, key))
    return true
  }

  /// Returns the index of a location. Lines end as in YAML 1.1.
  private static func index(of location: (line: Int, column: Int), in scalars: [Unicode.Scalar]) -> Int? {
    // A byte order mark takes no column.
    var index = scalars.first == "\u{FEFF}" ? 1 : 0
    var line = 1
    while line < location.line, index < scalars.count {
      if scalars[index] == "\r", index + 1 < scalars.count, scalars[index + 1] == "\n" { index += 1 }
      if ["\r", "\n", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalars[index]) { line += 1 }
      index += 1
    }
    index += location.column - 1
    return scalars.indices.contains(index) ? index : nil
  }
}
