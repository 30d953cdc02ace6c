import SluiceRecords

/// Reading of the key.
extension RuleReader {
  mutating func key() -> (clientIP: Rule.ClientIPSource, rest: [Rule.KeyPart]) {
    var key: (clientIP: Rule.ClientIPSource, rest: [Rule.KeyPart]) = (.none, [])
    guard let node = entry["key"] else { return missing("key") ?? key }
    guard let elements = node.list else {
      report(
        node.location,
        "a list should be here, such as [client_ip]; an empty one puts all events into one group")
      return key
    }
    for element in elements {
      if let name = element.text, name == "client_ip" || name == "client_ip_or_actor" {
        if key.clientIP != .none { report(element.location, "the client IP is in the key twice") }
        key.clientIP = name == "client_ip" ? .client : .clientOrActor
      } else if let part = keyPart(element) {
        if key.rest.contains(where: { $0.name == part.name }) {
          report(element.location, "two parts of the key are named '\(part.name)'")
        }
        key.rest.append(part)
      }
    }
    return key
  }

  mutating func keyPart(_ node: YAMLNode) -> Rule.KeyPart? {
    guard let pairs = node.mapping else {
      return text(node).flatMap { name in
        keyField(node).map { Rule.KeyPart(name: name, source: .field($0), null: "unknown") }
      }
    }
    demandKnownKeys(pairs, Self.keyPartKeys)
    func value(_ name: String) -> YAMLNode? { pairs.first { $0.key.name == name }?.value }
    let nullText = value("null").flatMap { text($0) } ?? "unknown"
    switch (value("field"), value("constant")) {
    case (let node?, nil):
      guard let field = keyField(node) else { return nil }
      let name = value("name").flatMap { text($0) } ?? field.name
      return Rule.KeyPart(name: name, source: .field(field), null: LogText(nullText))
    case (nil, let constant?):
      guard let text = text(constant), let name = value("name").flatMap({ self.text($0) }) else {
        if value("name") == nil { report(node.location, "a constant in the key needs a name") }
        return nil
      }
      return Rule.KeyPart(name: name, source: .constant(LogText(text)), null: LogText(nullText))
    default:
      report(node.location, "a part of the key has either 'field' or 'constant'")
      return nil
    }
  }

  mutating func keyField(_ node: YAMLNode) -> Field? {
    guard let name = text(node) else { return nil }
    guard let field = Field(name: name) else {
      report(node.location, PredicateChecker.noField(name))
      return nil
    }
    if field == .clientIP {
      report(
        node.location, "in a key the client IP is 'client_ip', which compares addresses, not their spellings")
      return nil
    }
    return field
  }
}
