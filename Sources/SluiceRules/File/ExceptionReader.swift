import SluiceRecords

/// Reads the list `exceptions:` of a rules file and reports every error with its location.
struct ExceptionReader {
  /// The ids of all rules, active or not.
  let rules: [String]
  private(set) var diagnostics: [RuleDiagnostic] = []

  init(rules: [String]) { self.rules = rules }

  private static let criteria = ["rule", "rules", "ip", "cidr", "asn", "user", "from", "to"]
  static let keys = ["id"] + criteria + ["owner", "reason", "expires"]

  mutating func read(_ node: YAMLNode) -> [RuleException] {
    if node.isNull { return [] }
    guard let elements = node.list else {
      report(node, "a list of exceptions should be here, not \(node.kind)")
      return []
    }
    var exceptions: [RuleException] = []
    var ids: Set<String> = []
    for (index, element) in elements.enumerated() {
      guard let pairs = element.mapping else {
        report(element, "an exception is a mapping with an 'owner' and a 'reason', not \(element.kind)")
        continue
      }
      let fields = Fields(pairs: pairs, node: element)
      let exception = exception(fields, number: index + 1)
      if !ids.insert(exception.id).inserted {
        report(fields["id"] ?? element, "two exceptions have the id '\(exception.id)'")
      }
      exceptions.append(exception)
    }
    return exceptions
  }

  private struct Fields {
    var pairs: [(key: YAMLNode, value: YAMLNode)]
    var node: YAMLNode

    subscript(name: String) -> YAMLNode? { pairs.first { $0.key.name == name }?.value }
  }

  /// Reads one exception and omits values that have an error: after an error nothing is scanned.
  private mutating func exception(_ fields: Fields, number: Int) -> RuleException {
    for (key, _) in fields.pairs where !Self.keys.contains(key.name ?? "") {
      let name = key.name ?? ""
      report(key, "there is no key '\(name)' here\(Suggestion.text(for: name, among: Self.keys))")
    }
    if !Self.criteria.contains(where: { fields[$0] != nil }) {
      report(
        fields.node, "this would hide everything; give a criterion: \(Self.criteria.joined(separator: ", "))")
    }
    let exception = RuleException(
      id: fields["id"].flatMap { id($0) } ?? "exception-\(number)", owner: words("owner", fields),
      reason: words("reason", fields), expires: fields["expires"].flatMap { $0.isNull ? nil : time($0) },
      rules: one(of: "rule", "rules", fields).map { node in Set(list(node) { $0.rule($1) }) },
      networks: one(of: "ip", "cidr", fields).map { node in list(node) { $0.network($1) } },
      asNumbers: fields["asn"].map { node in Set(list(node) { $0.asNumber($1) }) },
      users: fields["user"].map { node in list(node) { $0.glob($1) } },
      from: fields["from"].flatMap { time($0) }, to: fields["to"].flatMap { time($0) })
    if let from = exception.from, let to = exception.to, to <= from, let node = fields["to"] {
      report(node, "'to' must be later than 'from', or no detection lies between")
    }
    if let from = exception.from, let expires = exception.expires, expires <= from,
      let node = fields["expires"]
    {
      report(node, "it expires before it begins, and so never applies", isWarning: true)
    }
    return exception
  }

  // MARK: Values

  private mutating func report(_ node: YAMLNode, _ message: String, isWarning: Bool = false) {
    let location = node.location
    diagnostics.append(
      RuleDiagnostic(
        file: location.file, line: location.line, column: location.column, message: message,
        isWarning: isWarning))
  }

  /// Returns the value of a criterion that has two names.
  private mutating func one(of first: String, _ second: String, _ fields: Fields) -> YAMLNode? {
    if fields[first] != nil, let node = fields[second] {
      report(node, "'\(first)' and '\(second)' are one criterion; put all values into one of them")
    }
    return fields[first] ?? fields[second]
  }

  private mutating func list<Element>(
    _ node: YAMLNode, _ element: (inout Self, YAMLNode) -> Element?
  ) -> [Element] {
    let nodes = node.list ?? [node]
    if nodes.isEmpty { report(node, "an empty list matches nothing") }
    return nodes.compactMap { element(&self, $0) }
  }

  /// Returns the text of a scalar. An empty or blank text is an error.
  private mutating func text(_ node: YAMLNode, _ what: String) -> String? {
    if let text = node.text, text.contains(where: { !$0.isWhitespace }) { return text }
    report(node, "\(what) should be here, not \(node.text == nil ? node.kind : "an empty text")")
    return nil
  }

  private mutating func words(_ key: String, _ fields: Fields) -> String {
    guard let node = fields[key] else {
      report(fields.node, "the exception has no '\(key)'")
      return ""
    }
    return text(node, "a text") ?? ""
  }

  private mutating func id(_ node: YAMLNode) -> String? {
    guard let id = text(node, "a text") else { return nil }
    if !RuleReader.isID(id) {
      report(node, "an id is made of at most 100 letters, digits, '-', '_' and '.'")
    }
    return id
  }

  private mutating func rule(_ node: YAMLNode) -> String? {
    guard let id = text(node, "a rule's id") else { return nil }
    if !rules.contains(id) {
      report(node, "there is no rule '\(id)'\(Suggestion.text(for: id, among: rules, what: "rules"))")
    }
    return id
  }

  private mutating func network(_ node: YAMLNode) -> Network? {
    guard let text = text(node, "an IP address, or a network such as 192.0.2.0/24,") else { return nil }
    do throws(Network.ParseError) {
      let network = try Network(text)
      if network.isEverything {
        report(node, "\(text) is every \(network.prefixBits == 0 ? "" : "IPv4 ")address", isWarning: true)
      }
      return network
    } catch {
      switch error {
      case .noAddress: report(node, "'\(text)' is no IP address, and no network such as 192.0.2.0/24")
      case .noPrefix(let bitsMax):
        report(node, "the prefix of '\(text)' should be a number from 0 to \(bitsMax)")
      case .hostBits(let network):
        report(node, "'\(text)' has bits set after its prefix; the network is \(network)")
      }
      return nil
    }
  }

  private mutating func asNumber(_ node: YAMLNode) -> Int? {
    if case .scalar(let text, isPlain: true) = node.content, let number = Int(text), text == String(number),
      (0...Int(UInt32.max)).contains(number)
    {
      return number
    }
    let digits = node.text.map { $0.lowercased().hasPrefix("as") ? $0.dropFirst(2) : "" } ?? ""
    let hint = UInt32(digits).map { "; leave out the letters: \($0)" } ?? ""
    report(node, "an AS number should be here, from 0 to \(UInt32.max)\(hint)")
    return nil
  }

  private mutating func glob(_ node: YAMLNode) -> Glob? {
    guard let text = node.text, !text.isEmpty else {
      report(
        node,
        node.text == nil
          ? "a text such as \"svc-*@example.org\" should be here, not \(node.kind)"
          : "an empty text matches no user")
      return nil
    }
    let glob = Glob(text)
    if glob.isEverything { report(node, "'\(text)' is every user", isWarning: true) }
    return glob
  }

  private mutating func time(_ node: YAMLNode) -> EventTime? {
    if let time = node.text.flatMap({ EventTime(userText: $0) }) { return time }
    report(node, "a time such as 2026-01-05T10:00:00Z, or a date such as 2026-01-05, should be here")
    return nil
  }
}
