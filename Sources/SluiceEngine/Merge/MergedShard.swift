import SluiceRecords

/// One shard of all workers, put together: the observations of each client IP that could fire, in order of time.
final class MergedShard {
  struct Group {
    var address: IPAddress?
    var rows: Range<Int>
    /// Whether there are observations enough for some rule to fire. If not, the rows were only looked at for
    /// duplicates, and their facets are none of this shard's.
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

  /// What one worker found.
  struct Part {
    var shards: WorkerShards
    var translation: Translation
  }

  /// - Parameters:
  ///   - index: of the shard.
  ///   - parts: of every worker; their shards of this index are empty afterwards, unless `keepsParts`.
  ///   - floors: for each rule how many observations of one client IP it needs to fire.
  init(
    _ index: Int, of parts: [Part], floors: [Int], keepsDuplicates: Bool, key: HashKey,
    keepsParts: Bool = false
  ) {
    facets = Facet.allCases.map { _ in ByteDictionary(key: key) }
    uuids = ByteDictionary(key: key)
    gather(index, parts, keepsParts: keepsParts)
    rows.sort(by: Observation.inOrder)
    var start = 0
    while start < rows.count {
      var end = start + 1
      while end < rows.count, rows[end].hasAddress(of: rows[start]) { end += 1 }
      let mayFire = reachesFloor(floors, start..<end)
      // An address that cannot fire matters no more, but for the number of its duplicates.
      if mayFire || !keepsDuplicates {
        if mayFire { translate(start..<end, parts) }
        if !keepsDuplicates { dropDuplicates(start..<end, mayFire: mayFire) }
        groups.append(Group(address: rows[start].address, rows: start..<end, mayFire: mayFire))
      }
      start = end
    }
  }

  /// Puts the rows of all parts one behind the other.
  private func gather(_ index: Int, _ parts: [Part], keepsParts: Bool) {
    rows.reserveCapacity(parts.reduce(0) { $0 + $1.shards.observationCount(of: index) })
    for (number, part) in parts.enumerated() {
      part.translation.begin()
      func take(_ row: Observation) {
        var row = row
        row.part = UInt32(number)
        if row.uuidKind == .text {
          row.uuid.low = UInt64(uuids.number(of: part.shards.texts.uuids[Int(row.uuid.low)]))
        }
        rows.append(row)
      }
      if keepsParts { part.shards.forEach(of: index, take) } else { part.shards.drain(index, take) }
    }
  }

  private func reachesFloor(_ floors: [Int], _ range: Range<Int>) -> Bool {
    floors.indices.contains { rule in
      guard range.count >= floors[rule] else { return false }
      return rows[range].count { $0.rules & (1 << UInt32(rule)) != 0 } >= floors[rule]
    }
  }

  /// Numbers of the parts' dictionaries become those of the merged ones.
  private func translate(_ range: Range<Int>, _ parts: [Part]) {
    for index in range {
      let translation = parts[Int(rows[index].part)].translation
      for facet in facets.indices {
        rows[index].facets[facet] = translation.number(
          rows[index].facets[facet], facet: facet, in: facets[facet])
      }
    }
  }

  // MARK: Duplicates

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
