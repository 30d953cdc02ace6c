import CLZ4
import CXXHash

/// A partial as a stranger reads it: according to the page `SluiceEngine.docc/PartialFormat.md` only, into arrays,
/// without any type of the engine.
struct PartialOracle {
  /// A violation of the page.
  struct FormatError: Error, CustomStringConvertible {
    var description: String
  }

  var frames: [Frame] = []
  var contract: Contract
  var sources: [Source] = []
  var rows: [Row] = []
  var totals = Totals()

  // MARK: Bytes

  private struct Bytes {
    var bytes: ArraySlice<UInt8>

    init(_ bytes: some Collection<UInt8>) { self.bytes = ArraySlice(bytes) }

    mutating func take(_ count: Int) throws -> [UInt8] {
      guard count <= bytes.count else { throw FormatError(description: "too short") }
      defer { bytes = bytes.dropFirst(count) }
      return Array(bytes.prefix(count))
    }

    mutating func byte() throws -> UInt8 { try take(1)[0] }

    mutating func number(_ size: Int) throws -> UInt64 {
      try take(size).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func varint() throws -> UInt64 {
      var value: UInt64 = 0
      var shift: UInt64 = 0
      while true {
        let byte = try byte()
        value |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return value }
        shift += 7
      }
    }

    mutating func int() throws -> Int { Int(try varint()) }

    mutating func zigzag() throws -> Int64 {
      let value = try varint()
      return value % 2 == 0 ? Int64(value / 2) : -Int64(value / 2) - 1
    }

    mutating func counted() throws -> [UInt8] { try take(try int()) }

    mutating func text() throws -> String { String(decoding: try counted(), as: UTF8.self) }

    mutating func list<Element>(_ each: (inout Bytes) throws -> Element) throws -> [Element] {
      try (0..<(try int())).map { _ in try each(&self) }
    }
  }

  private static func require(_ isTrue: Bool, _ what: String) throws {
    if !isTrue { throw FormatError(description: what) }
  }

  // MARK: Frames

  /// Reads the consecutive partials of a file.
  static func all(_ file: [UInt8]) throws -> [PartialOracle] {
    var partials: [PartialOracle] = []
    var frames: [Frame] = []
    var start = 0
    var bytes = Bytes(file)
    while !bytes.bytes.isEmpty {
      let offset = file.count - bytes.bytes.count
      let frame = try frame(&bytes, at: offset, start: start)
      try require(frame.number == frames.count, "the number of the frame at \(offset)")
      frames.append(frame)
      if frame.kind == 3, !frame.isContinued {
        partials.append(try PartialOracle(frames))
        frames = []
        start = file.count - bytes.bytes.count
      }
    }
    try require(frames.isEmpty, "no totals")
    return partials
  }

  private static func frame(_ bytes: inout Bytes, at offset: Int, start: Int) throws -> Frame {
    let header = try bytes.take(88)
    var fields = Bytes(header)
    try require(try fields.take(8) == Array("SLUICEPT".utf8), "magic")
    try require(try fields.number(2) == 2, "version")
    let kind = Int(try fields.number(1))
    let flags = try fields.number(1)
    try require((1...3).contains(kind) && flags < 4, "kind or flags")
    let number = Int(try fields.number(4))
    let contract = try fields.number(8)
    let identity = [try fields.number(8), try fields.number(8)]
    let (first, last) = (Int(try fields.number(4)), Int(try fields.number(4)))
    let shardCount = Int(try fields.number(4))
    let rowCount = Int(try fields.number(4))
    let (decoded, stored) = (Int(try fields.number(4)), Int(try fields.number(4)))
    try require(Int(try fields.number(8)) == offset - start, "bytes before the frame")
    try require(try fields.number(8) == 0, "reserved")
    let checksum = try fields.number(8)
    try require(decoded <= 8 << 20 && stored <= 8 << 20, "a payload is too long")
    let payload = try bytes.take(stored)
    try require(checksum == Self.checksum(Array(header.prefix(80)), payload), "checksum")
    var plain = payload
    if flags & 1 == 1 {
      plain = [UInt8](repeating: 0, count: decoded)
      let count = plain.withUnsafeMutableBytes { plain in
        payload.withUnsafeBytes {
          LZ4_decompress_safe(
            $0.baseAddress, plain.baseAddress, CInt(stored), CInt(decoded))
        }
      }
      try require(Int(count) == decoded, "LZ4 block")
    }
    try require(plain.count == decoded, "length")
    return Frame(
      offset: offset, kind: kind, isCompressed: flags & 1 == 1, isContinued: flags & 2 == 2, number: number,
      contract: contract, identity: identity, shards: first...last, shardCount: shardCount,
      rowCount: rowCount, payload: plain, byteCount: 88 + stored)
  }

  /// Returns the checksum of a frame: of the first 80 bytes of its header and of its payload as stored.
  static func checksum(_ header: [UInt8], _ payload: [UInt8]) -> UInt64 {
    XXH3_64bits_withSeed(payload, payload.count, XXH3_64bits(header, 80))
  }

  private init(_ frames: [Frame]) throws {
    self.frames = frames
    // Joins each frame with its continuations.
    var joined: [(kind: Int, shards: ClosedRange<Int>, rowCount: Int, payload: [UInt8])] = []
    var isContinued = false
    for frame in frames {
      if isContinued {
        try Self.require(joined[joined.count - 1].kind == frame.kind, "goes on in another kind")
        joined[joined.count - 1].payload += frame.payload
        joined[joined.count - 1].rowCount += frame.rowCount
      } else {
        joined.append((frame.kind, frame.shards, frame.rowCount, frame.payload))
      }
      isContinued = frame.isContinued
    }
    let kinds = joined.map(\.kind)
    try Self.require(
      kinds.first == 1 && kinds.last == 3 && kinds.count >= 2
        && kinds.dropFirst().dropLast().allSatisfy { $0 == 2 }, "order of kinds \(kinds)")

    var bytes = Bytes(joined[0].payload)
    let contractBytes = try bytes.counted()
    contract = try Self.contract(contractBytes)
    sources = try bytes.list { try Self.source(&$0) }
    try Self.require(bytes.bytes.isEmpty, "bytes behind the sources")
    let identity = XXH3_128bits(joined[0].payload, joined[0].payload.count)
    for frame in frames {
      try Self.require(frame.contract == XXH3_64bits(contractBytes, contractBytes.count), "contract hash")
      try Self.require(frame.identity == [identity.low64, identity.high64], "identity")
      try Self.require(frame.shardCount == contract.shardCount, "shard count")
      try Self.require(frame.kind == 2 || frame.shards == 0...0 && frame.rowCount == 0, "no rows")
    }
    for frame in joined where frame.kind == 2 {
      let count = rows.count
      try readRows(frame.payload)
      let own = rows[count...]
      try Self.require(own.count == frame.rowCount, "rows of a frame")
      try Self.require(
        own.first?.shard == frame.shards.lowerBound && own.last?.shard == frame.shards.upperBound,
        "shards of a frame")
    }
    try readTotals(joined[joined.count - 1].payload)
    try Self.require(totals.frameCount == frames.count, "number of frames")
    for shard in 0..<contract.shardCount {
      try Self.require(totals.rowCounts[shard] == rows.count { $0.shard == shard }, "rows of shard \(shard)")
    }
  }

  // MARK: Payloads

  private static func contract(_ contractBytes: [UInt8]) throws -> Contract {
    var bytes = Bytes(contractBytes)
    try require(try bytes.text() == "sluice.partial/1", "contract")
    try require(try bytes.varint() == 1, "version of reading")
    let shardCount = try bytes.int()
    try require(try bytes.text() == "xxh3-64", "shard function")
    let (isStrict, verifies) = (try bytes.varint() == 1, try bytes.varint() == 1)
    let limits = try (0..<3).map { _ in try bytes.varint() }
    let fields = try (0..<4).map { _ in try bytes.list { try $0.text() } }
    let filters = try bytes.list { try $0.text() }
    try require(bytes.bytes.isEmpty, "bytes behind the contract")
    return Contract(
      shardCount: shardCount, isStrict: isStrict, verifies: verifies, limits: limits, fields: fields,
      filters: filters)
  }

  private static func source(_ bytes: inout Bytes) throws -> Source {
    Source(
      path: try bytes.counted(), size: try bytes.varint(), device: try bytes.varint(),
      inode: try bytes.varint(), links: try bytes.varint(), modified: try bytes.zigzag(),
      changed: try bytes.zigzag(), range: [try bytes.varint(), try bytes.varint()],
      content: try bytes.counted())
  }

  private mutating func readRows(_ payload: [UInt8]) throws {
    var bytes = Bytes(payload)
    var offset: Int64 = 0
    let locations = try bytes.list { bytes in
      let source = try bytes.int()
      offset += try bytes.zigzag()
      return Location(source: source, offset: offset == 0 ? nil : Int(offset) - 1)
    }
    let texts = try bytes.list { try $0.counted() }
    let entries = try contract.fields.map { fields in
      try bytes.list { bytes in
        try fields.map { _ -> [UInt8]? in
          let length = try bytes.int()
          return length == 0 ? nil : try bytes.take(length - 1)
        }
      }
    }
    var shard = 0
    let groups = try bytes.list { bytes -> (shard: Int, kind: UInt8, address: Address?, count: Int) in
      shard += try bytes.int()
      let kind = try bytes.byte()
      try Self.require(kind < 3, "kind of group")
      let address =
        kind == 1 ? Address(high: try bytes.number(8), low: try bytes.number(8)) : nil
      return (shard, kind, address, try bytes.int())
    }
    let rowCount = groups.reduce(0) { $0 + $1.count }
    func column() throws -> [UInt64] {
      let width = Int(try bytes.byte())
      try Self.require([1, 2, 4, 8].contains(width), "width of a column")
      return try (0..<rowCount).map { _ in try bytes.number(width) }
    }
    let least = try bytes.zigzag()
    let times = try column().map { least + Int64($0) }
    let filters = try column()
    let facets = try (0..<4).map { _ in try column() }
    let locationNumbers = try column()
    let kinds = try bytes.take(rowCount)
    let uuids = try (0..<rowCount).map { _ in (try bytes.number(8), try bytes.number(8)) }

    var row = 0
    for group in groups {
      for _ in 0..<group.count {
        let uuid: UUID
        switch (kinds[row], uuids[row]) {
        case (0, (0, 0)): uuid = .none
        case (1, let (high, low)): uuid = .bits(high, low)
        case (2, (0, let number)): uuid = .text(texts[Int(number)])
        default: throw FormatError(description: "kind of uuid")
        }
        var values: [String: [UInt8]?] = [:]
        for facet in 0..<4 {
          let entry = entries[facet][Int(facets[facet][row])]
          for (name, value) in zip(contract.fields[facet], entry) { values[name] = .some(value) }
        }
        var address = group.address
        if group.kind == 2 {
          let isThere = try bytes.byte() == 1
          let bits = Address(high: try bytes.number(8), low: try bytes.number(8))
          if isThere { address = bits }
        }
        let location = locationNumbers[row]
        rows.append(
          Row(
            shard: group.shard, groupKind: group.kind, address: address, time: times[row],
            filters: filters[row], uuid: uuid, fields: values,
            location: location == 0 ? nil : locations[Int(location) - 1]))
        row += 1
      }
    }
    try Self.require(bytes.bytes.isEmpty, "bytes behind the columns")
  }

  private mutating func readTotals(_ payload: [UInt8]) throws {
    var bytes = Bytes(payload)
    func named() throws -> [String: Int] {
      let pairs = try bytes.list { (try $0.text(), try $0.int()) }
      try Self.require(Set(pairs.map(\.0)).count == pairs.count, "a name twice")
      return Dictionary(uniqueKeysWithValues: pairs)
    }
    totals.frameCount = try bytes.int()
    totals.rowCounts = try (0..<contract.shardCount).map { _ in try bytes.int() }
    totals.counts = try named()
    totals.rejected = try named()
    totals.shapes = try named()
    totals.steps = try contract.filters.map { _ in try bytes.list { try $0.int() } }
    totals.hasTooManyHours = try bytes.varint() == 1
    var hour: Int64 = 0
    totals.hours = try bytes.list {
      hour += try $0.zigzag()
      return hour
    }
    totals.times = try bytes.list { bytes in
      let (source, isInLines) = (try bytes.int(), try bytes.varint() == 1)
      let span = try bytes.varint() == 1 ? [try bytes.zigzag(), try bytes.zigzag()] : nil
      var last = Part(offset: 0, first: 0, last: 0)
      let parts = try bytes.list { bytes in
        last = Part(
          offset: last.offset + (try bytes.zigzag()), first: last.first + (try bytes.zigzag()),
          last: last.last + (try bytes.zigzag()))
        return last
      }
      return FileTimes(source: source, isInLines: isInLines, span: span, parts: parts)
    }
    totals.recognition = try bytes.list { bytes in
      var file = Recognition(
        source: try bytes.int(), events: try bytes.int(), sampled: try bytes.int(),
        unrecognised: try bytes.int(), unparsed: try bytes.int())
      if try bytes.varint() == 1 {
        file.example = Problem(
          offset: try bytes.zigzag(), offsetInBlock: try bytes.zigzag(), message: try bytes.text())
      }
      return file
    }
    totals.problems = try bytes.list { bytes in
      Problems(
        source: try bytes.int(), reason: try bytes.text(), count: try bytes.int(),
        named: try bytes.list {
          Problem(offset: try $0.zigzag(), offsetInBlock: try $0.zigzag(), message: try $0.text())
        })
    }
    try Self.require(bytes.bytes.isEmpty, "bytes behind the totals")
  }
}
