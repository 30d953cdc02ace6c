import SluiceRecords

/// Rows on their way into one frame, as `Partial/README.md` describes it.
///
/// Texts are numbered in the order in which rows use them, so that the same rows make the same bytes.
struct RowEncoder {
  private let fieldCounts: [Int]
  private var facets: [ByteDictionary]
  private var uuids: ByteDictionary
  private var placeNumbers: [SourcePlace: Int] = [:]
  private var lastPlace: (source: UInt32, number: Int)?

  private var places = ByteWriter()
  private var lastOffset = 0
  private var uuidTexts = ByteWriter()
  private var entries: [ByteWriter]
  private var groups = ByteWriter()
  private var groupCount = 0
  private var lastShard = 0

  private var times = ByteWriter()
  private var filters = ByteWriter()
  private var uuidKinds = ByteWriter()
  private var uuidBits = ByteWriter()
  private var numbers: [ByteWriter]
  private var placeColumn = ByteWriter()
  private var addresses = ByteWriter()
  private var lastTime: Int64 = 0
  private var lastGroupTime: Int64 = 0
  private var lastPlaceNumber = 0

  private(set) var rowCount = 0
  private(set) var shards: ClosedRange<Int>?

  /// - Parameter fields: by facet.
  init(fields: [[Field]]) {
    fieldCounts = fields.map(\.count)
    let key = HashKey(seed: 0)
    facets = fields.map { _ in ByteDictionary(key: key) }
    uuids = ByteDictionary(key: key)
    entries = fields.map { _ in ByteWriter() }
    numbers = fields.map { _ in ByteWriter() }
  }

  /// Says that numbers of places are those of others from here on.
  mutating func forgetPlace() { lastPlace = nil }

  /// How long the payload is, about.
  var byteCount: Int {
    entries.reduce(places.count + uuidTexts.count + groups.count + addresses.count) { $0 + $1.count }
      + numbers.reduce(times.count + filters.count + uuidKinds.count + uuidBits.count + placeColumn.count) {
        $0 + $1.count
      }
  }

  /// Adds rows of one group. - Parameter sources: by number of a file that of its source.
  mutating func append(
    _ rows: ArraySlice<Observation>, shard: Int, _ parts: [RowPart], sources: [Int: Int]?
  ) {
    guard let first = rows.first else { return }
    groups.varint(shard - lastShard)
    lastShard = shard
    shards = (shards?.lowerBound ?? shard)...shard
    if first.isByKey {
      groups.byte(2)
    } else if let address = first.address {
      groups.byte(1)
      groups.address(address)
    } else {
      groups.byte(0)
    }
    groups.varint(rows.count)
    groupCount += 1

    lastTime = lastGroupTime
    lastGroupTime = first.time.milliseconds
    for row in rows {
      let part = parts[Int(row.part)]
      times.zigzag(row.time.milliseconds &- lastTime)
      lastTime = row.time.milliseconds
      filters.varint(row.rules)
      append(uuidOf: row, part)
      for facet in numbers.indices { append(facet, of: row, part) }
      append(placeOf: row, part, sources)
      if first.isByKey {
        addresses.byte(row.address == nil ? 0 : 1)
        if let address = row.address { addresses.address(address) }
      }
    }
    rowCount += rows.count
  }

  private mutating func append(uuidOf row: Observation, _ part: RowPart) {
    uuidKinds.byte(UInt8(row.uuidKind.rawValue))
    switch row.uuidKind {
    case .absent: break
    case .canonical:
      uuidBits.fixed(row.uuid.high)
      uuidBits.fixed(row.uuid.low)
    case .text:
      let text = part.uuids[Int(row.uuid.low)]
      let number = uuids.number(of: text)
      if number == uuids.count - 1, number >= uuidTextCount {
        uuidTexts.counted(text)
        uuidTextCount += 1
      }
      uuidBits.varint(number)
    }
  }

  private var uuidTextCount = 0

  private mutating func append(_ facet: Int, of row: Observation, _ part: RowPart) {
    let known = facets[facet].count
    let number = part.translation.number(row.facets[facet], facet: facet, in: facets[facet])
    numbers[facet].varint(number)
    guard facets[facet].count > known else { return }
    let bytes = facets[facet][Int(number)]
    for index in 0..<fieldCounts[facet] {
      guard let value = FacetBytes.field(index, of: bytes) else {
        entries[facet].byte(0)
        continue
      }
      entries[facet].varint(value.count + 1)
      entries[facet].raw(value)
    }
  }

  private mutating func append(placeOf row: Observation, _ part: RowPart, _ sources: [Int: Int]?) {
    let number = placeNumber(of: row, part, sources)
    placeColumn.zigzag(number - lastPlaceNumber)
    lastPlaceNumber = number
  }

  /// One more than its number; 0 if nothing is known.
  private mutating func placeNumber(of row: Observation, _ part: RowPart, _ sources: [Int: Int]?) -> Int {
    if let lastPlace, lastPlace.source == row.source { return lastPlace.number }
    guard let place = part.places[row.place] else { return 0 }
    let number = placeNumbers[place] ?? placeNumbers.count + 1
    if number > placeNumbers.count {
      placeNumbers[place] = number
      let offset = (place.offset ?? -1) + 1
      places.varint(sources.map { $0[place.file]! } ?? place.file)  // Observations come from sources only.
      places.zigzag(offset - lastOffset)
      lastOffset = offset
    }
    lastPlace = (row.source, number)
    return number
  }

  /// The payload of a frame.
  var payload: [UInt8] {
    var payload = ByteWriter()
    payload.varint(placeNumbers.count)
    payload.raw(places.bytes)
    payload.varint(uuidTextCount)
    payload.raw(uuidTexts.bytes)
    for facet in facets.indices {
      payload.varint(facets[facet].count)
      payload.raw(entries[facet].bytes)
    }
    payload.varint(groupCount)
    payload.raw(groups.bytes)
    for column in [times, filters, uuidKinds, uuidBits] + numbers + [placeColumn, addresses] {
      payload.counted(column.bytes)
    }
    return payload.bytes
  }
}

/// Texts and places to which rows refer.
struct RowPart {
  let uuids: ByteDictionary
  let places: SourcePlaces
  let translation: Translation

  init(_ shards: WorkerShards) { self.init(shards.texts, shards.places) }

  init(_ texts: Texts, _ places: SourcePlaces) {
    uuids = texts.uuids
    self.places = places
    translation = Translation(texts)
  }
}
