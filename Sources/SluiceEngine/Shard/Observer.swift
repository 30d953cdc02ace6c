import SluiceRecords

/// Puts an event that passed a filter into the shard of its client IP, as an observation.
struct Observer: ~Copyable {
  private let plan: ScanPlan
  private let key: HashKey
  /// This worker's shards, made when first needed.
  private(set) var shards: [Shard?]
  private var encoded = UnsafeBuffer(capacity: 4096)
  private var values: [UnsafeBytes?] = []
  /// Rules whose key falls back to another address if the client's is null.
  private let fallbackRules: UInt32

  init(plan: ScanPlan, key: HashKey) {
    self.plan = plan
    self.key = key
    shards = Array(repeating: nil, count: plan.tuning.shardCount)
    fallbackRules = plan.rules.enumerated().reduce(0) { bits, rule in
      if case .clientOrActor = rule.element.clientIP { bits | 1 << UInt32(rule.offset) } else { bits }
    }
  }

  /// - Parameters:
  ///   - event: the reader, at the event.
  ///   - rules: bit n is set if it passed the filter of rule n.
  mutating func observe(_ event: inout EventReader, rules: UInt32, time: EventTime) {
    let client = event.value(.clientIP).flatMap { IPAddress($0) }
    if client == nil, rules & fallbackRules != 0 {
      put(&event, rules: rules & fallbackRules, time, Self.fallback(&event))
      if rules & ~fallbackRules != 0 { put(&event, rules: rules & ~fallbackRules, time, nil) }
    } else {
      put(&event, rules: rules, time, client)
    }
  }

  private static func fallback(_ event: inout EventReader) -> IPAddress? {
    if event.value(.actorType)?.elementsEqual(Array("IP address".utf8)) == true,
      let address = event.value(.actorID).flatMap({ IPAddress($0) })
    {
      return address
    }
    return event.value(.ipChainFirst).flatMap { IPAddress($0) }
  }

  private mutating func put(
    _ event: inout EventReader, rules: UInt32, _ time: EventTime, _ address: IPAddress?
  ) {
    let index = Int(truncatingIfNeeded: address.map { key.hash($0) } ?? 0) & (shards.count - 1)
    if shards[index] == nil { shards[index] = Shard(ruleCount: plan.rules.count, key: key) }
    guard let shard = shards[index] else { return }
    var facets = SIMD4<UInt32>()
    for facet in Facet.allCases {
      values.removeAll(keepingCapacity: true)
      for field in facet.fields { values.append(event.value(field)) }
      facets[facet.rawValue] = UInt32(
        shard.facets[facet.rawValue].number(of: FacetBytes.encode(values, into: &encoded)))
    }
    let (uuid, kind) = Self.uuid(event.value(.uuid), shard)
    shard.append(
      Observation(
        time: time, uuid: uuid, uuidKind: kind, facets: facets,
        address: UInt32(shard.addresses.number(of: address)),
        rules: rules))
  }

  private static func uuid(
    _ text: UnsafeBytes?, _ shard: Shard
  ) -> (uuid: (high: UInt64, low: UInt64), kind: Observation.UUIDKind) {
    guard let text else { return ((0, 0), .absent) }
    if let bits = text.canonicalUUID { return (bits, .canonical) }
    return ((0, UInt64(shard.uuids.number(of: text))), .text)
  }
}

extension UnsafeBytes {
  /// The 128 bits of a UUID in its usual spelling, 8-4-4-4-12 lower-case digits; nil for every other text.
  var canonicalUUID: (high: UInt64, low: UInt64)? {
    guard count == 36 else { return nil }
    var high: UInt64 = 0
    var low: UInt64 = 0
    for i in 0..<36 {
      let byte = self[i]
      if i == 8 || i == 13 || i == 18 || i == 23 {
        guard byte == UInt8(ascii: "-") else { return nil }
        continue
      }
      guard byte < UInt8(ascii: "A") || byte > UInt8(ascii: "F"), let digit = hexDigit(byte) else {
        return nil
      }
      high = high << 4 | low >> 60
      low = low << 4 | UInt64(digit)
    }
    return (high, low)
  }
}
