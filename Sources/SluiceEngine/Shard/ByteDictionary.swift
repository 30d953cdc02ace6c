import CKernels

/// A dictionary that numbers distinct byte strings, from 0 in the order in which they come.
///
/// It uses open addressing with linear probing, and is at most three quarters full. A slot contains half of the hash
/// and the entry's number, which leads to its text. Caches are cold here, because blocks stream through them. Code
/// that looks up several texts at once therefore prefetches their slots first.
final class ByteDictionary: @unchecked Sendable {  // Others read it once its worker has ended.
  private let key: HashKey
  /// At a fixed address, because a class pays for each access to each of its variables.
  private let table: UnsafeMutablePointer<EntryTable>

  init(key: HashKey) {
    self.key = key
    table = .allocate(capacity: 1)
    table.initialize(to: EntryTable())
  }

  deinit {
    table.deinitialize(count: 1)
    table.deallocate()
  }

  var count: Int { table.pointee.count }

  /// Memory of the dictionary in bytes.
  var byteCount: Int { table.pointee.byteCount }

  /// Returns a view that lasts as long as the dictionary.
  subscript(entry: Int) -> UnsafeBytes { table.pointee[entry] }

  func number(of bytes: UnsafeBytes) -> Int { number(of: bytes, hash: key.hash(bytes)) }

  /// Returns the number of bytes that have one. Otherwise the bytes get one if there are fewer than `countMax`; else
  /// nil.
  func number(of bytes: UnsafeBytes, countMax: Int) -> Int? {
    let hash = key.hash(bytes)
    guard count < countMax || table.pointee.contains(bytes, hash: hash) else { return nil }
    return number(of: bytes, hash: hash)
  }

  /// - Parameter hash: the hash of the bytes with the dictionary's key.
  func number(of bytes: UnsafeBytes, hash: UInt64) -> Int {
    table.pointee.number(of: bytes, hash: hash, key: key)
  }

  func prefetch(hash: UInt64) { table.pointee.prefetch(hash: hash) }
}

/// The slots and texts of a ``ByteDictionary``.
private struct EntryTable: ~Copyable {
  /// Slots. A free one is 0; others contain the upper half of the hash and the entry's number plus one.
  private var slots: UnsafeMutableBufferPointer<UInt64>
  private var texts = BytePages()
  /// Locations of the texts, by entry number.
  private var locations: [UInt32] = []

  private static let tagBits: UInt64 = 0xFFFF_FFFF_0000_0000

  init() {
    slots = .allocate(capacity: 16)
    slots.initialize(repeating: 0)
  }

  deinit { slots.deallocate() }

  var count: Int { locations.count }

  var byteCount: Int { slots.count * 8 + texts.byteCount + locations.capacity * 4 }

  subscript(entry: Int) -> UnsafeBytes { texts[locations[entry]] }

  @inline(__always)
  func prefetch(hash: UInt64) {
    // There are always slots.
    sluice_prefetch(slots.baseAddress! + (Int(truncatingIfNeeded: hash) & (slots.count - 1)))
  }

  /// Returns the entry of the bytes, or the free slot for them.
  @inline(__always)
  private func find(_ bytes: UnsafeBytes, hash: UInt64) -> (entry: Int?, slot: Int) {
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] != 0 {
      if (slots[slot] ^ hash) & Self.tagBits == 0 {
        let entry = Int(truncatingIfNeeded: slots[slot] & ~Self.tagBits) - 1
        if self[entry].elementsEqual(bytes) { return (entry, slot) }
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    return (nil, slot)
  }

  func contains(_ bytes: UnsafeBytes, hash: UInt64) -> Bool { find(bytes, hash: hash).entry != nil }

  /// - Parameter hash: the hash of the bytes with the key.
  mutating func number(of bytes: UnsafeBytes, hash: UInt64, key: HashKey) -> Int {
    let (entry, slot) = find(bytes, hash: hash)
    if let entry { return entry }
    precondition(count < UInt32.max, "a dictionary is full")
    locations.appendGrowingSlowly(texts.append(bytes))
    slots[slot] = hash & Self.tagBits | UInt64(count)
    if 4 * count > 3 * slots.count { grow(key) }
    return count - 1
  }

  private mutating func grow(_ key: HashKey) {
    slots.deallocate()
    slots = .allocate(capacity: 2 * slots.count)
    slots.initialize(repeating: 0)
    for entry in locations.indices {
      let hash = key.hash(self[entry])
      var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = hash & Self.tagBits | UInt64(entry + 1)
    }
  }
}
