/// The results of one worker: its shards, and the texts and locations to which their observations refer.
///
/// Only that worker writes them. When it has ended, each shard belongs to the thread that merges it. Shards are at
/// fixed addresses, so that writing one costs neither reference counting nor an exclusivity check.
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

  /// Memory of all of this in bytes.
  var byteCount: Int {
    (0..<count).reduce(texts.byteCount + locations.byteCount) { $0 + shards[$1].byteCount }
  }

  @inline(__always)
  func append(_ observation: Observation, to shard: Int) {
    precondition(UInt(bitPattern: shard) < UInt(bitPattern: count))
    shards[shard].append(observation)
  }

  /// Number of observations in all shards.
  var rowCount: Int { (0..<count).reduce(0) { $0 + shards[$1].count } }

  /// Returns the number of observations in a shard.
  func observationCount(of shard: Int) -> Int {
    precondition(UInt(bitPattern: shard) < UInt(bitPattern: count))
    return shards[shard].count
  }

  func forEach(of shard: Int, _ body: (Observation) -> Void) {
    precondition(UInt(bitPattern: shard) < UInt(bitPattern: count))
    shards[shard].forEach(body)
  }

  /// Empties a shard, passing its observations to `body`.
  func drain(_ shard: Int, _ body: (Observation) -> Void) {
    precondition(UInt(bitPattern: shard) < UInt(bitPattern: count))
    shards[shard].drain(body)
  }
}

/// The texts of one worker, to which the observations of all its shards refer by number.
///
/// All shards have one set, because each contains the same few agents, networks and outcomes.
final class ValueDictionaries: Sendable {
  /// Dictionaries by `Facet`; see ``FacetBytes``.
  let facets: [ByteDictionary]
  /// The uuids in an unusual spelling.
  let uuids: ByteDictionary

  var byteCount: Int { facets.reduce(uuids.byteCount) { $0 + $1.byteCount } }

  init(key: HashKey) {
    facets = Facet.allCases.map { _ in ByteDictionary(key: key) }
    uuids = ByteDictionary(key: key)
  }
}
