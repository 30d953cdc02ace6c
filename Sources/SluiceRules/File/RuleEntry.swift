/// One rule as a rules file contains it: its keys and their values, not yet interpreted.
struct RuleEntry: Sendable {
  /// The keys and values, in file order.
  private(set) var fields: [(key: YAMLNode, value: YAMLNode)]
  /// The location of the entry, or of its override.
  private(set) var location: RuleFileLocation

  init(_ fields: [(key: YAMLNode, value: YAMLNode)], location: RuleFileLocation) {
    self.fields = fields
    self.location = location
  }

  subscript(name: String) -> YAMLNode? { fields.first { $0.key.name == name }?.value }

  /// Returns the entry with another entry's values replacing its own.
  ///
  /// A risk score and the numbers that it is computed from override each other.
  func overridden(by other: RuleEntry) -> RuleEntry {
    var result = self
    result.location = other.location
    for (key, value) in other.fields {
      let replaced = ["risk", "risk_score"].contains(key.name) ? ["risk", "risk_score"] : [key.name]
      result.fields.removeAll { replaced.contains($0.key.name) && $0.key.location.file != key.location.file }
      result.fields.append((key, value))
    }
    return result
  }
}
