/// Numbers the distinct values of one field, so that windows can count by them in plain arrays.
///
/// Facets number combinations of fields; two combinations may agree in this one.
final class FieldNumbers {
  private let shard: MergedShard
  private let place: (facet: Facet, index: Int)
  private let values: ByteDictionary
  /// By entry of the facet: the value's number plus one; 0 if it has not been asked for.
  private var numbers: [Int]

  init(_ field: Field, in shard: MergedShard, key: HashKey) {
    guard let place = Facet.places[field.rawValue] else { preconditionFailure("\(field) is not kept") }
    self.shard = shard
    self.place = place
    values = ByteDictionary(key: key)
    numbers = Array(repeating: 0, count: shard.facets[place.facet.rawValue].count)
  }

  /// Numbers given so far; null is a value too.
  var count: Int { values.count }

  func number(of row: Observation) -> Int {
    let entry = Int(row.facets[place.facet.rawValue])
    if numbers[entry] == 0 {
      let value = FacetBytes.field(place.index, of: shard.facets[place.facet.rawValue][entry])
      // Values are never empty, so the empty one stands for null.
      numbers[entry] = values.number(of: value ?? .empty) + 1
    }
    return numbers[entry] - 1
  }
}
