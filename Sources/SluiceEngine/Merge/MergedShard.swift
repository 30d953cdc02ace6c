import SluiceRecords

/// One shard of all workers, put together: the observations of each client IP that could fire, in order of time.
final class MergedShard {
  struct Group {
    var address: IPAddress?
    /// Its number in the table of addresses, while the shard is put together.
    fileprivate var entry: Int
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

  /// The shard of one worker, with the texts that it refers to.
  struct Part {
    var shard: Shard
    var translation: Translation
  }

  /// - Parameters:
  ///   - parts: of every worker that has the shard.
  ///   - floors: for each rule how many observations of one client IP it needs to fire.
  init(_ parts: [Part], floors: [Int], keepsDuplicates: Bool, key: HashKey) {
    facets = Facet.allCases.map { _ in ByteDictionary(key: key) }
    uuids = ByteDictionary(key: key)

    // One table of addresses, with the counts of all parts.
    let addresses = AddressTable(ruleCount: floors.count, key: key)
    let numbers = parts.map { part in
      (0..<part.shard.addresses.count).map { entry in
        let number = addresses.number(of: part.shard.addresses.encoded(entry))
        addresses.add(part.shard.addresses, entry, to: number)
        return number
      }
    }
    let mayFire = (0..<addresses.count).map { entry in
      floors.indices.contains { addresses.observations(of: entry, rule: $0) >= floors[$0] }
    }
    // An address that cannot fire matters no more, but for the number of its duplicates.
    groups = (0..<addresses.count).filter { mayFire[$0] || !keepsDuplicates }
      .map { Group(address: addresses[$0], entry: $0, rows: 0..<0, mayFire: mayFire[$0]) }
      .sorted { IPAddress.inOrder($0.address, $1.address) }
    var rank = [Int](repeating: -1, count: addresses.count)
    for (position, group) in groups.enumerated() { rank[group.entry] = position }

    gather(parts, numbers.map { $0.map { rank[$0] } })
    for group in groups.indices {
      sortRows(groups[group].rows)
      if !keepsDuplicates { dropDuplicates(groups[group].rows, mayFire: groups[group].mayFire) }
    }
  }

  /// Puts the rows of each kept address side by side, with entries of the merged dictionaries.
  ///
  /// - Parameter ranks: by part and its number of an address: the address's group, or -1.
  private func gather(_ parts: [Part], _ ranks: [[Int]]) {
    var ends = [Int](repeating: 0, count: groups.count + 1)
    for (part, ranks) in zip(parts, ranks) {
      for page in part.shard.pages {
        for row in page where ranks[Int(row.address)] >= 0 { ends[ranks[Int(row.address)] + 1] += 1 }
      }
    }
    for group in groups.indices {
      ends[group + 1] += ends[group]
      groups[group].rows = ends[group]..<ends[group + 1]
    }
    guard let count = ends.last, count > 0 else { return }

    var next = ends
    rows = Array(unsafeUninitializedCapacity: count) { buffer, initialized in
      for (part, ranks) in zip(parts, ranks) {
        part.translation.begin()
        for page in part.shard.pages {
          for var row in page {
            let group = ranks[Int(row.address)]
            if group < 0 { continue }
            row.address = UInt32(group)
            for facet in 0..<facets.count where groups[group].mayFire {
              row.facets[facet] = part.translation.number(row.facets[facet], facet: facet, in: facets[facet])
            }
            if row.uuidKind == .text {
              row.uuid.low = UInt64(uuids.number(of: part.translation.texts.uuids[Int(row.uuid.low)]))
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

  // MARK: Order

  private func sortRows(_ range: Range<Int>) {
    // Of ordinary IPs most have one row, for which sorting would copy it all the same.
    if range.count < 2 { return }
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

  /// All that is kept of an event, in the order of the fields.
  private static let contentOrder = Field.allCases.filter { Facet.places[$0.rawValue] != nil }

  /// A field of an observation; nil for null.
  func value(_ field: Field, of row: Observation) -> UnsafeBytes? {
    guard let place = Facet.places[field.rawValue] else { return nil }
    return FacetBytes.field(
      place.index, of: facets[place.facet.rawValue][Int(row.facets[place.facet.rawValue])])
  }
}
