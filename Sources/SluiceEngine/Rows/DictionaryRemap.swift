/// From the numbers of one worker's texts to those of a merged shard's.
///
/// Made once for every worker that merges and every worker that scanned, and begun anew for every shard: each entry says in
/// which shard it was written, so that nothing has to be cleared.
final class DictionaryRemap {
  let texts: ValueDictionaries
  private var shard: UInt32 = 0
  /// By facet and number: the shard it was written in, and the number there.
  private var numbers: [[(shard: UInt32, number: UInt32)]]

  init(_ texts: ValueDictionaries) {
    self.texts = texts
    numbers = texts.facets.map { Array(repeating: (0, 0), count: $0.count) }
  }

  /// Begins another shard.
  func begin() { shard += 1 }

  /// The number in a merged dictionary; texts are taken into it as they are first met.
  func number(_ number: UInt32, facet: Int, in merged: ByteDictionary) -> UInt32 {
    let known = numbers[facet][Int(number)]
    if known.shard == shard { return known.number }
    let new = UInt32(merged.number(of: texts.facets[facet][Int(number)]))
    numbers[facet][Int(number)] = (shard, new)
    return new
  }
}
