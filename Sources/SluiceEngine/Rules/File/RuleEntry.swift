/// One rule as a rules file holds it: its keys and their values, not yet read.
struct RuleEntry: Sendable {
  /// In the order of the file.
  private(set) var fields: [(key: YAMLNode, value: YAMLNode)]
  /// Where the entry, or what overrides it, stands.
  private(set) var place: RuleFileLocation

  init(_ fields: [(key: YAMLNode, value: YAMLNode)], place: RuleFileLocation) {
    self.fields = fields
    self.place = place
  }

  subscript(name: String) -> YAMLNode? { fields.first { $0.key.name == name }?.value }

  /// The entry with another's values where that gives any. A risk score and the figures it is made of override each other.
  func overridden(by other: RuleEntry) -> RuleEntry {
    var result = self
    result.place = other.place
    for (key, value) in other.fields {
      let replaced = ["risk", "risk_score"].contains(key.name) ? ["risk", "risk_score"] : [key.name]
      result.fields.removeAll { replaced.contains($0.key.name) && $0.key.place.file != key.place.file }
      result.fields.append((key, value))
    }
    return result
  }
}
