import SluiceRecords

/// What stands for rows that are read: which rules their filters are, which fields are taken, and which files their sources are.
struct RowMeaning: Sendable {
  /// By filter: bits of the rules that have it.
  var rules: [UInt32]
  /// By facet, of each field that is wanted its place among those of the frame.
  var fields: [[Int]]
  /// By facet: how many fields a frame's entries have.
  var fieldCounts: [Int]
  /// By source; nil if files are numbered as sources are.
  var files: [Int]?
  /// Half-open.
  var from: EventTime?
  var to: EventTime?

  /// The rows as they were.
  init(asWritten fields: [[Field]], filterCount: Int) {
    rules = (0..<filterCount).map { 1 << UInt32($0) }
    self.fields = fields.map { Array($0.indices) }
    fieldCounts = fields.map(\.count)
  }

  /// - Parameters:
  ///   - filters: by rule the number of its filter.
  ///   - layout: of the fields that are wanted. - Precondition: the contract has them.
  init(_ contract: PartialContract, filters: [Int], layout: FacetLayout, files: [Int]) {
    rules = contract.filters.indices.map { filter in
      filters.enumerated().reduce(0) { $1.element == filter ? $0 | 1 << UInt32($1.offset) : $0 }
    }
    fields = zip(layout.fields, contract.fields).map { wanted, there in
      wanted.map { field in there.firstIndex(of: field)! }
    }
    fieldCounts = contract.fields.map(\.count)
    self.files = files
  }

  fileprivate func rules(of filters: UInt32) -> UInt32 {
    var found: UInt32 = 0
    for (filter, rules) in rules.enumerated() where filters >> UInt32(filter) & 1 != 0 { found |= rules }
    return found
  }

  fileprivate func includes(_ time: EventTime) -> Bool {
    (from.map { $0 <= time } ?? true) && (to.map { time < $0 } ?? true)
  }
}

/// By what rows are ordered before time: shard, then client IP, null first, then rows by key.
struct GroupKey: Comparable {
  enum Kind: UInt8 { case null, address, byKey }

  var shard: Int
  var kind: Kind
  var address: IPAddress

  static func < (a: Self, b: Self) -> Bool {
    if a.shard != b.shard { return a.shard < b.shard }
    if a.kind != b.kind { return a.kind.rawValue < b.kind.rawValue }
    return (a.address.high, a.address.low) < (b.address.high, b.address.low)
  }
}

/// The rows of one frame, one group after the other.
struct RowReader: ~Copyable {
  private struct Group {
    var key: GroupKey
    var count: Int
  }

  private let payload: UnsafeBuffer
  private var places: [SourcePlace] = []
  private var uuids: [UnsafeBytes] = []
  /// By facet and entry, where it starts in the payload.
  private var entries: [[Int]] = []
  private var groups: [Group] = []
  private var next = 0

  private var times: ByteReader
  private var filters: ByteReader
  private var uuidKinds: ByteReader
  private var uuidBits: ByteReader
  private var facets: [ByteReader] = []
  private var placeColumn: ByteReader
  private var addresses: ByteReader
  private var lastGroupTime: Int64 = 0
  private var lastPlace = 0
  private let all: UnsafeBytes

  /// Numbers that entries, uuids and places have in the chunk in hand, by its number.
  private var numbers: [[(chunk: Int, number: UInt32)]]
  private var uuidNumbers: [(chunk: Int, number: Int)]
  private var placeNumbers: [(chunk: Int, number: UInt32)]
  private var knownRules: (filters: UInt32, rules: UInt32) = (0, 0)

  /// - Parameters:
  ///   - payload: of a frame, decoded, up to `count`.
  ///   - fileCount: files that sources may be.
  init(_ payload: consuming UnsafeBuffer, count: Int, _ meaning: RowMeaning, shardCount: Int, fileCount: Int)
    throws(PartialFault)
  {
    self.payload = payload
    let all = self.payload.view(0..<count)
    self.all = all
    var reader = ByteReader(all)
    let empty = ByteReader(all[0..<0])
    (times, filters, uuidKinds, uuidBits, placeColumn, addresses) = (empty, empty, empty, empty, empty, empty)
    (numbers, uuidNumbers, placeNumbers) = ([], [], [])

    var offset: Int64 = 0
    for _ in 0..<(try reader.count()) {
      let source = try reader.number()
      offset &+= try reader.zigzag()
      guard source < meaning.files?.count ?? fileCount, offset >= 0 else {
        throw PartialFault("a place of it lies in no source")
      }
      places.append(
        SourcePlace(file: meaning.files?[source] ?? source, offset: offset > 0 ? Int(offset) - 1 : nil))
    }
    for _ in 0..<(try reader.count()) { uuids.append(try reader.counted()) }
    for fieldCount in meaning.fieldCounts {
      var starts: [Int] = []
      // An entry without fields takes no bytes.
      let count = try reader.number(max: fieldCount == 0 ? 1 : all.count)
      for _ in 0..<count {
        starts.append(reader.at)
        for _ in 0..<fieldCount {
          let length = try reader.number(max: all.count)
          if length > 1 { _ = try reader.raw(length - 1) }
        }
      }
      entries.append(starts)
    }
    var shard = 0
    for _ in 0..<(try reader.count()) {
      let (sum, overflows) = shard.addingReportingOverflow(try reader.number())
      shard = sum
      guard let kind = GroupKey.Kind(rawValue: try reader.byte()), !overflows, shard < shardCount else {
        throw PartialFault("a group of it is of no known kind, or of no shard")
      }
      let address = kind == .address ? try reader.address() : IPAddress(high: 0, low: 0)
      let group = Group(
        key: GroupKey(shard: shard, kind: kind, address: address), count: try reader.count())
      if let last = groups.last, group.key < last.key { throw PartialFault("its groups are in no order") }
      groups.append(group)
    }
    times = ByteReader(try reader.counted())
    filters = ByteReader(try reader.counted())
    uuidKinds = ByteReader(try reader.counted())
    uuidBits = ByteReader(try reader.counted())
    for _ in meaning.fieldCounts { facets.append(ByteReader(try reader.counted())) }
    placeColumn = ByteReader(try reader.counted())
    addresses = ByteReader(try reader.counted())
    guard reader.isAtEnd else { throw PartialFault("something stands behind its columns") }
    numbers = entries.map { Array(repeating: (0, 0), count: $0.count) }
    uuidNumbers = Array(repeating: (0, 0), count: uuids.count)
    placeNumbers = Array(repeating: (0, 0), count: places.count)
  }

  /// Of the group that comes next; nil behind the last.
  var key: GroupKey? { next < groups.count ? groups[next].key : nil }

  /// Of its rows.
  var nextCount: Int { next < groups.count ? groups[next].count : 0 }

  /// Reads the rows of the next group. - Parameter chunk: nil to leave them out.
  mutating func read(into chunk: RowChunk?, _ meaning: RowMeaning) throws(PartialFault) {
    let group = groups[next]
    next += 1
    var time = lastGroupTime
    for index in 0..<group.count {
      time &+= try times.zigzag()
      if index == 0 { lastGroupTime = time }
      let row = try read(group.key, EventTime(milliseconds: time), chunk, meaning)
      if let row { chunk?.rows.append(row) }
    }
    if next == groups.count { try checkEnd() }
  }

  private func checkEnd() throws(PartialFault) {
    guard
      times.isAtEnd, filters.isAtEnd, uuidKinds.isAtEnd, uuidBits.isAtEnd, placeColumn.isAtEnd,
      addresses.isAtEnd, facets.allSatisfy(\.isAtEnd)
    else { throw PartialFault("its columns hold more rows than its groups") }
  }

  /// The next row; nil if it is none of those that are wanted.
  @inline(__always)
  private mutating func read(
    _ key: GroupKey, _ time: EventTime, _ chunk: RowChunk?, _ meaning: RowMeaning
  ) throws(PartialFault) -> Observation? {
    let passed = UInt32(truncatingIfNeeded: try filters.varint())
    guard let kind = Observation.UUIDKind(rawValue: UInt32(try uuidKinds.byte())) else {
      throw PartialFault("a uuid of it is of no known kind")
    }
    var uuid: (high: UInt64, low: UInt64) = (0, 0)
    switch kind {
    case .absent: break
    case .canonical: uuid = (try uuidBits.word(), try uuidBits.word())
    case .text: uuid.low = UInt64(try Self.number(&uuidBits, below: uuids.count))
    }
    var facetNumbers = SIMD4<UInt32>()
    for facet in entries.indices {
      facetNumbers[facet] = UInt32(try Self.number(&facets[facet], below: entries[facet].count))
    }
    lastPlace = Int(Int64(lastPlace) &+ (try placeColumn.zigzag()))
    guard lastPlace >= 0, lastPlace <= places.count else {
      throw PartialFault("it has no place \(lastPlace)")
    }
    var address: IPAddress? = key.kind == .address ? key.address : nil
    if key.kind == .byKey, try addresses.byte() != 0 { address = try addresses.address() }

    if passed != knownRules.filters { knownRules = (passed, meaning.rules(of: passed)) }
    guard let chunk, knownRules.rules != 0, meaning.includes(time) else { return nil }
    for facet in entries.indices {
      facetNumbers[facet] = try number(facetNumbers[facet], facet: facet, in: chunk, meaning)
    }
    if kind == .text { uuid.low = UInt64(uuidNumber(Int(uuid.low), in: chunk)) }
    return Observation(
      time: time, uuid: uuid, uuidKind: kind, facets: facetNumbers, address: address,
      rules: knownRules.rules, isByKey: key.kind == .byKey, place: placeNumber(lastPlace, in: chunk))
  }

  @inline(__always)
  private static func number(_ reader: inout ByteReader, below count: Int) throws(PartialFault) -> Int {
    let number = try reader.varint()
    guard number < UInt64(count) else { throw PartialFault("a row refers to what is not there") }
    return Int(number)
  }

  @inline(__always)
  private mutating func number(
    _ entry: UInt32, facet: Int, in chunk: RowChunk, _ meaning: RowMeaning
  ) throws(PartialFault) -> UInt32 {
    let known = numbers[facet][Int(entry)]
    if known.chunk == chunk.number { return known.number }
    var reader = ByteReader(all[entries[facet][Int(entry)]..<all.count])
    let number = try chunk.number(of: &reader, facet: facet, meaning)
    numbers[facet][Int(entry)] = (chunk.number, number)
    return number
  }

  private mutating func uuidNumber(_ index: Int, in chunk: RowChunk) -> Int {
    if uuidNumbers[index].chunk == chunk.number { return uuidNumbers[index].number }
    let number = chunk.texts.uuids.number(of: uuids[index])
    uuidNumbers[index] = (chunk.number, number)
    return number
  }

  private mutating func placeNumber(_ index: Int, in chunk: RowChunk) -> UInt32 {
    guard index > 0 else { return UInt32(Observation.placeCountMax) }
    let known = placeNumbers[index - 1]
    if known.chunk == chunk.number { return known.number }
    let place = places[index - 1]
    let number = chunk.places.number(of: place)
    placeNumbers[index - 1] = (chunk.number, number)
    return number
  }
}

/// Some groups of one shard, whole, from any number of frames: rows in order, and what they refer to.
final class RowChunk {
  /// Which of its process, from 1.
  let number: Int
  let shard: Int
  var rows: [Observation] = []
  let texts: Texts
  let places = SourcePlaces()
  private var text = UnsafeBuffer(capacity: 256)

  init(number: Int, shard: Int, key: HashKey) {
    self.number = number
    self.shard = shard
    texts = Texts(key: key)
  }

  /// The number of an entry that is read, of those fields that are wanted.
  fileprivate func number(of reader: inout ByteReader, facet: Int, _ meaning: RowMeaning)
    throws(PartialFault) -> UInt32
  {
    let fieldCount = meaning.fieldCounts[facet]
    var values: [UnsafeBytes?] = []
    values.reserveCapacity(fieldCount)
    for _ in 0..<fieldCount {
      let length = try reader.number()
      values.append(length == 0 ? nil : try reader.raw(length - 1))
    }
    var end = 0
    for index in meaning.fields[facet] { end = FacetBytes.append(values[index], to: &text, at: end) }
    return UInt32(texts.facets[facet].number(of: text.view(0..<end)))
  }
}
