import SluiceRecords

/// Numbers the client IPs of a shard and counts observations by rule; null is an address of its own.
final class AddressTable {
  private let ruleCount: Int
  /// An address as its 16 bytes, null as none.
  private let entries: ByteDictionary
  /// Of address a and rule r at a * ruleCount + r.
  private var counts: [UInt32] = []

  init(ruleCount: Int, key: HashKey) {
    self.ruleCount = ruleCount
    entries = ByteDictionary(key: key)
  }

  var count: Int { entries.count }

  /// The bytes by which an address is known here.
  static func encode(_ address: IPAddress?, _ put: (UInt8) -> Void) {
    guard let address else { return }
    for half in [address.high, address.low] {
      for shift in stride(from: 56, through: 0, by: -8) {
        put(UInt8(truncatingIfNeeded: half >> UInt64(shift)))
      }
    }
  }

  subscript(entry: Int) -> IPAddress? {
    let bytes = entries[entry]
    if bytes.isEmpty { return nil }
    return IPAddress(
      high: (0..<8).reduce(0) { $0 << 8 | UInt64(bytes[$1]) },
      low: (8..<16).reduce(0) { $0 << 8 | UInt64(bytes[$1]) })
  }

  /// The bytes of an entry, to look it up in another table.
  func encoded(_ entry: Int) -> UnsafeBytes { entries[entry] }

  func prefetch(hash: UInt64) { entries.prefetch(hash: hash) }

  func number(of encoded: UnsafeBytes, hash: UInt64) -> Int {
    numbered { entries.number(of: encoded, hash: hash) }
  }

  func number(of encoded: UnsafeBytes) -> Int { numbered { entries.number(of: encoded) } }

  private func numbered(_ number: () -> Int) -> Int {
    let entry = number()
    if entries.count * ruleCount > counts.count {
      counts.append(contentsOf: repeatElement(0, count: ruleCount))
    }
    return entry
  }

  /// Counts an observation, for each rule whose bit is set.
  func count(_ entry: Int, rules: UInt32) {
    var rest = rules
    while rest != 0 {
      let index = entry * ruleCount + rest.trailingZeroBitCount
      if counts[index] != .max { counts[index] += 1 }
      rest &= rest - 1
    }
  }

  /// Takes in another table's counts for an address.
  func add(_ other: AddressTable, _ otherEntry: Int, to entry: Int) {
    for rule in 0..<ruleCount {
      let (sum, overflows) = counts[entry * ruleCount + rule].addingReportingOverflow(
        other.counts[otherEntry * ruleCount + rule])
      counts[entry * ruleCount + rule] = overflows ? .max : sum
    }
  }

  func observations(of entry: Int, rule: Int) -> Int { Int(counts[entry * ruleCount + rule]) }
}
