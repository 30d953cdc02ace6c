/// The slots of an open-addressing hash table: numbers of entries that lie elsewhere, found by hash.
///
/// Linear probing over a power of two of slots, at most half of them taken. Entries are numbered from 0 in the order
/// in which they come and are never removed.
struct HashSlots {
  /// 0 is free; else the entry's number plus one, beside the upper half of its hash, which also places it.
  private var slots: [UInt64] = []
  private(set) var count = 0

  /// The entry that `matches`, or a new one with the next number.
  @inline(__always)
  mutating func findOrAdd(hash: UInt64, matches: (Int) -> Bool) -> (entry: Int, isNew: Bool) {
    if 2 * (count + 1) > slots.count { grow() }
    let tag = hash & 0xFFFF_FFFF_0000_0000
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash >> 32) & mask
    while true {
      let word = slots[slot]
      if word == 0 {
        precondition(count < Int(UInt32.max) - 1, "a hash table is full")
        count += 1
        slots[slot] = tag | UInt64(count)
        return (count - 1, true)
      }
      if word & 0xFFFF_FFFF_0000_0000 == tag {
        let entry = Int(word & 0xFFFF_FFFF) - 1
        if matches(entry) { return (entry, false) }
      }
      slot = (slot + 1) & mask
    }
  }

  private mutating func grow() {
    let old = slots
    slots = [UInt64](repeating: 0, count: max(16, 2 * old.count))
    let mask = slots.count - 1
    for word in old where word != 0 {
      var slot = Int(truncatingIfNeeded: word >> 32) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = word
    }
  }
}
