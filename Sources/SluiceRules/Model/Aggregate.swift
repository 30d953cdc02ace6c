import SluiceRecords

/// A named value over the events of one window, or of one inner group of it.
package struct Column: Sendable {
  package var name: String
  package var aggregate: Aggregate
  package var type: ColumnType
}

extension [Column] {
  /// Returns the index of a column by its name, or by the part after its last dot if only one column has that; else
  /// nil.
  package func index(named name: String) -> Int? {
    if let index = firstIndex(where: { $0.name == name }) { return index }
    let short = indices.filter { self[$0].name.split(separator: ".").last.map(String.init) == name }
    return short.count == 1 ? short[0] : nil
  }
}

/// The type of a column's value. Conditions and arithmetic accept the first three.
package enum ColumnType: Sendable {
  /// The value is null if the column reads a field that no event has.
  case integer, real
  case time
  case text
  case list
}

/// How a column's value is computed from the events of a window.
package enum Aggregate: Sendable {
  case eventCount
  case eventCountWhere(Predicate)
  case firstTime
  case lastTime
  case windowStart
  /// Distinct values of a field, sorted; `null`, if given, replaces null.
  case values(Field, null: LogText?)
  /// Distinct elements of a comma-separated field.
  case elements(Field)
  case distinctCount(Field, null: LogText?)
  /// A statistic of the numbers of an integer field.
  case ofField(Statistic, Field)
  /// Distinct texts that a template yields.
  case texts(Template)
  case groupCount
  /// The number of inner groups whose columns satisfy a condition.
  case groupCountWhere(Expression)
  /// A statistic of an inner column.
  case ofGroups(Statistic, Int)
  /// A part of the key, by its index in `Rule.restOfKey`.
  case keyPart(Int)
  case clientIP
  /// The client IP as text, with a text for null.
  case clientIPText(null: LogText)
  case expression(Expression)
}

package enum Statistic: String, Sendable {
  case sum, max, min, avg
}

extension Aggregate {
  /// The fields that it reads.
  var fields: Set<Field> {
    switch self {
    case .eventCountWhere(let predicate): predicate.fields
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

  /// Returns whether the value never exceeds the number of events.
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

/// A text with an event's values in it, inserted without escaping.
package struct Template: Sendable {
  package enum Part: Sendable {
    case text(LogText)
    case field(Field, null: LogText)
    case clientIP(null: LogText)
  }
  package var parts: [Part]
}

/// The sentence of a detection: text with the values of columns in it.
package struct Message: Sendable {
  package enum Part: Sendable {
    case text(LogText)
    case clientIP(null: LogText)
    /// A column by its index; lists are joined by commas.
    case column(Int, null: LogText)
  }
  package var parts: [Part]

  package init(parts: [Part]) { self.parts = parts }
}
