package typealias NamedCount = (name: String, count: Int)

/// Statistics with a table of their counts. Adding, partials and JSON use the table, so a new count needs one row.
///
/// Key paths are slow. Use the table once per worker, file or run, and increment fields directly for lines and records.
package protocol NamedCounts {
  typealias CountPath = WritableKeyPath<Self, Int> & Sendable

  /// Counts with their names in statistics, inspections and partials. Partials list them in this order.
  static var counts: [(name: String, path: CountPath)] { get }
}

extension NamedCounts {
  package static func path(named name: String) -> CountPath? { counts.first { $0.name == name }?.path }

  /// - Precondition: the count is in the table.
  package static func name(of path: WritableKeyPath<Self, Int>) -> String {
    guard let count = counts.first(where: { $0.path == path }) else {
      preconditionFailure("a count has no name")
    }
    return count.name
  }

  package var namedCounts: [NamedCount] { Self.counts.map { ($0.name, self[keyPath: $0.path]) } }

  /// Adds all counts of the table.
  package mutating func addCounts(_ other: Self) {
    for (_, path) in Self.counts { self[keyPath: path] += other[keyPath: path] }
  }
}
