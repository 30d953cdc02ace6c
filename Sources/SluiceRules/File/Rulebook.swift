import SluiceRecords

/// The known rules: the published ones, changed and extended by a user's rules file.
///
/// A file overrides known rules, key by key, and adds new ones:
///
///     rules:
///       - id: okta-credential-stuffing
///         condition: total_attempts >= 40 and max_attempts_per_user <= 2
///       - id: my-rule
///         title: …
///     exceptions:
///       - {cidr: 192.0.2.0/24, owner: …, reason: …, expires: 2026-12-31}
///
/// The published rules are such files too, and have no feature that a user's rule lacks.
public struct Rulebook: Sendable {
  package struct Entry: Sendable {
    package var rule: Rule
    /// Whether the rule is active by default, when no rules are named.
    package var isEnabled: Bool
    /// The file that defined the rule, or that changed it last.
    package var file: String
    /// The page where the rule was published.
    package var source: String?
    /// The condition as the rules file writes it.
    package var conditionText: String
    /// Known causes of false positives, and steps after a detection; one sentence each, for people.
    package var falsePositives: [String]
    package var nextSteps: [String]

    /// A remark for people in addition to the rule's values.
    package var note: String? { rule.slowness }
  }

  /// The rules, sorted by id.
  package private(set) var entries: [Entry] = []
  /// The exceptions, in file order.
  public private(set) var exceptions: [RuleException] = []
  /// The entries from which the rules were read; a user's file overrides them.
  private var sources: [String: RuleEntry] = [:]
  /// The ids of new rules that could not be read.
  private var faultyIDs: [String] = []

  package static let fileBytesMax = YAMLNode.bytesMax
  /// The most rules that can be active at once. Observations have bits for these and for the events of triage.
  package static let ruleCountMax = 27

  /// The published rules.
  public static let builtIn: Rulebook = {
    var book = Rulebook()
    for (name, bytes) in publishedFiles {
      let faults = book.take(bytes, file: name)
      precondition(!faults.contains { !$0.isWarning }, "\(name) is no rules file: \(faults)")
    }
    return book
  }()

  /// Returns the built-in rules as changed by a file, and the file's diagnostics in file order.
  ///
  /// - Returns: no rulebook if there is any error; warnings alone do not prevent one.
  public static func reading(_ bytes: [UInt8], file: String) -> (book: Rulebook?, faults: [RuleDiagnostic]) {
    var book = builtIn
    var faults = book.take(bytes, file: file)
    if let fault = book.tooManyActiveRules(file) { faults.append(fault) }
    return (faults.contains { !$0.isWarning } ? nil : book, faults)
  }

  /// Returns the rules with the given ids, enabled or not; without ids, all enabled rules.
  public func activeRules(_ ids: [String] = []) -> [Rule] {
    entries.filter { ids.isEmpty ? $0.isEnabled : ids.contains($0.rule.id) }.map(\.rule)
  }

  /// Returns a rule in full; nil if no rule has that id.
  ///
  /// The text says whether the rule is on and which literals its filter yields. A rules file with only this rule
  /// follows.
  package func text(ofRule id: String) -> [SafeText]? {
    guard let entry = entries.first(where: { $0.rule.id == id }), let source = sources[id] else { return nil }
    let literals = entry.rule.literals?.map { SafeText(String(decoding: $0, as: UTF8.self)) }
    let looksFor: SafeText =
      literals.map { "Lines are parsed that hold: \(SafeText.joined($0, separator: ", "))" }
      ?? "All lines are parsed: \(entry.note ?? "")"
    return ["# \(entry.isEnabled ? "On" : "Off"). \(looksFor)"] + source.lines
  }

  /// Reports too many active rules, at the first rule of the file that exceeds the limit.
  private func tooManyActiveRules(_ file: String) -> RuleDiagnostic? {
    let activeRules = activeRules()
    guard activeRules.count > Self.ruleCountMax else { return nil }
    let places = activeRules.compactMap { sources[$0.id]?.place }.filter { $0.file == file }.sorted {
      ($0.line, $0.column) < ($1.line, $1.column)
    }
    let place = places.suffix(activeRules.count - Self.ruleCountMax).first
    return RuleDiagnostic(
      file: file, line: place?.line ?? 1, column: place?.column ?? 1,
      message:
        "with this rule \(activeRules.count > Self.ruleCountMax + 1 ? "and those below " : "")\(activeRules.count) are enabled, of \(Self.ruleCountMax) at most; give some 'enabled: false'",
      isWarning: false)
  }

  // MARK: Reading

  private mutating func take(_ bytes: [UInt8], file: String) -> [RuleDiagnostic] {
    var faults: [RuleDiagnostic] = []
    func fault(_ place: RuleFileLocation, _ message: String) {
      faults.append(
        RuleDiagnostic(
          file: place.file, line: place.line, column: place.column, message: message, isWarning: false))
    }
    let start = RuleFileLocation(file: file, line: 1, column: 1)
    let (root, faultsOfText) = YAMLNode.read(bytes, file: file)
    faults += faultsOfText
    guard let root else {
      if faults.isEmpty { fault(start, "there is nothing in this file; it should hold 'rules:'") }
      return faults
    }
    guard let pairs = root.mapping else {
      fault(root.place, "a mapping with 'rules:' should be here, not \(root.kind)")
      return faults
    }
    var exceptionNodes: [YAMLNode] = []
    for (key, value) in pairs {
      switch key.name {
      case "rules": faults += takeRules(value)
      case "exceptions": exceptionNodes.append(value)
      case let name:
        fault(
          key.place,
          "there is no key '\(name ?? "")' here\(Suggestion.text(for: name ?? "", among: ["rules", "exceptions"]))"
        )
      }
    }
    for node in exceptionNodes {
      // Exceptions may also name rules further down, and rules that have errors.
      var reader = ExceptionReader(rules: Array(sources.keys.sorted() + faultyIDs))
      exceptions += reader.read(node)
      faults += reader.faults
    }
    return faults.sorted { ($0.line, $0.column, $0.message) < ($1.line, $1.column, $1.message) }
  }

  private mutating func takeRules(_ node: YAMLNode) -> [RuleDiagnostic] {
    func fault(_ place: RuleFileLocation, _ message: String) -> RuleDiagnostic {
      RuleDiagnostic(
        file: place.file, line: place.line, column: place.column, message: message, isWarning: false)
    }
    if node.isNull { return [] }
    guard let elements = node.list else {
      return [fault(node.place, "a list of rules should be here, not \(node.kind)")]
    }
    var faults: [RuleDiagnostic] = []
    var seen: Set<String> = []
    for element in elements {
      guard let pairs = element.mapping else {
        faults.append(fault(element.place, "a rule is a mapping with an 'id', not \(element.kind)"))
        continue
      }
      var entry = RuleEntry(pairs, place: element.place)
      if let id = entry["id"], let name = id.text {
        if !seen.insert(name).inserted {
          faults.append(fault(id.place, "the rule '\(name)' stands here twice"))
        }
        if let known = sources[name] { entry = known.overridden(by: entry) }
      }
      var reader = RuleReader(entry, known: sources.keys.sorted())
      let read = reader.read()
      faults += reader.faults
      guard let read else {
        if let id = entry["id"]?.text { faultyIDs.append(id) }
        continue
      }
      sources[read.rule.id] = entry
      entries.removeAll { $0.rule.id == read.rule.id }
      entries.append(read)
    }
    entries.sort { $0.rule.id.utf8.lexicographicallyPrecedes($1.rule.id.utf8) }
    return faults
  }
}
