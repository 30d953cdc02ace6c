import SluiceRecords

/// What stands for rows that are read: which rules their filters are, which fields are taken, and which files their sources are.
struct RowProjection: Sendable {
  /// By filter: bits of the rules that have it.
  var rules: [UInt32]
  /// By facet, of each field that is wanted its place among those of the frame.
  var fields: [[Int]]
  /// By facet: how many fields a frame's entries have.
  var fieldCounts: [Int]
  /// By source; nil if files are numbered as sources are.
  var files: [Int]?
  /// Half-open.
  var from: EventTime?
  var to: EventTime?

  /// The rows as they were.
  init(asWritten fields: [[Field]], filterCount: Int) {
    rules = (0..<filterCount).map { 1 << UInt32($0) }
    self.fields = fields.map { Array($0.indices) }
    fieldCounts = fields.map(\.count)
  }

  /// - Parameters:
  ///   - filters: by rule the number of its filter.
  ///   - layout: of the fields that are wanted. - Precondition: the contract has them.
  init(_ contract: PartialContract, filters: [Int], layout: FacetLayout, files: [Int]) {
    rules = contract.filters.indices.map { filter in
      filters.enumerated().reduce(0) { $1.element == filter ? $0 | 1 << UInt32($1.offset) : $0 }
    }
    fields = zip(layout.fields, contract.fields).map { wanted, there in
      wanted.map { field in there.firstIndex(of: field)! }  // As required above.
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
