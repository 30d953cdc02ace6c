import CLZ4
import CXXHash
import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Files that are no complete partial of the contract. They are refused by name, and never misread.
@Suite struct PartialRefusalTests {
  /// Two partials of one file each, with detections; their merge is the expected result.
  private struct Fixture {
    let folder = TemporaryFolder()
    var options = ScanOptions(paths: [])
    var bytes: [[UInt8]] = []

    init(lines: Int = 40) throws {
      options.triages = false
      options.threads = 1
      options.tuning.shardCount = 4
      for number in 0..<2 {
        let text = (0..<lines).map { shortLine(number * 1000 + $0, isLock: $0 % 3 != 0) }.joinedLines()
        let path = folder.write("\(number).json", text)
        try writePartial(of: [path], to: folder.path + "/p", framesPerShard: true, options)
        bytes.append(try contents(of: folder.path + "/p"))
      }
    }

    /// Merges files of these bytes.
    func merged(_ files: [[UInt8]], expected: Int? = nil) throws -> ScanResult {
      let paths = files.enumerated().map { folder.write("\($0.offset).partial", $0.element) }
      return try merge(paths, options, expected: expected)
    }

    /// Returns the reason why they are refused; nil if they are not.
    func fault(_ files: [[UInt8]], expected: Int? = nil) -> PartialError? {
      do {
        _ = try merged(files, expected: expected)
        return nil
      } catch ScanError.partial(let fault) {
        return fault
      } catch {
        Issue.record("\(error)")
        return nil
      }
    }
  }

  /// Returns the frames of a file as stored.
  private static func frames(_ file: [UInt8]) throws -> [[UInt8]] {
    try PartialOracle.all(file).flatMap(\.frames).map { Array(file[$0.offset..<$0.offset + $0.byteCount]) }
  }

  @Test func everyFlippedByteIsRefused() throws {
    let scene = try Fixture(lines: 12)
    #expect(scene.fault(scene.bytes) == nil)
    var file = scene.bytes[0]
    var rng = SplitMix64(seed: 1)
    for index in TestScale.some(file.indices) {
      let byte = file[index]
      file[index] ^= 1 << UInt8.random(in: 0..<8, using: &rng)
      let fault = scene.fault([file, scene.bytes[1]])
      #expect(fault != nil && fault?.file == scene.folder.path + "/0.partial", "byte \(index)")
      #expect(fault?.offset != nil, "byte \(index)")
      file[index] = byte
    }
  }

  @Test func everyTruncationIsRefused() throws {
    let scene = try Fixture(lines: 12)
    for count in TestScale.some(scene.bytes[0].indices) {
      let fault = scene.fault([Array(scene.bytes[0][..<count]), scene.bytes[1]])
      #expect(fault?.file == scene.folder.path + "/0.partial", "\(count) bytes")
    }
    // The end of the first partial is not the end of the file.
    let both = scene.bytes[0] + scene.bytes[1]
    #expect(scene.fault([both]) == nil)
    for count in TestScale.some(scene.bytes[0].count + 1..<both.count) {
      #expect(scene.fault([Array(both[..<count])]) != nil, "\(count) bytes")
    }
    #expect(scene.fault([both + [0]]) != nil)
  }

  @Test func droppedDoubledOrSwappedFramesAreRefused() throws {
    let scene = try Fixture()
    let frames = try Self.frames(scene.bytes[0])
    #expect(frames.count >= 3)
    func joined(_ frames: [[UInt8]]) -> [UInt8] { Array(frames.joined()) }
    for index in frames.indices {
      var dropped = frames
      dropped.remove(at: index)
      #expect(scene.fault([joined(dropped), scene.bytes[1]]) != nil, "without frame \(index)")
      var doubled = frames
      doubled.insert(frames[index], at: index)
      #expect(scene.fault([joined(doubled), scene.bytes[1]]) != nil, "frame \(index) twice")
      for other in frames.indices where other > index {
        var swapped = frames
        swapped.swapAt(index, other)
        #expect(
          scene.fault([joined(swapped), scene.bytes[1]]) != nil, "frames \(index) and \(other) swapped")
      }
    }
    // A frame of another partial replaces the partial's own.
    let others = try Self.frames(scene.bytes[1])
    for index in frames.indices where index < others.count {
      var mixed = frames
      mixed[index] = others[index]
      #expect(scene.fault([joined(mixed)]) != nil, "frame \(index) of another")
    }
  }

  @Test func aFileInTwoPartialsIsRefused() throws {
    let scene = try Fixture()
    let (a, b) = (scene.bytes[0], scene.bytes[1])
    #expect(scene.fault([a, b], expected: 2) == nil && scene.fault([a + b], expected: 2) == nil)
    for count in [0, 1, 3] { #expect(scene.fault([a, b], expected: count) != nil) }
    for files in [[a, b, a], [a + a], [a + b, b]] {
      #expect(scene.fault(files)?.message.contains("json is in two partials") == true)
    }
    // Ranges of one file that overlap, by another way of writing them.
    func ranged(_ range: ClosedRange<UInt8>) throws -> [UInt8] {
      try Self.edited(a) { kind, payload in
        guard kind == 1 else { return }
        // The range precedes the last byte, which says that there is no hash.
        payload.replaceSubrange(
          payload.count - 3..<payload.count - 1, with: [range.lowerBound, range.upperBound])
      }
    }
    #expect(scene.fault([try ranged(1...20), try ranged(20...40)], expected: 2) == nil)
    #expect(scene.fault([try ranged(1...21), try ranged(20...40)]) != nil)
    #expect(scene.fault([try ranged(1...40), try ranged(20...30)]) != nil)
    #expect(scene.fault([try ranged(1...20), a]) != nil)
    #expect(scene.fault([try ranged(1...20), try ranged(1...20)]) != nil)
  }

  @Test func partialsMadeUnderOtherOptionsAreRefused() throws {
    let scene = try Fixture()
    let path = scene.folder.write("other.json", shortText(0..<9))
    let changes: [(String, (inout ScanOptions) -> Void)] = [
      ("rules", { $0.rules = [.accountsLockedOut] }), ("shards", { $0.tuning.shardCount = 8 }),
      ("strict", { $0.isStrict = true }), ("verify", { $0.verifies = false }),
      ("limits", { $0.limits.nestingMax = 17 }), ("limits", { $0.limits.lineBytesMax = 5000 }),
      ("limits", { $0.limits.blockBytesMax = 1 << 22 }),
    ]
    for (name, change) in changes {
      try writePartial(of: [path], to: scene.folder.path + "/other", scene.options, change)
      let fault = scene.fault([scene.bytes[0], try contents(of: scene.folder.path + "/other")])
      #expect(fault?.message.contains(name) == true, "\(name): \(fault?.description ?? "not refused")")
    }
  }

  @Test func rulesThatNeedMoreThanThePartialHoldsAreRefused() throws {
    let scene = try Fixture()
    let ask: [(String, RuleText)] = [
      ("filter", RuleText([("filter", "['eventType == \"user.account.unlock\"']")])),
      (
        "severity",
        RuleText([
          ("filter", "['eventType == \"user.account.lock\"']"),
          ("columns", "{n: count(), s: values(severity)}"),
        ])
      ),
    ]
    for (what, text) in ask {
      var asking = scene
      asking.options.rules = [try text.rule()]
      let fault = asking.fault(scene.bytes)
      #expect(fault?.message.contains("test-rule") == true, "\(what): \(fault?.description ?? "not refused")")
    }
    // A rule with a known filter and with fields of the partial is evaluated.
    var other = scene
    other.options.rules = [
      try RuleText([("columns", "{n: count(), agents: values(client.userAgent.rawUserAgent)}")]).rule()
    ]
    #expect(try other.merged(scene.bytes).detections.isEmpty == false)
  }

  @Test func filesThatAreNoPartialAreRefused() throws {
    let scene = try Fixture()
    for bytes in [[], Array("SLUICEPT".utf8), shortText(0..<9), [UInt8](repeating: 0, count: 100)] {
      #expect(scene.fault([bytes])?.file != nil)
    }
    do {
      _ = try merge([scene.folder.path + "/none"], scene.options)
      Issue.record("what is not there was merged")
    } catch ScanError.partial(let fault) {
      #expect(fault.file == scene.folder.path + "/none")
    }
    var later = scene.bytes[0]
    later[8] = 3
    #expect(scene.fault([later])?.message.contains("version 3") == true)
  }

  // MARK: Hostile content

  /// Returns a partial with changed payloads, and with headers, identities and checksums that match them.
  ///
  /// - Parameter editHeader: Called for each header before that.
  static func edited(
    _ file: [UInt8], compresses: Bool = false,
    editHeader: (_ kind: Int, inout [UInt8]) -> Void = { _, _ in },
    _ edit: (_ kind: Int, inout [UInt8]) -> Void
  ) throws -> [UInt8] {
    func little(_ value: UInt64, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    var result: [UInt8] = []
    for partial in try PartialOracle.all(file) {
      let partialStart = result.count
      var payloads = partial.frames.map(\.payload)
      for index in payloads.indices { edit(partial.frames[index].kind, &payloads[index]) }
      let first = XXH3_128bits(payloads[0], payloads[0].count)
      for (frame, payload) in zip(partial.frames, payloads) {
        // A payload beyond 8 MiB is continued in further frames.
        let pieceBytes = 8 << 20
        for (index, start) in stride(from: 0, to: max(1, payload.count), by: pieceBytes).enumerated() {
          let piece = Array(payload[start..<min(payload.count, start + pieceBytes)])
          let isContinued = start + pieceBytes < payload.count
          let stored = compresses ? compressed(piece) : piece
          var header = Array(file[frame.offset..<frame.offset + 80])
          editHeader(frame.kind, &header)
          header[11] = (header[11] & ~1) | (compresses ? 1 : 0) | (isContinued ? 2 : 0)
          header[12] += UInt8(index)
          header.replaceSubrange(24..<40, with: little(first.low64, 8) + little(first.high64, 8))
          header.replaceSubrange(
            56..<64, with: little(UInt64(piece.count), 4) + little(UInt64(stored.count), 4))
          header.replaceSubrange(64..<72, with: little(UInt64(result.count - partialStart), 8))
          result += header + little(PartialOracle.checksum(header, stored), 8) + stored
        }
      }
    }
    return result
  }

  private static func compressed(_ payload: [UInt8]) -> [UInt8] {
    payload.withUnsafeBytes { source in
      let bound = LZ4_compressBound(CInt(source.count))
      var target = [CChar](repeating: 0, count: Int(bound))
      let count = LZ4_compress_default(source.baseAddress, &target, CInt(source.count), bound)
      return target[..<Int(count)].map { UInt8(bitPattern: $0) }
    }
  }

  /// Decoders must refuse or accept wrong numbers under correct checksums, and must end.
  @Test(arguments: 0..<4) func hostileNumbersAreRefusedOrMergedWithoutACrash(lot: UInt64) throws {
    let scene = try Fixture(lines: 20)
    let rules = [
      try RuleText([("key", "[{field: actor.alternateId, null: unknown}]")]).rule(), .accountsLockedOut,
      .credentialStuffing,
    ]
    var options = scene.options
    options.rules = rules
    let path = scene.folder.write("a.json", RandomCorpus(seed: 3 + lot).lines.joinedLines())
    try writePartial(of: [path], to: scene.folder.path + "/p", options)
    let file = try contents(of: scene.folder.path + "/p")
    var rng = SplitMix64(seed: lot)
    var (refused, taken) = (0, 0)
    let rounds = TestScale.count(700, atLeast: 175)
    for round in 0..<rounds {
      // One kind of frame changes at a time, so that earlier frames let it be read.
      let kind = [2, 2, 3, 1][round % 4]
      let mutant = try Self.edited(file) { own, payload in
        guard own == kind else { return }
        for _ in 0..<rng.pick([1, 1, 2, 8]) { Self.mutate(&payload, &rng) }
      }
      var hostile = scene
      hostile.options.rules = rules
      hostile.options.keepsDuplicates = rng.oneIn(2)
      hostile.options.tuning.spillBytes = 0
      if hostile.fault([mutant]) == nil { taken += 700 / rounds } else { refused += 700 / rounds }
    }
    #expect(refused > 100 && taken > 10)
  }

  private static let numbers: [[UInt8]] = [
    [0], [1], [0x7F], [0x80, 1], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0xFE, 0xFF, 0xFF, 0xFF, 0x0F],
    [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
    [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1],
    [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1],
    [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10],
    [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1],
  ]

  private static func mutate(_ bytes: inout [UInt8], _ rng: inout SplitMix64) {
    guard !bytes.isEmpty else { return }
    let index = Int.random(in: bytes.indices, using: &rng)
    switch Int.random(in: 0..<6, using: &rng) {
    case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &rng)
    case 1: bytes[index] = rng.pick([0, 1, 2, 0x7F, 0x80, 0xFF])
    case 2: bytes.insert(UInt8.random(in: 0...255, using: &rng), at: index)
    case 3: bytes.remove(at: index)
    case 4: bytes.replaceSubrange(index...index, with: rng.pick(numbers))
    default:
      let other = Int.random(in: index..<min(bytes.count, index + 8), using: &rng)
      for place in index...other { bytes[place] = 0xFF }
    }
  }

  /// Puts a huge number, or the width of a column, at every offset of a payload.
  @Test func hugeNumbersInAPayloadDoNotCrash() throws {
    let scene = try Fixture(lines: 9)
    let partial = try PartialOracle.all(scene.bytes[0])[0]
    let large: [[UInt8]] = [
      [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1],
      [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [8],
    ]
    for kind in 1...3 {
      let longest = partial.frames.filter { $0.kind == kind }.map(\.payload.count).max() ?? 0
      for index in TestScale.some(Array(stride(from: 0, to: longest, by: kind == 1 ? 5 : 1))) {
        for number in large {
          let mutant = try Self.edited(scene.bytes[0]) { own, payload in
            if own == kind, index < payload.count { payload.replaceSubrange(index...index, with: number) }
          }
          _ = scene.fault([mutant, scene.bytes[1]])
        }
      }
    }
  }

  /// Lists take more memory than their bytes in the file, and some row must refer to every entry.
  @Test func listsLongerThanTheRowsAreRefused() throws {
    let scene = try Fixture()
    let path = scene.folder.write("a.json", (0..<8).map { shortLine($0) }.joinedLines())
    try writePartial(of: [path], to: scene.folder.path + "/p") { $0.tuning.shardCount = 1 }
    let file = try contents(of: scene.folder.path + "/p")
    let contract = try PartialOracle.all(file)[0].contract
    func fault(_ list: RowList, count: Int) throws -> PartialError? {
      let mutant = try Self.edited(file) { kind, payload in
        guard kind == 2 else { return }
        payload = Self.rows(0, [UInt64](repeating: 0, count: 8), contract, [list: count])
      }
      return scene.fault([mutant])
    }
    for list in RowList.allCases {
      #expect(try fault(list, count: 8) == nil, "\(list)")
      for count in [9, 100, 100_000] {
        let fault = try #require(try fault(list, count: count), "\(list), \(count)")
        #expect(fault.message.contains("more texts or places than it has rows"), "\(list), \(count)")
        #expect(fault.offset != nil)
      }
    }
  }

  /// Totals are kept in memory and take several times their bytes.
  @Test func totalsThatDecodeToFarMoreThanTheirBytesAreRefused() throws {
    let scene = try Fixture()
    let mutant = try Self.edited(scene.bytes[0], compresses: true) { kind, payload in
      if kind == 3 { payload += [UInt8](repeating: 0, count: 70 << 20) }
    }
    let fault = try #require(scene.fault([mutant]))
    #expect(fault.message == "it decodes to far more than such frames do")
    #expect(fault.offset != nil)
  }

  /// A list that a frame's rows refer to.
  private enum RowList: Hashable, CaseIterable {
    case places, uuids, facet0, facet1, facet2, facet3
  }

  /// A process that assigns frames by their headers would lose rows of shards that the headers do not name.
  @Test func rowsOfOtherShardsThanTheirHeaderAreRefused() throws {
    let scene = try Fixture()
    let file = scene.bytes[0]
    let shards = try #require(PartialOracle.all(file)[0].frames.first { $0.kind == 2 }).shards
    for shard: UInt8 in 0..<4 {
      let mutant = try Self.edited(
        file, editHeader: { if $0 == 2 { ($1[40], $1[44]) = (shard, shard) } }, { _, _ in })
      let message = scene.fault([mutant])?.message
      #expect(shards == Int(shard)...Int(shard) ? message == nil : message?.contains("other shards") == true)
    }
  }

  /// Output with such texts would be no JSON. Half of a surrogate pair, however, may occur in the log and is kept.
  @Test func textsThatAreNotUTF8AreRefused() throws {
    let scene = try Fixture()
    let lines = (0..<6).map { number in
      #"{"eventType":"user.account.lock","published":"2026-01-05T10:00:00Z","uuid":"\#(number)","#
        + #""actor":{"alternateId":"\#(number)\ud800"},"client":{"ipAddress":"192.0.2.1"}}"#
    }
    let path = scene.folder.write("a.json", lines.map { Array($0.utf8) }.joinedLines())
    try writePartial(of: [path], to: scene.folder.path + "/p", scene.options)
    let file = try contents(of: scene.folder.path + "/p")
    let record = try #require(scene.merged([file]).detections.first).ndjson
    #expect(String(validating: record, as: UTF8.self)?.contains(#""3\ud800""#) == true)

    let half: [UInt8] = [0xED, 0xA0, 0x80]
    let others: [[UInt8]] = [
      [0xFF, 0x61, 0x61], [0x61, 0x61, 0xC3], [0xC0, 0x80, 0x61], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x61],
    ]
    for other in others {
      let mutant = try Self.edited(file) { kind, payload in
        guard kind == 2, let at = payload.indices.first(where: { payload[$0...].starts(with: half) }) else {
          return
        }
        payload.replaceSubrange(at..<at + half.count, with: other)
      }
      let fault = scene.fault([mutant])
      #expect(fault?.message.contains("UTF-8") == true && fault?.offset != nil, "\(other)")
    }
  }

  /// Times at both ends of 64 bits are ordinary times, and crash nothing.
  @Test func extremeTimesDoNotCrashAMerge() throws {
    var scene = try Fixture()
    scene.options.tuning.shardCount = 1
    let path = scene.folder.write("a.json", (0..<8).map { shortLine($0) }.joinedLines())
    try writePartial(of: [path], to: scene.folder.path + "/p", scene.options)
    let file = try contents(of: scene.folder.path + "/p")
    let contract = try PartialOracle.all(file)[0].contract
    let offsets: [[UInt64]] = [
      [0, .max], [0, .max - 1], [.max, 0], [0, 1 << 63], [1 << 63, 0], [0, 1, .max], [0, 900_000],
    ]
    for least: Int64 in [.min, .max, 0, .min + 1, -1] {
      for offsets in offsets {
        let times = (0..<8).map { offsets[min($0, offsets.count - 1)] }
        let mutant = try Self.edited(file) { kind, payload in
          if kind == 2 { payload = Self.rows(least, times, contract) }
        }
        for keeps in [true, false] {
          for usesTextWindows in [true, false] {
            scene.options.keepsDuplicates = keeps
            scene.options.usesTextWindows = usesTextWindows
            let fault = scene.fault([mutant])
            // No event has such a time.
            if least == .min || least == .max { #expect(fault != nil) }
          }
        }
      }
    }
  }

  /// Returns the payload of a frame of rows of one address with null fields, all of which passed every filter.
  ///
  /// - Parameter lists: The number of entries of each list that differs from the rows' need.
  private static func rows(
    _ least: Int64, _ times: [UInt64], _ contract: PartialOracle.Contract, _ lists: [RowList: Int] = [:]
  ) -> [UInt8] {
    func little(_ value: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    func varint(_ value: UInt64) -> [UInt8] {
      value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
    }
    func list(_ list: RowList, _ count: Int, _ entry: [UInt8]) -> [UInt8] {
      let count = lists[list] ?? count
      return varint(UInt64(count)) + [UInt8]((0..<count).map { _ in entry }.joined())
    }
    let count = times.count
    var bytes = list(.places, 0, [0, 0]) + list(.uuids, 0, [1, 0x61])
    for (facet, fields) in zip([RowList.facet0, .facet1, .facet2, .facet3], contract.fields) {
      bytes += list(facet, 1, [UInt8](repeating: 0, count: fields.count))
    }
    bytes += [1, 0, 1] + little(0) + little(0xFFFF_C000_0201) + [UInt8(count)]
    bytes += varint(UInt64(bitPattern: least << 1 ^ least >> 63)) + [8] + times.flatMap(little)
    bytes += [1] + [UInt8](repeating: 7, count: count)
    for _ in 0..<5 { bytes += [1] + [UInt8](repeating: 0, count: count) }
    return bytes + [UInt8](repeating: 0, count: 17 * count)
  }

  /// Counts of several partials may add up to more than a number can hold.
  @Test func countsWhoseSumOverflowsAreRefused() throws {
    let scene = try Fixture(lines: 9)
    let file = scene.bytes[0]
    let counts = try PartialOracle.all(file)[0].totals.counts
    for name in counts.keys {
      var all: [UInt8] = []
      for number in 0..<20 {
        all += try Self.edited(file) { kind, payload in
          let mark = [UInt8(name.utf8.count)] + Array(name.utf8)
          if kind == 1, let digit = payload.lastIndex(of: UInt8(ascii: ".")) {
            payload[digit - 1] = UInt8(ascii: "a") + UInt8(number)
          }
          if kind == 3, let at = payload.indices.first(where: { payload[$0...].starts(with: mark) }) {
            // Puts 2^60 in place of one byte or more.
            var end = at + mark.count
            while payload[end] >= 0x80 { end += 1 }
            payload.replaceSubrange(
              at + mark.count...end, with: [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10])
          }
        }
      }
      #expect(scene.fault([all]) != nil, "\(name)")
    }
  }
}
