/// What one worker found: its shards, and the texts and places to which their observations refer.
///
/// Written by that worker alone; when it has ended, each shard belongs to whoever merges it. Shards lie at fixed places, so that writing one
/// costs neither a count of references nor a check of access.
final class WorkerShards: @unchecked Sendable {
  let count: Int
  private let shards: UnsafeMutablePointer<Shard>
  let texts: ValueDictionaries
  let locations = EventLocationTable()

  /// - Parameter count: a power of 2.
  init(count: Int, key: HashKey) {
    precondition(count > 0 && count & (count - 1) == 0)
    self.count = count
    shards = .allocate(capacity: count)
    for index in 0..<count { (shards + index).initialize(to: Shard()) }
    texts = ValueDictionaries(key: key)
  }

  deinit {
    shards.deinitialize(count: count)
    shards.deallocate()
  }

  /// Memory that it holds.
  var byteCount: Int {
    (0..<count).reduce(texts.byteCount + locations.byteCount) { $0 + shards[$1].byteCount }
  }

  @inline(__always)
  func append(_ observation: Observation, to shard: Int) {
    precondition(UInt(bitPattern: shard) < UInt(bitPattern: count))
    shards[shard].append(observation)
  }

  /// Observations of all shards.
  var rowCount: Int { (0..<count).reduce(0) { $0 + shards[$1].count } }

  /// Observations of a shard.
  func observationCount(of shard: Int) -> Int {
    precondition(UInt(bitPattern: shard) < UInt(bitPattern: count))
    return shards[shard].count
  }

  func forEach(of shard: Int, _ body: (Observation) -> Void) {
    precondition(UInt(bitPattern: shard) < UInt(bitPattern: count))
    shards[shard].forEach(body)
  }

  /// Empties a shard.
  func drain(_ shard: Int, _ body: (Observation) -> Void) {
    precondition(UInt(bitPattern: shard) < UInt(bitPattern: count))
    shards[shard].drain(body)
  }
}

/// One worker's texts: what its observations, of all shards, refer to by number.
///
/// One for all shards, as agents, networks and outcomes are the same few in each.
final class ValueDictionaries: Sendable {
  /// By `Facet`; see ``FacetBytes``.
  let facets: [ByteDictionary]
  /// Those uuids that are not spelled as uuids are.
  let uuids: ByteDictionary

  var byteCount: Int { facets.reduce(uuids.byteCount) { $0 + $1.byteCount } }

  init(key: HashKey) {
    facets = Facet.allCases.map { _ in ByteDictionary(key: key) }
    uuids = ByteDictionary(key: key)
  }
}
