import SluiceRecords
import SluiceRules

/// Encodes rows into the payload of one frame, as `SluiceEngine.docc/PartialFormat.md` describes it.
///
/// Texts are numbered in the order in which rows use them, so that equal rows make equal bytes.
struct RowEncoder {
  private var facets: [ByteDictionary]
  private var uuids: ByteDictionary
  private var locationNumbers: [EventLocation: Int] = [:]
  private var lastLocation: (source: UInt32, number: Int)?

  private var locations = ByteWriter()
  private var lastOffset = 0
  private var uuidTexts = ByteWriter()
  private var entries: [ByteWriter]
  private var groups = ByteWriter()
  private var groupCount = 0
  private var lastShard = 0

  private var times: [Int64] = []
  private var filters: [UInt64] = []
  private var uuidKinds = ByteWriter()
  private var uuidBits = ByteWriter()
  private var numbers: [[UInt64]]
  private var locationColumn: [UInt64] = []
  private var addresses = ByteWriter()

  private(set) var rowCount = 0
  private(set) var shards: ClosedRange<Int>?

  /// - Parameter fields: fields of the rows, by facet.
  init(fields: [[Field]]) {
    let key = HashKey(seed: 0)
    facets = fields.map { _ in ByteDictionary(key: key) }
    uuids = ByteDictionary(key: key)
    entries = fields.map { _ in ByteWriter() }
    numbers = fields.map { _ in [] }
  }

  /// Forgets the last event location, because the following rows refer to other tables.
  mutating func forgetLocation() { lastLocation = nil }

  /// Approximate length of the payload.
  var byteCount: Int {
    entries.reduce(locations.count + uuidTexts.count + groups.count + addresses.count + 32 * rowCount) {
      $0 + $1.count
    }
  }

  /// Adds rows of one group. - Parameter sources: source numbers by file number; nil if they are equal.
  mutating func append(
    _ rows: ArraySlice<Observation>, shard: Int, _ parts: [RowDictionaries], sources: [Int: Int]?
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

    for row in rows {
      let part = parts[Int(row.part)]
      times.append(row.time.milliseconds)
      filters.append(UInt64(row.rules))
      append(uuidOf: row, part)
      for facet in numbers.indices { append(facet, of: row, part) }
      appendLocation(of: row, part, sources)
      if first.isByKey {
        addresses.byte(row.address == nil ? 0 : 1)
        addresses.address(row.address ?? IPAddress(high: 0, low: 0))
      }
    }
    rowCount += rows.count
  }

  private mutating func append(uuidOf row: Observation, _ part: RowDictionaries) {
    uuidKinds.byte(UInt8(row.uuidKind.rawValue))
    var uuid = row.uuid
    if row.uuidKind == .text {
      let text = part.uuids[Int(row.uuid.low)]
      let number = uuids.number(of: text)
      if number == uuidTextCount {
        uuidTexts.counted(text)
        uuidTextCount += 1
      }
      uuid = (0, UInt64(number))
    }
    uuidBits.fixed(uuid.high)
    uuidBits.fixed(uuid.low)
  }

  private var uuidTextCount = 0

  private mutating func append(_ facet: Int, of row: Observation, _ part: RowDictionaries) {
    let known = facets[facet].count
    let number = part.remap.number(row.facets[facet], facet: facet, in: facets[facet])
    numbers[facet].append(UInt64(number))
    guard facets[facet].count > known else { return }
    entries[facet].raw(facets[facet][Int(number)])
  }

  private mutating func appendLocation(of row: Observation, _ part: RowDictionaries, _ sources: [Int: Int]?) {
    locationColumn.append(UInt64(locationNumber(of: row, part, sources)))
  }

  /// Returns one more than the number of a row's event location; 0 if the location is unknown.
  private mutating func locationNumber(of row: Observation, _ part: RowDictionaries, _ sources: [Int: Int]?)
    -> Int
  {
    if let lastLocation, lastLocation.source == row.source { return lastLocation.number }
    guard let location = part.locations[row.location] else { return 0 }
    let number = locationNumbers[location] ?? locationNumbers.count + 1
    if number > locationNumbers.count {
      locationNumbers[location] = number
      let offset = (location.offset ?? -1) + 1
      // Rows come from sources only.
      locations.varint(sources.map { $0[location.file]! } ?? location.file)
      locations.zigzag(offset - lastOffset)
      lastOffset = offset
    }
    lastLocation = (row.source, number)
    return number
  }

  /// The payload of a frame.
  var payload: [UInt8] {
    var payload = ByteWriter()
    payload.varint(locationNumbers.count)
    payload.raw(locations.bytes)
    payload.varint(uuidTextCount)
    payload.raw(uuidTexts.bytes)
    for facet in facets.indices {
      payload.varint(facets[facet].count)
      payload.raw(entries[facet].bytes)
    }
    payload.varint(groupCount)
    payload.raw(groups.bytes)
    let least = times.min() ?? 0
    payload.zigzag(least)
    // Any two times are less than 2^64 apart.
    payload.column(times.map { UInt64(bitPattern: $0 &- least) })
    payload.column(filters)
    for column in numbers { payload.column(column) }
    payload.column(locationColumn)
    payload.raw(uuidKinds.bytes)
    payload.raw(uuidBits.bytes)
    payload.raw(addresses.bytes)
    return payload.bytes
  }
}

extension ByteWriter {
  /// Writes the smallest sufficient width in bytes, then each value with that width.
  fileprivate mutating func column(_ values: [UInt64]) {
    let bits = UInt64.bitWidth - (values.max() ?? 0).leadingZeroBitCount
    let width = [1, 2, 4].first { bits <= 8 * $0 } ?? 8
    byte(UInt8(width))
    for value in values {
      for index in 0..<width { byte(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
    }
  }
}

/// Dictionaries and event locations to which rows refer.
struct RowDictionaries {
  let uuids: ByteDictionary
  let locations: EventLocationTable
  let remap: DictionaryRemap

  init(_ shards: WorkerShards) { self.init(shards.texts, shards.locations) }

  init(_ texts: ValueDictionaries, _ locations: EventLocationTable) {
    uuids = texts.uuids
    self.locations = locations
    remap = DictionaryRemap(texts)
  }
}
