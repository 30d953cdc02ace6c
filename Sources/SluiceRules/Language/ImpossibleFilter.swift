import SluiceRecords

/// Decides whether any event can satisfy a condition on its fields.
///
/// A condition is called impossible only if it is. Fields are assumed to be independent of each other, and each may be
/// null or any text. Every alternative is tried, up to a maximum number.
enum ImpossibleFilter {
  private static let alternativesMax = 256
  /// The maximum for one field in one alternative; no real rule has more.
  private static let literalsMax = 100

  /// A condition on one field, or its opposite.
  private struct Literal {
    /// A leaf: not `all`, `any` or `not`.
    var predicate: Predicate
    var isNegated: Bool

    var signed: Predicate { isNegated ? .not(predicate) : predicate }
    var text: String { predicate.text(isNegated: isNegated) }
  }

  /// Returns why no event can satisfy the predicate; nil if some event may.
  static func impossibility(of predicate: Predicate) -> String? {
    guard let alternatives = alternatives(predicate, isNegated: false) else { return nil }
    var reason: String?
    for alternative in alternatives {
      guard let why = conflict(alternative) else { return nil }
      reason = reason ?? why
    }
    return reason ?? "it is false always"
  }

  /// Returns the condition as alternatives of literals that must all hold; nil if there are too many.
  private static func alternatives(_ predicate: Predicate, isNegated: Bool) -> [[Literal]]? {
    switch predicate {
    case .not(let part): return alternatives(part, isNegated: !isNegated)
    case .all(let parts), .any(let parts):
      let isConjunction = if case .all = predicate { !isNegated } else { isNegated }
      var result: [[Literal]] = isConjunction ? [[]] : []
      for part in parts {
        guard let own = alternatives(part, isNegated: isNegated) else { return nil }
        if isConjunction, own.count == 1 {
          for index in result.indices { result[index] += own[0] }
        } else {
          result = isConjunction ? result.flatMap { literals in own.map { literals + $0 } } : result + own
        }
        if result.count > alternativesMax { return nil }
      }
      return result
    default: return [[Literal(predicate: predicate, isNegated: isNegated)]]
    }
  }

  /// Returns why literals cannot hold together; it names only those that are responsible.
  private static func conflict(_ literals: [Literal]) -> String? {
    let byField = Dictionary(grouping: literals) { $0.predicate.fields.first ?? .eventType }
    for field in byField.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
      guard var blamed = byField[field], blamed.count <= literalsMax, excludeEachOther(blamed) else {
        continue
      }
      for index in blamed.indices.reversed() {
        var fewer = blamed
        fewer.remove(at: index)
        if excludeEachOther(fewer) { blamed = fewer }
      }
      let texts = blamed.map { "'\($0.text)'" }
      guard texts.count > 1 else { return "\(texts.joined()) can never hold" }
      return "\(texts.dropLast().joined(separator: ", ")) and \(texts[texts.count - 1]) cannot hold together"
    }
    return nil
  }

  /// Returns whether no value of a field, null included, satisfies all literals.
  private static func excludeEachOther(_ literals: [Literal]) -> Bool {
    let all = Predicate.all(literals.map(\.signed))
    if all.holds(of: nil) { return false }
    if let texts = literals.lazy.compactMap({ $0.isNegated ? nil : $0.predicate.onlyTexts }).first {
      return !texts.contains { all.holds(of: $0) }
    }
    // The remaining literals need a value, of any length.
    let positive = literals.filter { !$0.isNegated }.map(\.predicate)
    let prefixes = positive.compactMap { if case .hasPrefix(_, let text) = $0 { text.bytes } else { nil } }
    let prefix = prefixes.max { $0.count < $1.count } ?? []
    if prefixes.contains(where: { !prefix.starts(with: $0) }) { return true }
    return literals.contains { literal in
      guard literal.isNegated else { return false }
      switch literal.predicate {
      case .exists: return true
      case .hasPrefix(_, let text): return prefix.starts(with: text.bytes)
      case .contains(_, let text):
        return positive.contains { $0.textWithin.map { $0.contains(text.bytes) } ?? false }
      case .lists(_, let text):
        return positive.contains { if case .lists(_, text) = $0 { true } else { false } }
      // Texts of any length include others than these.
      case .isEqual, .isOne, .isTrue, .all, .any, .not: return false
      }
    }
  }
}

extension Predicate {
  /// Returns whether it holds for an event whose every field has this value. The engine's form of it is faster.
  fileprivate func holds(of value: [UInt8]?) -> Bool {
    switch self {
    case .isEqual(_, let text): value == text.bytes
    case .isOne(_, let texts): texts.contains { $0.bytes == value }
    case .hasPrefix(_, let text): value?.starts(with: text.bytes) ?? false
    case .contains(_, let text): value?.contains(text.bytes) ?? false
    case .lists(_, let text):
      value?.split(separator: UInt8(ascii: ",")).contains { $0.trimmingBlanks().elementsEqual(text.bytes) }
        ?? false
    case .exists: value != nil
    case .isTrue: value.map { String(decoding: $0, as: UTF8.self).lowercased() == "true" } ?? false
    case .all(let parts): parts.allSatisfy { $0.holds(of: value) }
    case .any(let parts): parts.contains { $0.holds(of: value) }
    case .not(let part): !part.holds(of: value)
    }
  }

  /// The only texts that satisfy it, if they are few enough to list; else nil.
  fileprivate var onlyTexts: [[UInt8]]? {
    switch self {
    case .isEqual(_, let text): [text.bytes]
    case .isOne(_, let texts): texts.map(\.bytes)
    case .isTrue:
      (0..<16).map { cases in
        "true".utf8.enumerated().map { $1 ^ (cases >> $0 & 1 == 1 ? 0x20 : 0) }
      }
    default: nil
    }
  }

  /// A text that every satisfying value contains.
  fileprivate var textWithin: [UInt8]? {
    switch self {
    case .hasPrefix(_, let text), .contains(_, let text), .lists(_, let text): text.bytes
    default: nil
    }
  }

  /// Returns a condition on one field as a rules file writes it.
  fileprivate func text(isNegated: Bool) -> String {
    let not = isNegated ? "not " : ""
    return switch self {
    case .isEqual(let field, let text): "\(field.name) \(isNegated ? "!=" : "==") \"\(text)\""
    case .isOne(let field, let texts):
      "\(not)\(field.name) in (\(texts.map { "\"\($0)\"" }.joined(separator: ", ")))"
    case .hasPrefix(let field, let text): "\(not)\(field.name) starts_with \"\(text)\""
    case .contains(let field, let text): "\(not)\(field.name) contains \"\(text)\""
    case .lists(let field, let text): "\(not)\(field.name) lists \"\(text)\""
    case .exists(let field): "\(not)exists(\(field.name))"
    case .isTrue(let field): "\(not)is_true(\(field.name))"
    case .all, .any, .not: "a condition"
    }
  }
}

extension BidirectionalCollection<UInt8> {
  /// The bytes without spaces and tabs at both ends.
  func trimmingBlanks() -> SubSequence {
    let isBlank: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    let start = firstIndex { !isBlank($0) } ?? endIndex
    let end = lastIndex { !isBlank($0) }.map { index(after: $0) } ?? start
    return self[start..<end]
  }
}
