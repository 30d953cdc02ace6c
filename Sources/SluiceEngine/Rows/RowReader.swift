import SluiceRecords
import SluiceRules

/// Sort key of rows before time: shard, then client IP with null first, then rows by key.
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

/// The rows of one frame. They are decoded only on access, so groups that are not needed cost nothing.
final class RowReader {
  struct Group {
    var key: GroupKey
    var rows: Range<Int>
    /// Number of `byKey` rows before this group.
    fileprivate var byKeyStart: Int
  }

  /// Numbers of equal width, one for each row.
  private struct Column {
    private let bytes: UnsafeBytes
    private let width: Int
    private let mask: UInt64

    init(_ reader: inout ByteReader, count: Int) throws(PartialError) {
      width = Int(try reader.byte())
      guard [1, 2, 4, 8].contains(width) else { throw PartialError("a column of it has no possible width") }
      mask = width == 8 ? .max : 1 << UInt64(8 * width) - 1
      bytes = try reader.raw(count * width)
    }

    @inline(__always)
    subscript(row: Int) -> UInt64 { bytes.word64(at: row * width) & mask }
  }

  /// Location of the frame, for errors.
  private let frameLocation: (file: String, offset: Int)
  private let payload: UnsafeBuffer
  private let projection: RowProjection
  private let all: UnsafeBytes
  private let locations: [EventLocation]
  private let uuids: [UnsafeBytes]
  /// Offsets of entries in the payload, by facet and entry.
  private let entries: [[Int]]
  let groups: [Group]

  private let leastTime: Int64
  private let times: Column
  private let filters: Column
  private let facets: [Column]
  private let locationColumn: Column
  private let uuidKinds: UnsafeBytes
  private let uuidBits: UnsafeBytes
  private let addresses: UnsafeBytes

  /// Numbers of entries, uuids and event locations in the current batch. Each is valid only for its batch number.
  private var numbers: [[(batch: Int, number: UInt32)]]
  private var uuidNumbers: [(batch: Int, number: Int)]
  private var locationNumbers: [(batch: Int, number: UInt32)]
  private var knownRules: (filters: UInt64, rules: UInt32) = (0, 0)

  /// - Parameters:
  ///   - payload: decoded payload of a frame, which ends at `count`.
  ///   - run: sorted run of the frame, which is at `frameOffset` of the run's file.
  init(_ payload: consuming UnsafeBuffer, count: Int, of run: SortedRun, offset frameOffset: Int)
    throws(PartialError)
  {
    let projection = run.projection
    frameLocation = (run.file.path, frameOffset)
    let all = payload.view(0..<count)
    self.payload = payload
    self.all = all
    self.projection = projection
    var reader = ByteReader(all)
    // The rows come after these lists. Lists take more memory here than in the frame, so they are bounded first.
    let rowCountMax = all.count / Self.rowBytesMin
    var offset: Int64 = 0
    var locations: [EventLocation] = []
    for _ in 0..<(try Self.listCount(&reader, max: rowCountMax)) {
      let source = try reader.number()
      offset &+= try reader.zigzag()
      guard source < projection.files?.count ?? run.fileCount, offset >= 0 else {
        throw PartialError("a place of it lies in no source")
      }
      locations.append(
        EventLocation(file: projection.files?[source] ?? source, offset: offset > 0 ? Int(offset) - 1 : nil))
    }
    self.locations = locations
    var uuids: [UnsafeBytes] = []
    for _ in 0..<(try Self.listCount(&reader, max: rowCountMax)) { uuids.append(try reader.counted()) }
    self.uuids = uuids
    entries = try Self.entries(&reader, projection.fieldCounts, countMax: rowCountMax, all.count)
    groups = try Self.groups(&reader, shardCount: run.shardCount)

    let rowCount = groups.last?.rows.upperBound ?? 0
    guard ([locations.count, uuids.count] + entries.map(\.count)).allSatisfy({ $0 <= rowCount }) else {
      throw Self.longList
    }
    leastTime = try reader.zigzag()
    times = try Column(&reader, count: rowCount)
    var greatest: UInt64 = 0
    for row in 0..<rowCount { greatest = max(greatest, times[row]) }
    guard Self.times.contains(leastTime), greatest <= UInt64(Self.times.upperBound - leastTime) else {
      throw PartialError("a time of it lies in no year")
    }
    filters = try Column(&reader, count: rowCount)
    var facets: [Column] = []
    for _ in projection.fieldCounts { facets.append(try Column(&reader, count: rowCount)) }
    self.facets = facets
    locationColumn = try Column(&reader, count: rowCount)
    uuidKinds = try reader.raw(rowCount)
    uuidBits = try reader.raw(16 * rowCount)
    let byKeyCount = groups.reduce(0) { $0 + ($1.key.kind == .byKey ? $1.rows.count : 0) }
    addresses = try reader.raw(17 * byKeyCount)
    guard reader.isAtEnd else { throw PartialError("bytes follow its columns") }
    numbers = entries.map { Array(repeating: (0, 0), count: $0.count) }
    uuidNumbers = Array(repeating: (0, 0), count: uuids.count)
    locationNumbers = Array(repeating: (0, 0), count: locations.count)
  }

  /// Allowed times in milliseconds since 1970. Years have four digits.
  private static let times: ClosedRange<Int64> = -100_000_000_000_000...300_000_000_000_000

  /// Minimum bytes of one row in all columns.
  private static let rowBytesMin = 24
  private static let longList = PartialError("it lists more texts or places than it has rows")

  private static func listCount(_ reader: inout ByteReader, max: Int) throws(PartialError) -> Int {
    let count = try reader.number()
    guard count <= max else { throw longList }
    return count
  }

  private static func entries(
    _ reader: inout ByteReader, _ fieldCounts: [Int], countMax: Int, _ byteCount: Int
  ) throws(PartialError) -> [[Int]] {
    var entries: [[Int]] = []
    for fieldCount in fieldCounts {
      var starts: [Int] = []
      // An entry without fields takes no bytes.
      let count = try listCount(&reader, max: fieldCount == 0 ? 1 : countMax)
      for _ in 0..<count {
        starts.append(reader.at)
        for _ in 0..<fieldCount {
          let length = try reader.number(max: byteCount)
          if length > 1 { _ = try reader.raw(length - 1) }
        }
      }
      entries.append(starts)
    }
    return entries
  }

  private static func groups(_ reader: inout ByteReader, shardCount: Int) throws(PartialError) -> [Group] {
    var groups: [Group] = []
    var (shard, rowCount, byKeyCount) = (0, 0, 0)
    for _ in 0..<(try reader.count()) {
      let (sum, overflows) = shard.addingReportingOverflow(try reader.number())
      shard = sum
      guard let kind = GroupKey.Kind(rawValue: try reader.byte()), !overflows, shard < shardCount else {
        throw PartialError("a group of it is of no known kind, or of no shard")
      }
      let address = kind == .address ? try reader.address() : IPAddress(high: 0, low: 0)
      // Each row takes bytes after this point, so their number bounds the count.
      let count = try reader.count()
      let group = Group(
        key: GroupKey(shard: shard, kind: kind, address: address), rows: rowCount..<rowCount + count,
        byKeyStart: byKeyCount)
      guard count > 0, rowCount + count <= PartialFrame.payloadBytesMax << 8 else {
        throw PartialError("a group of it has no rows, or more than there are")
      }
      if let last = groups.last, group.key < last.key { throw PartialError("its groups are in no order") }
      rowCount += count
      if kind == .byKey { byKeyCount += count }
      groups.append(group)
    }
    return groups
  }

  // MARK: Rows

  @inline(__always)
  func time(of row: Int) -> Int64 { leastTime &+ Int64(bitPattern: times[row]) }

  /// Returns the bits of the wanted rules whose filters a row passed; 0 if the row is outside the wanted time range.
  @inline(__always)
  func rules(of row: Int) -> UInt32 {
    let passed = filters[row]
    if passed != knownRules.filters {
      knownRules = (passed, projection.rules(of: UInt32(truncatingIfNeeded: passed)))
    }
    return projection.includes(EventTime(milliseconds: time(of: row))) ? knownRules.rules : 0
  }

  /// Adds the wanted rows of a group to a batch.
  func read(_ group: Group, into batch: RowBatch) throws(PartialError) {
    do throws(PartialError) {
      try add(group, to: batch)
    } catch {
      throw error.at(frameLocation.offset, of: frameLocation.file)
    }
  }

  private func add(_ group: Group, to batch: RowBatch) throws(PartialError) {
    for row in group.rows {
      let rules = rules(of: row)
      guard rules != 0 else { continue }
      guard let kind = Observation.UUIDKind(rawValue: UInt32(uuidKinds[row])) else {
        throw PartialError("a uuid of it is of no known kind")
      }
      var uuid = (high: uuidBits.word64(at: 16 * row), low: uuidBits.word64(at: 16 * row + 8))
      switch kind {
      case .canonical: break
      case .absent: uuid = (0, 0)
      case .text: uuid = (0, UInt64(try uuidNumber(uuid.low, in: batch)))
      }
      var facetNumbers = SIMD4<UInt32>()
      for facet in facets.indices {
        facetNumbers[facet] = try number(facets[facet][row], facet: facet, in: batch)
      }
      var address: IPAddress? = group.key.kind == .address ? group.key.address : nil
      if group.key.kind == .byKey {
        let at = 17 * (group.byKeyStart + row - group.rows.lowerBound)
        if addresses[at] != 0 {
          address = IPAddress(high: addresses.word64(at: at + 1), low: addresses.word64(at: at + 9))
        }
      }
      batch.rows.append(
        Observation(
          time: EventTime(milliseconds: time(of: row)), uuid: uuid, uuidKind: kind, facets: facetNumbers,
          address: address, rules: rules, isByKey: group.key.kind == .byKey,
          location: try locationNumber(locationColumn[row], in: batch)))
    }
  }

  private static let nothing = PartialError("a row refers to what is not there")

  @inline(__always)
  private func number(_ entry: UInt64, facet: Int, in batch: RowBatch) throws(PartialError) -> UInt32 {
    guard entry < UInt64(entries[facet].count) else { throw Self.nothing }
    let known = numbers[facet][Int(entry)]
    if known.batch == batch.number { return known.number }
    var reader = ByteReader(all[entries[facet][Int(entry)]..<all.count])
    let number = try batch.number(of: &reader, facet: facet, projection)
    numbers[facet][Int(entry)] = (batch.number, number)
    return number
  }

  private func uuidNumber(_ index: UInt64, in batch: RowBatch) throws(PartialError) -> Int {
    guard index < UInt64(uuids.count) else { throw Self.nothing }
    let index = Int(index)
    if uuidNumbers[index].batch == batch.number { return uuidNumbers[index].number }
    let number = batch.texts.uuids.number(of: uuids[index])
    uuidNumbers[index] = (batch.number, number)
    return number
  }

  private func locationNumber(_ index: UInt64, in batch: RowBatch) throws(PartialError) -> UInt32 {
    guard index > 0 else { return UInt32(Observation.locationCountMax) }
    guard index <= UInt64(locations.count) else { throw Self.nothing }
    let known = locationNumbers[Int(index) - 1]
    if known.batch == batch.number { return known.number }
    let number = batch.locations.number(of: locations[Int(index) - 1])
    locationNumbers[Int(index) - 1] = (batch.number, number)
    return number
  }
}
