import SluiceRecords
import SluiceRules

/// The meaning of stored rows: the rules of their filters, the fields that are wanted, and the files of their sources.
struct RowProjection: Sendable {
  /// Bits of the rules that have a filter, by filter.
  var rules: [UInt32]
  /// Indices of the wanted fields among the frame's fields, by facet.
  var fields: [[Int]]
  /// Number of fields in a frame's entries, by facet.
  var fieldCounts: [Int]
  /// File numbers by source; nil if they are equal.
  var files: [Int]?
  /// Half-open range of the wanted event times.
  var from: EventTime?
  var to: EventTime?

  /// Creates a projection that keeps rows as they were written.
  init(asWritten fields: [[Field]], filterCount: Int) {
    rules = (0..<filterCount).map { 1 << UInt32($0) }
    self.fields = fields.map { Array($0.indices) }
    fieldCounts = fields.map(\.count)
  }

  /// - Parameters:
  ///   - filters: filter numbers, by rule.
  ///   - layout: layout of the wanted fields. - Precondition: the contract has them.
  init(_ contract: PartialContract, filters: [Int], layout: FacetLayout, files: [Int]) {
    rules = contract.filters.indices.map { filter in
      filters.enumerated().reduce(0) { $1.element == filter ? $0 | 1 << UInt32($1.offset) : $0 }
    }
    fields = zip(layout.fields, contract.fields).map { wanted, there in
      wanted.map { field in there.firstIndex(of: field)! }  // See the precondition.
    }
    fieldCounts = contract.fields.map(\.count)
    self.files = files
  }

  func rules(of filters: UInt32) -> UInt32 {
    var found: UInt32 = 0
    for (filter, rules) in rules.enumerated() where filters >> UInt32(filter) & 1 != 0 { found |= rules }
    return found
  }

  func includes(_ time: EventTime) -> Bool {
    (from.map { $0 <= time } ?? true) && (to.map { time < $0 } ?? true)
  }
}
