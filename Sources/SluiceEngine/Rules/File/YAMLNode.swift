import Yams

/// A place in a rules file.
struct FilePlace: Hashable, Sendable {
  var file: String
  /// From 1.
  var line: Int
  var column: Int
}

/// A value of a rules file, with its place; the only form in which YAML goes on from here.
///
/// Aliases are spelled out. Nothing is resolved: whether `yes` is a truth value or a text is for who reads it to say.
struct YAMLNode: Sendable {
  indirect enum Content: Sendable {
    /// `isPlain` if it stood without quotes, so that it may be null, a number or a truth value.
    case scalar(String, isPlain: Bool)
    case list([YAMLNode])
    /// In the order of the file.
    case mapping([(key: YAMLNode, value: YAMLNode)])
  }

  var content: Content
  var place: FilePlace
  /// Of a scalar, the lines of the file, to find places within it.
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

  /// As the key of a mapping, where null is a name like others.
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

  /// Where a scalar of a scalar's text stands in the file.
  func place(atOffset offset: Int) -> FilePlace {
    guard let source, case .scalar(let text, _) = content else { return place }
    return source.place(of: offset, in: text, from: place)
  }
}

/// The lines of a rules file, in which offsets of a scalar's text are found again.
final class YAMLSource: Sendable {
  private let lines: [[Unicode.Scalar]]

  init(_ text: String) {
    lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
  }

  /// Follows text and file side by side: white space of one is any white space of the other, as YAML folds lines; an escape of
  /// a quoted scalar is passed over.
  func place(of offset: Int, in text: String, from start: FilePlace) -> FilePlace {
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
        // In double quotes a backslash at the end of a line joins it with the next.
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
    return FilePlace(file: start.file, line: line + 1, column: column + 1)
  }
}

extension YAMLNode {
  static let bytesMax = 1 << 20
  private static let nodesMax = 100_000
  private static let aliasesMax = 16

  /// Reads one YAML document; nil if the file is empty.
  ///
  /// Refuses what is no UTF-8, longer than a rules file can sensibly be, or would grow out of bounds by aliases. Keys that come
  /// twice are a fault.
  static func read(_ bytes: [UInt8], file: String) throws(RuleFault) -> YAMLNode? {
    func fault(_ message: String, _ line: Int = 1, _ column: Int = 1) -> RuleFault {
      RuleFault(file: file, line: line, column: column, message: message, isWarning: false)
    }
    guard bytes.count <= bytesMax else { throw fault("this is longer than \(bytesMax) bytes") }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw fault("this is no UTF-8 text") }
    // Whoever hashes a mapping's keys spells its aliases out, each of which may hold the one before it twice.
    guard aliasCount(text) <= aliasesMax else {
      throw fault("this holds more than \(aliasesMax) aliases ('*name')")
    }
    let root: Node?
    do {
      root = try Parser(yaml: text, resolver: .basic, constructor: .default, encoding: .utf8).singleRoot()
    } catch {
      throw described(error, fault)
    }
    guard let root else { return nil }
    var budget = nodesMax
    let source = YAMLSource(text)
    guard let node = YAMLNode(root, file: file, source, &budget) else {
      throw fault("this holds more than \(nodesMax) values, aliases spelled out")
    }
    return node.isNull ? nil : node
  }

  /// What looks like an alias: a star before a letter, behind white space or a mark.
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

  private static func described(_ error: any Error, _ fault: (String, Int, Int) -> RuleFault) -> RuleFault {
    switch error as? YamlError {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let words = [context?.text, problem].compactMap { $0 }.joined(separator: ", ")
      return fault("this is no YAML: \(words)", mark.line, mark.column)
    case .duplicatedKeysInMapping(let duplicates, let context):
      return fault(
        "the key '\(duplicates.first ?? "")' comes twice in one mapping", context.mark.line,
        context.mark.column)
    case .reader(let problem, let offset, _, let text):
      let before = text.prefix(offset ?? 0).split(
        omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      return fault("this is no YAML: \(problem)", max(1, before.count), (before.last?.count ?? 0) + 1)
    default: return fault("this is no YAML", 1, 1)
    }
  }

  private init?(_ node: Node, file: String, _ source: YAMLSource, _ budget: inout Int) {
    budget -= 1
    if budget < 0 { return nil }
    place = FilePlace(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    switch node {
    case .scalar(let scalar):
      let isPlain =
        switch scalar.style {
        case .doubleQuoted, .singleQuoted, .literal, .folded: false
        default: true
        }
      content = .scalar(scalar.string, isPlain: isPlain)
      self.source = source
    case .sequence(let sequence):
      var elements: [YAMLNode] = []
      for element in sequence {
        guard let element = YAMLNode(element, file: file, source, &budget) else { return nil }
        elements.append(element)
      }
      content = .list(elements)
    case .mapping(let mapping):
      var pairs: [(key: YAMLNode, value: YAMLNode)] = []
      for pair in mapping {
        guard let key = YAMLNode(pair.key, file: file, source, &budget),
          let value = YAMLNode(pair.value, file: file, source, &budget)
        else { return nil }
        pairs.append((key, value))
      }
      content = .mapping(pairs)
    case .alias: content = .scalar("", isPlain: true)
    }
  }
}
