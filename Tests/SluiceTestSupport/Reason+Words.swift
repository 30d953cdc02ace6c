import SluiceRecords

/// Tests hold reasons against the words that users see.
extension Reason.Word: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) { self.init(text) }
}

extension [Reason.Word: Int] {
  /// The counts as the reference implementation has them.
  package var byText: [String: Int] {
    Dictionary<String, Int>(uniqueKeysWithValues: map { ($0.key.text, $0.value) })
  }
}
