/// Some complete groups of one shard, from any number of frames: sorted rows and the dictionaries they refer to.
final class RowBatch {
  /// Number of the batch in its merge, from 1.
  let number: Int
  let shard: Int
  var rows: [Observation] = []
  let texts: ValueDictionaries
  let locations = EventLocationTable()
  private var text = UnsafeBuffer(capacity: 256)
  private var values: [UnsafeBytes?] = []

  init(number: Int, shard: Int, key: HashKey) {
    self.number = number
    self.shard = shard
    texts = ValueDictionaries(key: key)
  }

  /// Reads a dictionary entry and returns its number in this batch. Only wanted fields are kept.
  func number(of reader: inout ByteReader, facet: Int, _ projection: RowProjection)
    throws(PartialError) -> UInt32
  {
    values.removeAll(keepingCapacity: true)
    for _ in 0..<projection.fieldCounts[facet] {
      let length = try reader.number()
      values.append(length == 0 ? nil : try reader.raw(length - 1))
    }
    var end = 0
    for index in projection.fields[facet] {
      // Output with invalid UTF-8 would not be JSON.
      guard values[index]?.firstInvalidUTF8(allowsSurrogates: true) == nil else {
        throw PartialError("a text of it is not UTF-8")
      }
      end = FacetBytes.append(values[index], to: &text, at: end)
    }
    return UInt32(texts.facets[facet].number(of: text.view(0..<end)))
  }
}
