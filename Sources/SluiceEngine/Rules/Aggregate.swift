import SluiceRecords

/// A named value over the events of one window, or of one inner group of it.
struct Column: Sendable {
  var name: String
  var aggregate: Aggregate
  var type: ColumnType
}

extension [Column] {
  /// The column of a whole name, or of what stands behind the last dot of one; nil if there is none, or more than one.
  func index(named name: String) -> Int? {
    if let index = firstIndex(where: { $0.name == name }) { return index }
    let short = indices.filter { self[$0].name.split(separator: ".").last.map(String.init) == name }
    return short.count == 1 ? short[0] : nil
  }
}

/// What a column holds. Conditions and arithmetic take the first three.
enum ColumnType: Sendable {
  /// Null if it is a field's and no event has the field.
  case integer, real
  case time
  case text
  case list
}

/// How a column's value comes about.
enum Aggregate: Sendable {
  case eventCount
  case eventCountWhere(PredicateProgram)
  case firstTime
  case lastTime
  case windowStart
  /// Distinct values of a field, sorted; `null` stands in for null if given.
  case values(Field, null: LogText?)
  /// Distinct elements of a comma-separated field.
  case elements(Field)
  case distinctCount(Field, null: LogText?)
  /// Over the numbers of a field that holds integers.
  case ofField(Statistic, Field)
  /// Distinct texts that a template gives.
  case texts(Template)
  case groupCount
  /// Inner groups for whose columns a condition holds.
  case groupCountWhere(Expression)
  /// Over an inner column.
  case ofGroups(Statistic, Int)
  /// A part of the key, by its place in `Rule.restOfKey`.
  case keyPart(Int)
  case clientIP
  /// The client IP as text, with a text for null.
  case clientIPText(null: LogText)
  case expression(Expression)
}

enum Statistic: String, Sendable {
  case sum, max, min, avg
}

extension Aggregate {
  /// Fields that it reads.
  var fields: Set<Field> {
    switch self {
    case .eventCountWhere(let program): program.predicate.fields
    case .values(let field, _), .elements(let field), .distinctCount(let field, _), .ofField(_, let field):
      [field]
    case .texts(let template):
      Set(
        template.parts.compactMap { part in
          if case .field(let field, _) = part { field } else { nil }
        })
    case .eventCount, .firstTime, .lastTime, .windowStart, .groupCount, .groupCountWhere, .ofGroups, .keyPart,
      .clientIP, .clientIPText, .expression:
      []
    }
  }

  /// Whether it can never exceed the number of events.
  func isBoundedByEvents(_ groups: Rule.InnerGroups?) -> Bool {
    switch self {
    case .eventCount, .eventCountWhere, .distinctCount, .groupCount, .groupCountWhere: return true
    case .ofGroups(let statistic, let column):
      switch (statistic, groups?.columns[column].aggregate) {
      case (_, .eventCount), (_, .eventCountWhere), (_, .distinctCount): return true
      default: return false
      }
    default: return false
    }
  }
}

/// Text with an event's values in it, joined as they are, without escaping.
struct Template: Sendable {
  enum Part: Sendable {
    case text(LogText)
    case field(Field, null: LogText)
    case clientIP(null: LogText)
  }
  var parts: [Part]
}

/// What a detection says in a sentence: text with the values of columns in it.
struct Message: Sendable {
  enum Part: Sendable {
    case text(LogText)
    case clientIP(null: LogText)
    /// By its place; lists are joined by commas.
    case column(Int, null: LogText)
  }
  var parts: [Part]
}
