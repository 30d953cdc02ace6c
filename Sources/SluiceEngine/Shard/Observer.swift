import SluiceRecords

/// Puts an event that passed a filter into the shard of its client IP, as an observation.
struct Observer: ~Copyable {
  private let key: HashKey
  private let ruleCount: Int
  /// This worker's shards, made when first needed.
  private(set) var shards: [Shard?]
  let texts: Texts
  /// The facets and the address of the event in hand, one behind the other, and where each lies.
  private var encoded = UnsafeBuffer(capacity: 4096)
  private let parts = UnsafeFixedArray(repeating: 0..<0, count: addressPart)
  private let hashes = UnsafeFixedArray(repeating: UInt64(0), count: addressPart)
  /// Rules whose key falls back to another address if the client's is null.
  private let fallbackRules: UInt32

  private static let fields = Facet.allCases.map(\.fields)
  private static let addressPart = Facet.allCases.count

  init(plan: ScanPlan, key: HashKey) {
    self.key = key
    ruleCount = plan.rules.count
    shards = Array(repeating: nil, count: plan.tuning.shardCount)
    texts = Texts(key: key)
    fallbackRules = plan.rules.enumerated().reduce(0) { bits, rule in
      if case .clientOrActor = rule.element.clientIP { bits | 1 << UInt32(rule.offset) } else { bits }
    }
  }

  /// - Parameters:
  ///   - event: the reader, at the event.
  ///   - rules: bit n is set if it passed the filter of rule n.
  mutating func observe(_ event: inout EventReader, rules: UInt32, time: EventTime) {
    let client = event.value(.clientIP).flatMap { IPAddress($0) }
    encodeFacets(&event)
    if client == nil, rules & fallbackRules != 0 {
      put(&event, rules: rules & fallbackRules, time, Self.fallback(&event))
      if rules & ~fallbackRules != 0 { put(&event, rules: rules & ~fallbackRules, time, nil) }
    } else {
      put(&event, rules: rules, time, client)
    }
  }

  private static func fallback(_ event: inout EventReader) -> IPAddress? {
    if event.value(.actorType)?.elementsEqual("IP address") == true,
      let address = event.value(.actorID).flatMap({ IPAddress($0) })
    {
      return address
    }
    return event.value(.ipChainFirst).flatMap { IPAddress($0) }
  }

  private mutating func encodeFacets(_ event: inout EventReader) {
    var end = 0
    for facet in Self.fields.indices {
      let start = end
      for field in Self.fields[facet] { end = FacetBytes.append(event.value(field), to: &encoded, at: end) }
      parts[facet] = start..<end
      hashes[facet] = key.hash(encoded.view(start..<end))
      texts.facets[facet].prefetch(hash: hashes[facet])
    }
  }

  private mutating func put(
    _ event: inout EventReader, rules: UInt32, _ time: EventTime, _ address: IPAddress?
  ) {
    let addressStart = parts[Self.addressPart - 1].upperBound
    encoded.reserve(addressStart + 16, keeping: addressStart)
    let encodedAddress = encoded.fill(at: addressStart) { AddressTable.encode(address, $0) }
    let hash = key.hash(encodedAddress)
    let shard = shard(Int(truncatingIfNeeded: hash >> 32) & (shards.count - 1))
    shard.addresses.prefetch(hash: hash)

    var facets = SIMD4<UInt32>()
    for facet in Self.fields.indices {
      facets[facet] = UInt32(texts.facets[facet].number(of: encoded.view(parts[facet]), hash: hashes[facet]))
    }
    let (uuid, kind) = uuid(event.value(.uuid))
    shard.append(
      Observation(
        time: time, uuid: uuid, uuidKind: kind, facets: facets,
        address: UInt32(shard.addresses.number(of: encodedAddress, hash: hash)), rules: rules))
  }

  private mutating func shard(_ index: Int) -> Shard {
    if let shard = shards[index] { return shard }
    let shard = Shard(ruleCount: ruleCount, key: key)
    shards[index] = shard
    return shard
  }

  private func uuid(_ text: UnsafeBytes?) -> (uuid: (high: UInt64, low: UInt64), kind: Observation.UUIDKind) {
    guard let text else { return ((0, 0), .absent) }
    if let bits = text.canonicalUUID { return (bits, .canonical) }
    return ((0, UInt64(texts.uuids.number(of: text))), .text)
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
