/// Gives each distinct run of bytes a number, from 0 in the order in which they come.
///
/// The bytes are kept one behind the other in one buffer.
final class ByteDictionary {
  private let key: HashKey
  private var slots = HashSlots()
  private var memory = UnsafeBuffer(capacity: 0)
  private var used = 0
  /// Where each entry ends; it starts where the one before it ends.
  private var ends: [Int] = []

  init(key: HashKey) { self.key = key }

  var count: Int { ends.count }

  /// A view that lasts until the next entry is added.
  subscript(entry: Int) -> UnsafeBytes { memory.view((entry == 0 ? 0 : ends[entry - 1])..<ends[entry]) }

  func number(of bytes: UnsafeBytes) -> Int {
    let (entry, isNew) = slots.findOrAdd(hash: key.hash(bytes)) { self[$0].elementsEqual(bytes) }
    if isNew {
      memory.reserve(used + bytes.count, keeping: used)
      memory.write(bytes, at: used)
      used += bytes.count
      ends.append(used)
    }
    return entry
  }
}
