import SluiceRecords
import SluiceRules

/// Moves one worker's rows of rules that do not group by the client IP to other shards.
///
/// Copies of one event share the client IP, so they meet in its shard, where all but one are dropped. The
/// remaining row then moves to the shard of its key. Keys that differ between copies therefore cannot hide a
/// duplicate.
struct Regrouping: ~Copyable {
  enum Destination {
    /// The shard of the client IP, for rows that a partial holds by key.
    case clientIP
    /// The shard of each rule's key.
    case key
  }

  static let shardCount = 64

  private let destination: Destination
  private let rules: [(number: Int, rule: Rule)]
  private let bits: UInt32
  private let key: HashKey
  private var shards: WorkerShards
  private var spill: Spill?
  private var locationNumbers: [EventLocation: UInt32] = [:]
  private var lastLocation: (source: UInt32, number: UInt32)?

  init(to destination: Destination, _ options: ScanOptions, key: HashKey, fileCount: Int) {
    self.destination = destination
    rules = options.rules.enumerated().filter { $0.element.clientIP == .none }
      .map { ($0.offset, $0.element) }
    bits = rules.reduce(0) { $0 | 1 << UInt32($1.number) }
    self.key = key
    shards = WorkerShards(count: Self.shardCount, key: key)
    spill = options.bytesMaxOfWorker.map {
      Spill(
        FacetLayout(rules: options.rules), shardCount: Self.shardCount, bytesMax: $0,
        to: options.spillFile, fileCount: fileCount)
    }
  }

  /// Takes the rows that move from a shard without duplicates.
  mutating func take(_ shard: MergedShard) throws(ScanError) {
    let remap = DictionaryRemap(shard.texts)
    remap.begin()
    lastLocation = nil
    let hashes = destination == .key ? rules.map { KeyHashes($0.rule, in: shard, key: key) } : []
    for group in shard.groups where group.mayFire && group.isByKey == (destination == .clientIP) {
      for row in shard.rows[group.rows] where row.rules & bits != 0 {
        let moved = moved(row, of: shard, remap)
        switch destination {
        case .clientIP: append(moved, key.hash(row.address))
        case .key:
          for (index, (number, _)) in rules.enumerated() where row.rules & 1 << UInt32(number) != 0 {
            append(moved.byKey(ofRule: number), hashes[index].hash(of: row))
          }
        }
      }
      try spillIfDue(remap)
    }
  }

  private mutating func append(_ row: Observation, _ hash: UInt64) {
    shards.append(row, to: Int(truncatingIfNeeded: hash >> 32) & (shards.count - 1))
  }

  private mutating func spillIfDue(_ remap: DictionaryRemap) throws(ScanError) {
    guard let spill, spill.isDue(shards) else { return }
    self.spill?.write(shards)
    if let error = self.spill?.error { throw .noRoom(error) }
    shards = WorkerShards(count: Self.shardCount, key: key)
    locationNumbers = [:]
    lastLocation = nil
    remap.begin()
  }

  /// Returns a row with the numbers of this worker's dictionaries and event locations.
  private mutating func moved(_ row: Observation, of shard: MergedShard, _ remap: DictionaryRemap)
    -> Observation
  {
    var facets = row.facets
    for facet in shard.facets.indices {
      facets[facet] = remap.number(row.facets[facet], facet: facet, in: shards.texts.facets[facet])
    }
    var uuid = row.uuid
    if row.uuidKind == .text {
      uuid.low = UInt64(shards.texts.uuids.number(of: shard.texts.uuids[Int(row.uuid.low)]))
    }
    return Observation(
      time: row.time, uuid: uuid, uuidKind: row.uuidKind, facets: facets, address: row.address,
      rules: row.rules, location: locationNumber(of: row, in: shard))
  }

  /// Returns the number of a row's event location. Rows come by client IP, so locations recur.
  private mutating func locationNumber(of row: Observation, in shard: MergedShard) -> UInt32 {
    if let lastLocation, lastLocation.source == row.source { return lastLocation.number }
    guard let location = shard.location(of: row) else { return UInt32(Observation.locationCountMax) }
    let number = locationNumbers[location] ?? shards.locations.number(of: location)
    locationNumbers[location] = number
    lastLocation = (row.source, number)
    return number
  }

  struct Output: Sendable {
    fileprivate var shards: WorkerShards
    fileprivate var spill: Spill?
  }

  consuming func output() -> Output { Output(shards: shards, spill: spill) }

  /// Returns the rows that several workers moved; nil if there are none.
  static func observed(_ outputs: [Output]) throws(ScanError) -> ObservationSet.Storage? {
    if outputs.allSatisfy({ $0.spill?.runs.isEmpty ?? true }) {
      let shards = outputs.map(\.shards).filter { $0.rowCount > 0 }
      return shards.isEmpty ? nil : .held(shards)
    }
    var runs: [SortedRun] = []
    for output in outputs {
      guard var spill = output.spill else { continue }
      spill.write(output.shards)
      if let error = spill.error { throw .noRoom(error) }
      runs += spill.runs
    }
    return .written(runs)
  }
}

/// Hashes of a rule's keys, each computed once.
private final class KeyHashes {
  private let parts: [(field: Field, null: LogText)]
  private let numbers: FieldNumbers
  private let shard: MergedShard
  private let key: HashKey
  /// Hashes by number of the combination of fields.
  private var hashes: [UInt64?] = []
  private var text = UnsafeBuffer(capacity: 256)

  init(_ rule: Rule, in shard: MergedShard, key: HashKey) {
    parts = rule.restOfKey.compactMap { part in
      if case .field(let field) = part.source { (field, part.null) } else { nil }
    }
    numbers = FieldNumbers(parts.map(\.field), in: shard, key: key)
    self.shard = shard
    self.key = key
  }

  func hash(of row: Observation) -> UInt64 {
    let number = numbers.number(of: row)
    while hashes.count <= number { hashes.append(nil) }
    if let known = hashes[number] { return known }
    var end = 0
    for (field, null) in parts {
      // Null and the text that replaces it are one key.
      if let value = shard.value(field, of: row) {
        end = FacetBytes.append(value, to: &text, at: end)
      } else {
        end = withBytes(null.bytes) { FacetBytes.append($0, to: &text, at: end) }
      }
    }
    let hash = key.hash(text.view(0..<end))
    hashes[number] = hash
    return hash
  }
}
