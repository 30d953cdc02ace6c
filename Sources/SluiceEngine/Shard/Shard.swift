/// What one worker holds of one shard: observations in the order in which they came, and how many there are of each
/// client IP and rule.
final class Shard {
  private(set) var pages: [[Observation]] = []
  let addresses: AddressTable
  private(set) var count = 0

  private static let pageCountMax = 4096

  init(ruleCount: Int, key: HashKey) { addresses = AddressTable(ruleCount: ruleCount, key: key) }

  func append(_ observation: Observation) {
    addresses.count(Int(observation.address), rules: observation.rules)
    if pages.isEmpty || pages[pages.count - 1].count == pages[pages.count - 1].capacity {
      // Pages, so that growing copies nothing and wastes little; the first are small, as there are many shards.
      var page: [Observation] = []
      page.reserveCapacity(min(Self.pageCountMax, max(16, count / 4)))
      pages.append(page)
    }
    pages[pages.count - 1].append(observation)
    count += 1
  }
}

/// One worker's texts: what its observations, of all shards, refer to by number.
///
/// One for all shards, as agents, networks and outcomes are the same few in each.
final class Texts: Sendable {
  /// By `Facet`; see ``FacetBytes``.
  let facets: [ByteDictionary]
  /// Those uuids that are not spelled as uuids are.
  let uuids: ByteDictionary

  init(key: HashKey) {
    facets = Facet.allCases.map { _ in ByteDictionary(key: key) }
    uuids = ByteDictionary(key: key)
  }
}
