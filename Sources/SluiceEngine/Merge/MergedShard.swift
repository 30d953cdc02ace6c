import SluiceRecords
import SluiceRules

/// One shard, merged from all workers: the observations of each client IP that could fire, in order of time.
///
/// Rows by key form one group after all addresses, in order of time.
final class MergedShard {
  struct Group {
    var address: IPAddress?
    /// Whether the rows are by key. They are of any client IPs, and rules partition them by their keys.
    var isByKey: Bool
    var rows: Range<Int>
    /// Whether there are enough observations for some rule to fire. If not, the rows were only examined for duplicates,
    /// and their facet numbers do not refer to this shard's dictionaries.
    var mayFire: Bool
  }

  /// Groups by client IP: null first, then by address.
  private(set) var groups: [Group] = []
  private(set) var rows: [Observation] = []
  private let layout: FacetLayout
  let hasWholeKeys: Bool
  /// Fields by which a rule compares copies of an event last, because it shows them, by rule.
  private let ownFields: [[Field]]
  /// Event locations, by part.
  private let sources: [EventLocationTable]
  private var addressText = UnsafeBuffer(capacity: 64)
  /// Merged dictionaries to which the rows refer.
  let texts: ValueDictionaries
  let facets: [ByteDictionary]
  /// Number of observations that were dropped because their event had already been counted.
  private(set) var duplicates = 0

  /// Observations of one worker.
  struct Part {
    var shards: WorkerShards
    var remap: DictionaryRemap
  }

  /// - Parameters:
  ///   - index: number of the shard.
  ///   - parts: observations of every worker. Their shards of this index are emptied, unless `keepsParts` is true.
  convenience init(
    _ index: Int, of parts: [Part], rules: MergeRules, keepsDuplicates: Bool, key: HashKey,
    keepsParts: Bool = false
  ) {
    self.init(rules, sources: parts.map(\.shards.locations), ValueDictionaries(key: key))
    gather(index, parts, keepsParts: keepsParts)
    rows.sort(by: Observation.inOrder)
    group(keepsDuplicates: keepsDuplicates, rules.floors) { remap($0, parts) }
  }

  /// Creates a shard of some client IPs from a row batch, and takes the batch's rows.
  convenience init(_ batch: RowBatch, rules: MergeRules, keepsDuplicates: Bool) {
    self.init(rules, sources: [batch.locations], batch.texts)
    // If the batch kept the rows too, the first change would copy them all.
    swap(&rows, &batch.rows)
    group(keepsDuplicates: keepsDuplicates, rules.floors) { _ in }
  }

  private init(_ rules: MergeRules, sources: [EventLocationTable], _ texts: ValueDictionaries) {
    layout = rules.layout
    hasWholeKeys = rules.hasWholeKeys
    ownFields = rules.ownFields
    self.sources = sources
    self.texts = texts
    facets = texts.facets
  }

  /// Groups the sorted rows by client IP and drops duplicates.
  ///
  /// - Parameter remap: called for rows that may fire. Afterwards their facet numbers are those of this shard.
  private func group(keepsDuplicates: Bool, _ floors: [Int], remap: (Range<Int>) -> Void) {
    var start = 0
    while start < rows.count {
      var end = start + 1
      while end < rows.count, rows[end].isGrouped(with: rows[start]) { end += 1 }
      let mayFire = reachesFloor(floors, start..<end)
      // A group that cannot fire matters only for the number of its duplicates.
      if mayFire || !keepsDuplicates {
        if mayFire { remap(start..<end) }
        if !keepsDuplicates { dropDuplicates(start..<end, mayFire: mayFire) }
        let isByKey = rows[start].isByKey
        groups.append(
          Group(
            address: isByKey ? nil : rows[start].address, isByKey: isByKey, rows: start..<end,
            mayFire: mayFire))
      }
      start = end
    }
  }

  /// Collects the rows of all parts in one array.
  private func gather(_ index: Int, _ parts: [Part], keepsParts: Bool) {
    rows.reserveCapacity(parts.reduce(0) { $0 + $1.shards.observationCount(of: index) })
    for (number, part) in parts.enumerated() {
      part.remap.begin()
      func take(_ row: Observation) {
        var row = row
        row.part = UInt32(number)
        if row.uuidKind == .text {
          row.uuid.low = UInt64(texts.uuids.number(of: part.shards.texts.uuids[Int(row.uuid.low)]))
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

  /// Replaces the numbers of the parts' dictionaries by those of the merged ones.
  private func remap(_ range: Range<Int>, _ parts: [Part]) {
    for index in range {
      let remap = parts[Int(rows[index].part)].remap
      for facet in facets.indices {
        rows[index].facets[facet] = remap.number(
          rows[index].facets[facet], facet: facet, in: facets[facet])
      }
    }
  }

  // MARK: Duplicates

  /// Keeps one observation for each rule among those of one event (equal uuid, client IP and time).
  private func dropDuplicates(_ range: Range<Int>, mayFire: Bool) {
    var start = range.lowerBound
    while start < range.upperBound {
      var end = start + 1
      while end < range.upperBound, rows[start].isSameEvent(as: rows[end]) { end += 1 }
      if end - start > 1 { keepOne(start..<end, compares: mayFire) }
      start = end
    }
  }

  /// Keeps, for each rule, the least copy by its fields. Copies may differ, and the choice must not depend on the order
  /// of files.
  private func keepOne(_ copies: Range<Int>, compares: Bool) {
    let rules = rows[copies].reduce(0) { $0 | $1.rules }
    for rule in ownFields.indices where rules & (1 << UInt32(rule)) != 0 {
      var kept: Int?
      for index in copies where rows[index].rules & (1 << UInt32(rule)) != 0 {
        guard let other = kept else {
          kept = index
          continue
        }
        duplicates += 1
        let isBetter = compares && isLess(rows[index], rows[other], rule)
        rows[isBetter ? other : index].rules &= ~(1 << UInt32(rule))
        if isBetter { kept = index }
      }
    }
  }

  /// Returns whether one copy comes before another for a rule.
  ///
  /// Copies are compared by the fields that are the same for all rules, then by the other fields that this rule shows.
  /// Fields of other rules do not count, or one rule's result could change with another rule. Among equal copies the
  /// first in the archive counts.
  private func isLess(_ a: Observation, _ b: Observation, _ rule: Int) -> Bool {
    if a.facets == b.facets { return isBefore(a, b) }
    for fields in [FacetLayout.ofCopies, ownFields[rule]] {
      for field in fields {
        switch (kept(field, of: a), kept(field, of: b)) {
        case (nil, nil): continue
        case (nil, _): return true
        case (_, nil): return false
        case (let a?, let b?):
          if a.elementsEqual(b) { continue }
          return a.array.lexicographicallyPrecedes(b.array)
        }
      }
    }
    return isBefore(a, b)
  }

  private func isBefore(_ a: Observation, _ b: Observation) -> Bool {
    guard let a = location(of: a), let b = location(of: b) else { return false }
    return a < b
  }

  // MARK: Event locations

  /// Returns the event location of an observation; nil if it is unknown.
  func location(of row: Observation) -> EventLocation? { sources[Int(row.part)][row.location] }

  /// Returns the event locations of observations; nil if one is unknown.
  func locations(of rows: some Sequence<Observation>) -> Set<EventLocation>? {
    var locations: Set<EventLocation> = []
    var last: UInt32?
    for row in rows where row.source != last {
      guard let location = location(of: row) else { return nil }
      locations.insert(location)
      last = row.source
    }
    return locations
  }

  // MARK: Fields

  private func kept(_ field: Field, of row: Observation) -> UnsafeBytes? {
    layout.slot(of: field).flatMap { value(at: $0, of: row.facets[$0.facet.rawValue]) }
  }

  /// Returns a field of an observation; nil for null. The client IP is the observation's address as text. It is valid
  /// until the next call.
  func value(_ field: Field, of row: Observation) -> UnsafeBytes? {
    guard field == .clientIP else { return kept(field, of: row) }
    guard let address = row.address else { return nil }
    return addressText.fill(at: 0) { put in address.description.utf8.forEach(put) }
  }

  /// Returns the slot of a field in its facet's entries. - Precondition: the field is kept.
  func slot(of field: Field) -> FacetLayout.Slot {
    guard let slot = layout.slot(of: field) else { preconditionFailure("\(field) is not kept") }
    return slot
  }

  /// Returns the field in a slot of a facet's entry; nil for null.
  func value(at slot: FacetLayout.Slot, of entry: UInt32) -> UnsafeBytes? {
    FacetBytes.field(slot.index, of: facets[slot.facet.rawValue][Int(entry)])
  }
}

/// Properties of the active rules that merging needs.
struct MergeRules: Sendable {
  private(set) var layout: FacetLayout
  /// Minimum number of observations of one key for which a rule can fire, by rule.
  private(set) var floors: [Int]
  /// Fields that a rule keeps besides ``FacetLayout/ofCopies``, by rule, in the order in which copies are compared.
  private(set) var ownFields: [[Field]]
  /// Whether rows by key are evaluated here. Otherwise they move to other shards first.
  private(set) var hasWholeKeys = true

  /// Returns rules for merging all observations, whether or not a rule may fire.
  ///
  /// - Parameter lastFields: fields kept for all rules. They decide between copies that are equal for a rule.
  static func keepingAll(_ rules: [Rule], lastFields: [Field]) -> MergeRules {
    var merge = MergeRules(rules)
    merge.layout = FacetLayout(rules: rules, beside: lastFields)
    merge.floors = rules.map { _ in 1 }
    merge.ownFields = merge.ownFields.map { own in own + lastFields.filter { !own.contains($0) } }
    return merge
  }

  /// Returns rules for rows that move to other shards. Rules that do not group by the client IP need all their rows,
  /// however few one client IP has.
  static func beforeRegrouping(_ rules: [Rule]) -> MergeRules {
    var merge = MergeRules(rules)
    for index in rules.indices where rules[index].clientIP == .none { merge.floors[index] = 1 }
    merge.hasWholeKeys = false
    return merge
  }

  init(_ rules: [Rule]) {
    layout = FacetLayout(rules: rules)
    floors = rules.map(\.eventFloor)
    ownFields = rules.map { rule in
      let own = rule.fieldsKept.subtracting(FacetLayout.ofCopies)
      return Field.allCases.filter(own.contains)
    }
  }
}
