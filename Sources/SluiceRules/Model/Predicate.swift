import SluiceRecords

/// A condition on one event's fields. Strings are compared byte for byte.
package indirect enum Predicate: Hashable, Sendable {
  case isEqual(Field, LogText)
  case isOne(Field, of: [LogText])
  case hasPrefix(Field, LogText)
  case contains(Field, LogText)
  /// An element of a comma-separated list equals the text.
  case lists(Field, LogText)
  /// The field is not null.
  case exists(Field)
  /// The value is `true` in upper or lower case.
  case isTrue(Field)
  case all([Predicate])
  case any([Predicate])
  case not(Predicate)

  /// The fields that it reads.
  package var fields: Set<Field> {
    switch self {
    case .isEqual(let field, _), .isOne(let field, _), .hasPrefix(let field, _), .contains(let field, _),
      .lists(let field, _), .exists(let field), .isTrue(let field):
      [field]
    case .all(let predicates), .any(let predicates): predicates.reduce([]) { $0.union($1.fields) }
    case .not(let predicate): predicate.fields
    }
  }
}
