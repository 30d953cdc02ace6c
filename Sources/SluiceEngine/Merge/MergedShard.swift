import SluiceRecords

/// One shard of all workers, put together: the observations of each client IP that could fire, in order of time.
final class MergedShard {
  struct Group {
    var address: IPAddress?
    var rows: Range<Int>
    /// Whether there are observations enough for some rule to fire. If not, the rows were only looked at for
    /// duplicates, and hold no facets.
    var mayFire: Bool
  }

  /// By client IP: null first, then by address.
  private(set) var groups: [Group] = []
  private(set) var rows: [Observation] = []
  /// Entries of the merged dictionaries, to which the rows refer.
  let facets: [ByteDictionary]
  private let uuids: ByteDictionary
  /// Observations that were dropped, as the same event had been seen.
  private(set) var duplicates = 0

  /// - Parameters:
  ///   - parts: the shard of every worker that has it.
  ///   - floors: for each rule how many observations of one client IP it needs to fire.
  init(_ parts: [Shard], floors: [Int], keepsDuplicates: Bool, key: HashKey) {
    facets = Facet.allCases.map { _ in ByteDictionary(key: key) }
    uuids = ByteDictionary(key: key)

    // One table of addresses, with the counts of all parts.
    let addresses = AddressTable(ruleCount: floors.count, key: key)
    let numbers = parts.map { part in
      part.addresses.addresses.enumerated().map { entry, address in
        let number = addresses.number(of: address)
        addresses.add(part.addresses, entry, to: number)
        return number
      }
    }
    let mayFire = addresses.addresses.indices.map { entry in
      floors.indices.contains { addresses.observations(of: entry, rule: $0) >= floors[$0] }
    }
    // An address that cannot fire matters no more, but for the number of its duplicates.
    let kept = addresses.addresses.indices.filter { mayFire[$0] || !keepsDuplicates }
      .sorted { IPAddress.inOrder(addresses.addresses[$0], addresses.addresses[$1]) }
    var rank = [Int](repeating: -1, count: addresses.addresses.count)
    for (position, entry) in kept.enumerated() { rank[entry] = position }

    groups = kept.map { Group(address: addresses.addresses[$0], rows: 0..<0, mayFire: mayFire[$0]) }
    gather(parts, numbers, rank)
    for group in groups.indices {
      sortRows(groups[group].rows)
      if !keepsDuplicates { dropDuplicates(groups[group].rows, mayFire: groups[group].mayFire) }
    }
  }

  /// Puts the rows of each kept address side by side, with entries of the merged dictionaries.
  private func gather(_ parts: [Shard], _ numbers: [[Int]], _ rank: [Int]) {
    var ends = [Int](repeating: 0, count: groups.count + 1)
    for (part, numbers) in zip(parts, numbers) {
      for page in part.pages {
        for row in page {
          let group = rank[numbers[Int(row.address)]]
          if group >= 0 { ends[group + 1] += 1 }
        }
      }
    }
    for group in groups.indices {
      ends[group + 1] += ends[group]
      groups[group].rows = ends[group]..<ends[group + 1]
    }
    guard let count = ends.last, count > 0 else { return }

    var next = ends
    rows = Array(unsafeUninitializedCapacity: count) { buffer, initialized in
      for (part, numbers) in zip(parts, numbers) {
        var translation = Translation(part: part)
        for page in part.pages {
          for var row in page {
            let group = rank[numbers[Int(row.address)]]
            if group < 0 { continue }
            row.address = UInt32(group)
            for facet in 0..<facets.count where groups[group].mayFire {
              row.facets[facet] = translation.facet(facet, row.facets[facet], to: facets[facet])
            }
            if row.uuidKind == .text {
              row.uuid.low = UInt64(uuids.number(of: part.uuids[Int(row.uuid.low)]))
            }
            precondition(next[group] < count)
            buffer.initializeElement(at: next[group], to: row)
            next[group] += 1
          }
        }
      }
      initialized = count
    }
  }

  /// From the entries of one part's dictionaries to those of the merged ones; each is looked up once.
  private struct Translation {
    let part: Shard
    private var entries: [[UInt32]]

    init(part: Shard) {
      self.part = part
      entries = part.facets.map { Array(repeating: .max, count: $0.count) }
    }

    mutating func facet(_ facet: Int, _ entry: UInt32, to dictionary: ByteDictionary) -> UInt32 {
      if entries[facet][Int(entry)] == .max {
        entries[facet][Int(entry)] = UInt32(dictionary.number(of: part.facets[facet][Int(entry)]))
      }
      return entries[facet][Int(entry)]
    }
  }

  // MARK: Order

  private func sortRows(_ range: Range<Int>) {
    rows[range].sort { a, b in
      if a.time != b.time { return a.time < b.time }
      if a.uuidKind != b.uuidKind { return a.uuidKind.rawValue < b.uuidKind.rawValue }
      return (a.uuid.high, a.uuid.low) < (b.uuid.high, b.uuid.low)
    }
  }

  /// Of the observations of one event (same uuid and time, here of one client IP) each rule keeps one.
  private func dropDuplicates(_ range: Range<Int>, mayFire: Bool) {
    var start = range.lowerBound
    while start < range.upperBound {
      var end = start + 1
      while end < range.upperBound, isSameEvent(rows[start], rows[end]) { end += 1 }
      if end - start > 1 { keepOne(start..<end, compares: mayFire) }
      start = end
    }
  }

  private func isSameEvent(_ a: Observation, _ b: Observation) -> Bool {
    a.uuidKind != .absent && a.uuidKind == b.uuidKind && a.time == b.time && a.uuid == b.uuid
  }

  /// Copies of one event may differ. Which is kept may not depend on the order of files, so it is the least by its fields.
  private func keepOne(_ copies: Range<Int>, compares: Bool) {
    let order = compares ? copies.sorted { isLess(rows[$0], rows[$1]) } : Array(copies)
    var taken: UInt32 = 0
    for index in order {
      let again = rows[index].rules & taken
      duplicates += again.nonzeroBitCount
      taken |= rows[index].rules
      rows[index].rules &= ~again
    }
  }

  private func isLess(_ a: Observation, _ b: Observation) -> Bool {
    if a.facets == b.facets { return false }
    for field in Self.contentOrder {
      switch (value(field, of: a), value(field, of: b)) {
      case (nil, nil): continue
      case (nil, _): return true
      case (_, nil): return false
      case (let a?, let b?):
        if a.elementsEqual(b) { continue }
        return a.array.lexicographicallyPrecedes(b.array)
      }
    }
    return false
  }

  private static let contentOrder: [Field] = [
    .eventType, .user, .userAgent, .device, .isProxy, .country, .city, .asNumber, .asOrg, .outcomeResult,
    .outcomeReason, .threatSuspected, .threatDetections, .riskLevel, .riskReasons,
  ]

  /// A field of an observation; nil for null.
  func value(_ field: Field, of row: Observation) -> UnsafeBytes? {
    guard let place = Facet.places[field.rawValue] else { return nil }
    return FacetBytes.field(
      place.index, of: facets[place.facet.rawValue][Int(row.facets[place.facet.rawValue])])
  }
}
