import SluiceRecords

/// Reads one entry of a rules file into a ``Rule`` and reports every error that it finds, each with its location.
///
/// If a user's override causes an error in a built-in rule's text, the error is reported at the override.
struct RuleReader {
  let entry: RuleEntry
  /// The ids of known rules, for suggestions after a misspelled id.
  let known: [String]
  private(set) var diagnostics: [RuleDiagnostic] = []
  private var missingKeys: [String] = []

  static let keys = [
    "id", "title", "description", "vendor", "vendor_rule_id", "source", "severity", "risk_score", "risk",
    "tactics",
    "techniques", "enabled", "reasonMatch", "filter", "key", "window", "text_window", "groups", "columns",
    "condition",
    "message", "false_positives", "next_steps",
  ]

  static let riskKeys = ["impact", "confidence"]
  static let keyPartKeys = ["name", "field", "constant", "null"]
  static let windowKeys = ["length", "slide", "keep_alive", "maximum"]
  static let groupsKeys = ["by", "columns"]
  static let severities = ["informational", "low", "medium", "high", "critical"]

  init(_ entry: RuleEntry, known: [String] = []) {
    self.entry = entry
    self.known = known
  }

  /// Reads the entry. - Returns: nil if it has an error; warnings do not count.
  mutating func read() -> Rulebook.Entry? {
    demandKnownKeys(entry.fields, Self.keys)
    let metadata = metadata()
    let isEnabled = entry["enabled"].map { truth($0) } ?? true
    let reasonMatch: ReasonMatch = entry["reasonMatch"].map { readReasonMatch($0) } ?? .listed
    let filter = filter(reasonMatch)
    let key = key()
    let window = window("window") ?? missing("window")
    let textWindow = entry["text_window"] == nil ? window : self.window("text_window")
    let groups = entry["groups"].map { self.groups($0, reasonMatch) }
    var checker = ColumnChecker(
      reasonMatch: reasonMatch, inner: groups?.columns, keyParts: key.rest.map(\.name))
    columns(entry["columns"], "columns", &checker)
    let condition = condition(&checker, groups)
    let message = message(checker, metadata.title)
    let falsePositives = texts("false_positives")
    let nextSteps = texts("next_steps")
    nameMissingKeys(metadata.id)
    guard !diagnostics.contains(where: { !$0.isWarning }), let window, let textWindow, let condition else {
      return nil
    }
    let rule = Rule(
      metadata: metadata, filter: filter, clientIP: key.clientIP, restOfKey: key.rest, window: window,
      windowOfText: textWindow, groups: groups, columns: checker.columns, condition: condition,
      message: message)
    if let note = rule.slowness { warn(entry["filter"], note) }
    return Rulebook.Entry(
      rule: rule, isEnabled: isEnabled, file: entry.location.file, source: entry["source"]?.text,
      conditionText: (entry["condition"]?.text ?? "").split(whereSeparator: \.isWhitespace).joined(
        separator: " "),
      falsePositives: falsePositives, nextSteps: nextSteps)
  }

  // MARK: Diagnostics

  mutating func report(_ location: RuleFileLocation, _ message: String, isWarning: Bool = false) {
    let isOwn = location.file == entry.location.file
    let shown = isOwn ? location : entry.location
    let diagnostic = RuleDiagnostic(
      file: shown.file, line: shown.line, column: shown.column,
      message: isOwn ? message : "\(message) (\(location.file), line \(location.line))", isWarning: isWarning)
    if !diagnostics.contains(diagnostic) { diagnostics.append(diagnostic) }
  }

  mutating func warn(_ node: YAMLNode?, _ message: String) {
    report(node?.location ?? entry.location, message, isWarning: true)
  }

  mutating func missing<R>(_ key: String) -> R? {
    if entry[key] == nil { missingKeys.append(key) }
    return nil
  }

  /// Reports missing keys.
  ///
  /// A user who misspells a known rule's id wants to change that rule, not to write all keys of a new one.
  private mutating func nameMissingKeys(_ id: String) {
    guard !missingKeys.isEmpty else { return }
    let keys = Self.keys.filter(missingKeys.contains).map { "'\($0)'" }.joined(separator: ", ")
    let meant = Suggestion.nearest(to: id, among: known).map {
      "; did you mean the rule '\($0)', which has \(missingKeys.count == 1 ? "it" : "them")?"
    }
    report(entry.location, "the rule has no \(keys)\(meant ?? "")")
  }

  mutating func demandKnownKeys(_ fields: [(key: YAMLNode, value: YAMLNode)], _ known: [String]) {
    for (key, _) in fields where !known.contains(key.name ?? "") {
      let name = key.name ?? ""
      report(key.location, "there is no key '\(name)' here\(Suggestion.text(for: name, among: known))")
    }
  }

  // MARK: Scalars

  mutating func text(_ node: YAMLNode) -> String? {
    if let text = node.text, !text.isEmpty { return text }
    report(node.location, "a text should be here, not \(node.text == nil ? node.kind : "an empty one")")
    return nil
  }

  mutating func truth(_ node: YAMLNode) -> Bool {
    if case .scalar(let text, isPlain: true) = node.content, let value = Bool(text) { return value }
    report(node.location, "true or false should be here")
    return false
  }

  mutating func integer(_ node: YAMLNode, _ range: ClosedRange<Int>) -> Int? {
    if case .scalar(let text, isPlain: true) = node.content, let value = Int(text), range.contains(value) {
      return value
    }
    report(node.location, "an integer from \(range.lowerBound) to \(range.upperBound) should be here")
    return nil
  }

  mutating func readReasonMatch(_ node: YAMLNode) -> ReasonMatch {
    let isUsed = entry.fields.contains { $0.value.mentions("reason_is") }
    if !isUsed {
      warn(node, "nothing in this rule asks by reason_is(…), so that reasonMatch changes nothing")
    }
    if let match = node.text.flatMap(ReasonMatch.init) { return match }
    report(node.location, "listed or exact should be here")
    return .listed
  }

  /// - Parameter form: returns why a text is doubtful, or nil; if `form` is nil, every text is accepted.
  mutating func texts(_ key: String, _ form: ((String) -> String?)? = nil) -> [String] {
    guard let node = entry[key], !node.isNull else { return [] }
    guard let elements = node.list else {
      report(node.location, "a list should be here, not \(node.kind)")
      return []
    }
    var texts: [String] = []
    for element in elements {
      guard let text = text(element) else { continue }
      if let doubt = form?(text) { warn(element, doubt) }
      texts.append(text)
    }
    return texts
  }

  // MARK: Expressions

  mutating func syntax(_ node: YAMLNode) -> ExpressionSyntax? {
    guard let text = text(node) else { return nil }
    do throws(ExpressionError) {
      return try ExpressionParser.parse(text)
    } catch {
      report(node.location(atOffset: error.offset), error.message)
      return nil
    }
  }

  mutating func take(_ found: [ExpressionError], in node: YAMLNode) {
    for found in found { report(node.location(atOffset: found.offset), found.message) }
  }
}

extension YAMLNode {
  /// Returns whether a word occurs in the node or in its children.
  fileprivate func mentions(_ word: String) -> Bool {
    switch content {
    case .scalar(let text, _): text.contains(word)
    case .list(let elements): elements.contains { $0.mentions(word) }
    case .mapping(let pairs): pairs.contains { $0.key.mentions(word) || $0.value.mentions(word) }
    }
  }
}
