/// Maps the numbers of one worker's dictionaries to those of a merged shard.
///
/// There is one for each pair of a merging and a scanning worker, and it is reused for every shard. Each entry states
/// the shard for which it was written, so nothing has to be cleared.
final class DictionaryRemap {
  let texts: ValueDictionaries
  private var shard: UInt32 = 0
  /// Shard for which an entry was written and its number there, by facet and number.
  private var numbers: [[(shard: UInt32, number: UInt32)]]

  init(_ texts: ValueDictionaries) {
    self.texts = texts
    numbers = texts.facets.map { Array(repeating: (0, 0), count: $0.count) }
  }

  /// Begins another shard.
  func begin() { shard += 1 }

  /// Returns the number in a merged dictionary. The first use of a text adds it to that dictionary.
  func number(_ number: UInt32, facet: Int, in merged: ByteDictionary) -> UInt32 {
    let known = numbers[facet][Int(number)]
    if known.shard == shard { return known.number }
    let new = UInt32(merged.number(of: texts.facets[facet][Int(number)]))
    numbers[facet][Int(number)] = (shard, new)
    return new
  }
}
