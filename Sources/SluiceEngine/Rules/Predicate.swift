import SluiceRecords

/// A condition on one event's fields. Strings are compared byte for byte.
public indirect enum Predicate: Sendable {
  case isEqual(Field, LogText)
  case isOne(Field, of: [LogText])
  case hasPrefix(Field, LogText)
  case contains(Field, LogText)
  /// One element of a comma-separated list equals the text.
  case lists(Field, LogText)
  /// Not null.
  case exists(Field)
  /// `true` in any case of letters.
  case isTrue(Field)
  case all([Predicate])
  case any([Predicate])
  case not(Predicate)

  /// Texts of which a line must hold at least one, as bare bytes, if the predicate is to hold for its event; nil if
  /// there is no such set. A line that spells them with `\u00` escapes is not covered.
  var literals: [[UInt8]]? {
    switch self {
    case .isEqual(_, let text), .hasPrefix(_, let text), .contains(_, let text), .lists(_, let text):
      return Self.bareRun(text.bytes).map { [$0] }
    case .isOne(_, let texts):
      let runs = texts.compactMap { Self.bareRun($0.bytes) }
      return runs.count == texts.count ? runs : nil
    case .any(let predicates):
      let sets = predicates.compactMap(\.literals)
      return sets.count == predicates.count ? Array(sets.joined()) : nil
    case .all(let predicates): return predicates.lazy.compactMap(\.literals).first
    case .exists, .isTrue, .not: return nil
    }
  }

  /// The longest part that JSON can only write as it is or with `\u00` escapes; nil if it is too short to look for.
  private static func bareRun(_ text: [UInt8]) -> [UInt8]? {
    let runs = text.split { byte in
      byte < 0x20 || byte >= 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
        || byte == UInt8(ascii: "/")
    }
    let longest = runs.max { $0.count < $1.count }
    return longest.flatMap { $0.count >= 2 ? Array($0.prefix(Prefilter.literalBytesMax)) : nil }
  }
}
