import SluiceRecords

/// The literals that a line must contain for its event to satisfy a predicate.
extension Predicate {
  /// Maximum bytes of a literal. Longer texts are searched for by their beginnings.
  package static let literalBytesMax = 64

  /// Literals of which a line must contain at least one, as plain bytes, for its event to satisfy the predicate.
  ///
  /// It is nil if there is no such set. A line that writes a literal with `\u00` escapes is not covered.
  var literals: [[UInt8]]? {
    switch self {
    case .isEqual(let field, let text), .hasPrefix(let field, let text), .contains(let field, let text),
      .lists(let field, let text):
      return Self.bareRun(text.bytes, of: field).map { [$0] }
    case .isOne(let field, let texts):
      let runs = texts.compactMap { Self.bareRun($0.bytes, of: field) }
      return runs.count == texts.count ? runs : nil
    case .any(let predicates):
      let sets = predicates.compactMap(\.literals)
      return sets.count == predicates.count ? Array(sets.joined()) : nil
    case .all(let predicates): return predicates.lazy.compactMap(\.literals).first
    case .exists, .isTrue, .not: return nil
    }
  }

  /// Whether it contains a text that is too short for ``literals``.
  var asksForShortText: Bool {
    switch self {
    case .isEqual(let field, let text), .hasPrefix(let field, let text), .contains(let field, let text),
      .lists(let field, let text):
      Self.bareRun(text.bytes, of: field) == nil
    case .isOne(let field, let texts): texts.contains { Self.bareRun($0.bytes, of: field) == nil }
    case .any(let predicates), .all(let predicates): predicates.contains(where: \.asksForShortText)
    case .exists, .isTrue, .not: false
    }
  }

  /// Returns the longest part that JSON writes verbatim or with `\u00` escapes; nil if it is too short to search for.
  ///
  /// A derived field's list is joined again, so the log need not contain the text around its commas.
  private static func bareRun(_ text: [UInt8], of field: Field) -> [UInt8]? {
    let isDerived = field.isDerived
    let runs = text.split { byte in
      byte < 0x20 || byte >= 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
        || byte == UInt8(ascii: "/") || isDerived && byte == UInt8(ascii: ",")
    }
    let longest = runs.max { $0.count < $1.count }
    return longest.flatMap { $0.count >= 2 ? Array($0.prefix(Self.literalBytesMax)) : nil }
  }
}
