import CKernels

/// Gives each distinct run of bytes a number, from 0 in the order in which they come.
///
/// Open addressing with linear probing, at most three quarters full. A slot holds part of the hash and where the entry's record
/// lies; a record holds its whole hash, its number and its bytes, so that a look-up touches two places: caches are cold
/// here, as blocks stream through them. Whoever looks up several at once asks for their slots first.
final class ByteDictionary: @unchecked Sendable {  // Of one worker; read by others when that has ended.
  private let key: HashKey
  /// At a fixed place: a class pays for each access to each of its variables.
  private let table: UnsafeMutablePointer<RecordTable>

  init(key: HashKey) {
    self.key = key
    table = .allocate(capacity: 1)
    table.initialize(to: RecordTable())
  }

  deinit {
    table.deinitialize(count: 1)
    table.deallocate()
  }

  var count: Int { table.pointee.count }

  /// Memory that it holds.
  var byteCount: Int { table.pointee.byteCount }

  /// A view that lasts until the next entry is added.
  subscript(entry: Int) -> UnsafeBytes { table.pointee[entry] }

  func number(of bytes: UnsafeBytes) -> Int { table.pointee.number(of: bytes, hash: key.hash(bytes)) }

  /// The number of bytes that have one, or get one as there are less than `countMax`; else nil.
  func number(of bytes: UnsafeBytes, countMax: Int) -> Int? {
    let hash = key.hash(bytes)
    guard count < countMax || table.pointee.contains(bytes, hash: hash) else { return nil }
    return table.pointee.number(of: bytes, hash: hash)
  }

  /// - Parameter hash: of the bytes, by the dictionary's key.
  func number(of bytes: UnsafeBytes, hash: UInt64) -> Int { table.pointee.number(of: bytes, hash: hash) }

  func prefetch(hash: UInt64) { table.pointee.prefetch(hash: hash) }
}

/// The slots and records of a ``ByteDictionary``.
private struct RecordTable: ~Copyable {
  /// 0 is free; else the upper 24 bits of the hash, and the record's place in units of 8 bytes, plus one.
  private var slots: UnsafeMutableBufferPointer<UInt64>
  private var records = UnsafeBuffer(capacity: 0)
  private var recordsUsed = 0
  /// Where each entry's record starts, in units of 8 bytes.
  private var starts: [UInt32] = []

  private static let headerBytes = 16
  private static let tagBits: UInt64 = 0xFFFF_FF00_0000_0000

  init() {
    slots = .allocate(capacity: 16)
    slots.initialize(repeating: 0)
  }

  deinit { slots.deallocate() }

  var count: Int { starts.count }

  var byteCount: Int { slots.count * 8 + records.capacity + starts.capacity * 4 }

  subscript(entry: Int) -> UnsafeBytes { bytes(ofRecord: Int(starts[entry]) << 3) }

  @inline(__always)
  func prefetch(hash: UInt64) {
    // There are slots always.
    sluice_prefetch(slots.baseAddress! + (Int(truncatingIfNeeded: hash) & (slots.count - 1)))
  }

  func contains(_ bytes: UnsafeBytes, hash: UInt64) -> Bool {
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] != 0 {
      let record = (Int(slots[slot] & ~Self.tagBits) - 1) << 3
      if slots[slot] & Self.tagBits == hash & Self.tagBits, self.bytes(ofRecord: record).elementsEqual(bytes)
      {
        return true
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    return false
  }

  mutating func number(of bytes: UnsafeBytes, hash: UInt64) -> Int {
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] != 0 {
      if slots[slot] & Self.tagBits == hash & Self.tagBits {
        let record = (Int(slots[slot] & ~Self.tagBits) - 1) << 3
        if self.bytes(ofRecord: record).elementsEqual(bytes) { return number(ofRecord: record) }
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = hash & Self.tagBits | UInt64((add(bytes, hash: hash) >> 3) + 1)
    if 4 * count > 3 * slots.count { grow() }
    return count - 1
  }

  // MARK: Records: the hash (8 bytes), the number (4), the count (4), the bytes, up to a multiple of 8.

  private mutating func add(_ bytes: UnsafeBytes, hash: UInt64) -> Int {
    let start = recordsUsed
    let end = (start + Self.headerBytes + bytes.count + 7) & ~7
    precondition(end >> 3 <= Int(UInt32.max) && bytes.count <= Int(UInt32.max), "a dictionary is full")
    records.reserve(end, keeping: start)
    let header = UnsafeMutableRawPointer(records.base + start)  // Reserved above; aligned to 8.
    header.storeBytes(of: hash, as: UInt64.self)
    header.storeBytes(of: UInt32(starts.count), toByteOffset: 8, as: UInt32.self)
    header.storeBytes(of: UInt32(bytes.count), toByteOffset: 12, as: UInt32.self)
    records.write(bytes, at: start + Self.headerBytes)
    starts.append(UInt32(start >> 3))
    recordsUsed = end
    return start
  }

  @inline(__always)
  private func bytes(ofRecord start: Int) -> UnsafeBytes {
    let count = Int(UnsafeRawPointer(records.base + start).load(fromByteOffset: 12, as: UInt32.self))
    return records.view(start + Self.headerBytes..<start + Self.headerBytes + count)
  }

  private func number(ofRecord start: Int) -> Int {
    Int(UnsafeRawPointer(records.base + start).load(fromByteOffset: 8, as: UInt32.self))
  }

  private mutating func grow() {
    let grown = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: 2 * slots.count)
    grown.initialize(repeating: 0)
    for start in starts.lazy.map({ Int($0) << 3 }) {
      let hash = UnsafeRawPointer(records.base + start).load(as: UInt64.self)
      var slot = Int(truncatingIfNeeded: hash) & (grown.count - 1)
      while grown[slot] != 0 { slot = (slot + 1) & (grown.count - 1) }
      grown[slot] = hash & Self.tagBits | UInt64((start >> 3) + 1)
    }
    slots.deallocate()
    slots = grown
  }
}
