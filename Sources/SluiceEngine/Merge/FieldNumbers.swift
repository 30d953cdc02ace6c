import SluiceRules

/// Numbers the distinct combinations of some fields' values, so that windows can count them in plain arrays.
///
/// A facet's entry combines more fields than these, so several entries may have one number.
final class FieldNumbers {
  private let shard: MergedShard
  private let fields: [Field]
  /// Facets of the fields.
  private let facets: [Facet]
  private let values: ByteDictionary
  private var text = UnsafeBuffer(capacity: 256)
  /// Number plus one by facet entry, if all fields are in one facet; 0 if not computed yet.
  private var numbers: [Int] = []

  /// - Precondition: each field is kept or is the client IP.
  init(_ fields: [Field], in shard: MergedShard, key: HashKey) {
    self.shard = shard
    self.fields = fields
    values = ByteDictionary(key: key)
    if fields.contains(.clientIP) {
      facets = []
    } else {
      let used = Set(fields.map { shard.slot(of: $0).facet })
      facets = Facet.allCases.filter(used.contains)
      if facets.count == 1 {
        numbers = Array(repeating: 0, count: shard.facets[facets[0].rawValue].count)
      }
    }
  }

  /// Number of combinations so far. Null counts as a value.
  var count: Int { values.count }

  func number(of row: Observation) -> Int {
    guard facets.count == 1 else { return number(spelling: row) }
    let entry = Int(row.facets[facets[0].rawValue])
    if numbers[entry] == 0 { numbers[entry] = number(spelling: row) + 1 }
    return numbers[entry] - 1
  }

  private func number(spelling row: Observation) -> Int {
    var end = 0
    for field in fields { end = FacetBytes.append(shard.value(field, of: row), to: &text, at: end) }
    return values.number(of: text.view(0..<end))
  }
}
