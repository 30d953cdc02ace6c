import SluiceRecords

/// What one worker holds of one shard: observations in the order in which they came, their dictionaries, and how many
/// there are of each client IP and rule.
final class Shard {
  private let ruleCount: Int
  private(set) var pages: [[Observation]] = []
  let addresses: AddressTable
  let facets: [ByteDictionary]
  let uuids: ByteDictionary
  private(set) var count = 0

  private static let pageCountMax = 4096

  init(ruleCount: Int, key: HashKey) {
    self.ruleCount = ruleCount
    addresses = AddressTable(ruleCount: ruleCount, key: key)
    facets = Facet.allCases.map { _ in ByteDictionary(key: key) }
    uuids = ByteDictionary(key: key)
  }

  func append(_ observation: Observation) {
    addresses.count(Int(observation.address), rules: observation.rules)
    if pages.isEmpty || pages[pages.count - 1].count == pages[pages.count - 1].capacity {
      // Pages, so that growing copies nothing and wastes little; the first are small, as there are many shards.
      var page: [Observation] = []
      page.reserveCapacity(min(Self.pageCountMax, max(16, count)))
      pages.append(page)
    }
    pages[pages.count - 1].append(observation)
    count += 1
  }
}

/// Numbers the client IPs of a shard and counts observations by rule; null is an address of its own.
final class AddressTable {
  private let key: HashKey
  private let ruleCount: Int
  private var slots = HashSlots()
  private(set) var addresses: [IPAddress?] = []
  /// Of address a and rule r at a * ruleCount + r.
  private var counts: [UInt32] = []

  init(ruleCount: Int, key: HashKey) {
    self.ruleCount = ruleCount
    self.key = key
  }

  func number(of address: IPAddress?) -> Int {
    let hash = address.map { key.hash($0) } ?? key.seed
    let (entry, isNew) = slots.findOrAdd(hash: hash) { addresses[$0] == address }
    if isNew {
      addresses.append(address)
      counts.append(contentsOf: repeatElement(0, count: ruleCount))
    }
    return entry
  }

  func count(_ entry: Int, rules: UInt32) {
    for rule in 0..<ruleCount where rules & (1 << UInt32(rule)) != 0 {
      counts[entry * ruleCount + rule] &+= counts[entry * ruleCount + rule] == .max ? 0 : 1
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
