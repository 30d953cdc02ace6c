import SluiceRecords
import SluiceRules

/// An observer that puts an event that passed a filter into the shard of its client IP, as an observation. For
/// partials, each rule that does not group by client IP gets an observation of its own, in the shard that
/// ``RowPlacement`` selects.
struct Observer: ~Copyable {
  private let key: HashKey
  private let shardKey: HashKey
  /// The shards that this worker has filled since the last ``renew()``.
  private(set) var shards: WorkerShards
  /// The facets of the current event, one after the other; `parts` are their ranges.
  private var encoded = UnsafeBuffer(capacity: 4096)
  private let parts = UnsafeFixedArray(repeating: 0..<0, count: Facet.allCases.count)
  private let hashes = UnsafeFixedArray(repeating: UInt64(0), count: Facet.allCases.count)
  /// Rules whose key falls back to another address if the client's is null.
  private let fallbackRules: UInt32
  private let placement: RowPlacement
  /// Rules that have observations of their own. `keyParts` are, by rule, the fields of its key and the texts that
  /// stand for null. `ruleHashes` are the hashes of the rules' own shards.
  private let ownRules: UInt32
  private let keyParts: [[(field: Field, null: [UInt8])]]
  private let ruleHashes: [UInt64]
  private var keyText = UnsafeBuffer(capacity: 256)
  /// Index of each facet's first field, and after these the number of all fields.
  private let fieldStarts: UnsafeFixedArray<Int>
  private let fields: UnsafeFixedArray<Field>
  /// Location of the current event.
  private var location: UInt32 = 0

  init(plan: ScanPlan, key: HashKey) {
    self.key = key
    let shardKey = plan.shardKey ?? key
    self.shardKey = shardKey
    shards = WorkerShards(count: plan.tuning.shardCount, key: key)
    let facets = plan.layout.fields
    let fields = facets.flatMap { $0 }
    self.fields = UnsafeFixedArray(count: fields.count) { fields[$0] }
    fieldStarts = UnsafeFixedArray(count: facets.count + 1) { facets[..<$0].reduce(0) { $0 + $1.count } }
    func rules(_ source: Rule.ClientIPSource) -> UInt32 {
      plan.rules.enumerated().reduce(0) { bits, rule in
        rule.element.clientIP == source ? bits | 1 << UInt32(rule.offset) : bits
      }
    }
    fallbackRules = rules(.clientOrActor)
    placement = plan.placement
    ownRules = placement == .byClientIP ? 0 : rules(.none)
    ruleHashes = plan.rules.map { rule in
      withBytes(Array(rule.filterText(.byRule).utf8)) { shardKey.hash($0) }
    }
    keyParts = plan.rules.map { rule in
      rule.restOfKey.compactMap { part in
        if case .field(let field) = part.source { (field, part.null.bytes) } else { nil }
      }
    }
  }

  /// Begins again with empty shards.
  mutating func renew() { shards = WorkerShards(count: shards.count, key: key) }

  /// Adds an observation of an event.
  ///
  /// - Parameters:
  ///   - event: the reader, at the event.
  ///   - rules: bit n is set if the event passed the filter of rule n.
  ///   - file: number of the file; `offset` is that of the event's line in it, as in ``EventLocation``.
  mutating func observe(
    _ event: inout EventReader, rules: UInt32, time: EventTime, file: Int, offset: Int
  ) {
    location = shards.locations.number(file: file, offset: offset)
    let client = event.value(.clientIP).flatMap { IPAddress($0) }
    encodeFacets(&event)
    if rules & ownRules != 0 { putForEach(&event, rules: rules & ownRules, time, client) }
    let rules = rules & ~ownRules
    if rules == 0 { return }
    if client == nil, rules & fallbackRules != 0 {
      put(&event, rules: rules & fallbackRules, time, Self.fallback(&event))
      if rules & ~fallbackRules != 0 { put(&event, rules: rules & ~fallbackRules, time, nil) }
    } else {
      put(&event, rules: rules, time, client)
    }
  }

  /// Returns another address for an event whose client has none, for rules that use one.
  static func fallback(_ event: inout EventReader) -> IPAddress? {
    if event.value(.actorType)?.elementsEqual("IP address") == true,
      let address = event.value(.actorID).flatMap({ IPAddress($0) })
    {
      return address
    }
    return event.value(.ipChainFirst).flatMap { IPAddress($0) }
  }

  private mutating func encodeFacets(_ event: inout EventReader) {
    var end = 0
    for facet in 0..<parts.count {
      let start = end
      for index in fieldStarts[facet]..<fieldStarts[facet + 1] {
        end = FacetBytes.append(event.value(fields[index]), to: &encoded, at: end)
      }
      parts[facet] = start..<end
      hashes[facet] = key.hash(encoded.view(start..<end))
      shards.texts.facets[facet].prefetch(hash: hashes[facet])
    }
  }

  private mutating func putForEach(
    _ event: inout EventReader, rules: UInt32, _ time: EventTime, _ client: IPAddress?
  ) {
    for rule in keyParts.indices where rules & (1 << UInt32(rule)) != 0 {
      let isByKey = placement == .byKey
      put(
        &event, rules: 1 << UInt32(rule), time, client, isByKey: isByKey,
        shardHash: isByKey ? keyHash(&event, rule) : ruleHashes[rule])
    }
  }

  private mutating func keyHash(_ event: inout EventReader, _ rule: Int) -> UInt64 {
    var end = 0
    // Null and the text that stands for it are one key, so they belong in one shard.
    for (field, null) in keyParts[rule] {
      if let value = event.value(field) {
        appendToKey(value, &end)
      } else {
        withBytes(null) { appendToKey($0, &end) }
      }
    }
    return shardKey.hash(keyText.view(0..<end))
  }

  /// Appends a value to a key. Partials are sharded by the key, so this is part of their format.
  private mutating func appendToKey(_ value: UnsafeBytes, _ end: inout Int) {
    keyText.reserve(end + 4 + value.count, keeping: end)
    keyText.write(UInt32(truncatingIfNeeded: value.count), at: end)
    keyText.write(value, at: end + 4)
    end += 4 + value.count
  }

  private func put(
    _ event: inout EventReader, rules: UInt32, _ time: EventTime, _ address: IPAddress?
  ) {
    put(&event, rules: rules, time, address, isByKey: false, shardHash: shardKey.hash(address))
  }

  private func put(
    _ event: inout EventReader, rules: UInt32, _ time: EventTime, _ address: IPAddress?, isByKey: Bool,
    shardHash: UInt64
  ) {
    var facets = SIMD4<UInt32>()
    for facet in 0..<parts.count {
      let text = encoded.view(parts[facet])
      facets[facet] = UInt32(shards.texts.facets[facet].number(of: text, hash: hashes[facet]))
    }
    let (uuid, kind) = uuid(event.value(.uuid))
    shards.append(
      Observation(
        time: time, uuid: uuid, uuidKind: kind, facets: facets, address: address, rules: rules,
        isByKey: isByKey, location: location),
      to: Int(truncatingIfNeeded: shardHash >> 32) & (shards.count - 1))
  }

  private func uuid(_ text: UnsafeBytes?) -> (uuid: (high: UInt64, low: UInt64), kind: Observation.UUIDKind) {
    guard let text else { return ((0, 0), .absent) }
    if let bits = text.canonicalUUID { return (bits, .canonical) }
    return ((0, UInt64(shards.texts.uuids.number(of: text))), .text)
  }
}
