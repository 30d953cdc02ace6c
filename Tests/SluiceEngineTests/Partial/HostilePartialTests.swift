import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Partials with wrong content under correct checksums. They are refused or merged, and crash nothing.
@Suite struct HostilePartialTests {
  /// Decoders must refuse or accept wrong numbers under correct checksums, and must end.
  @Test(arguments: 0..<4) func hostileNumbersAreRefusedOrMergedWithoutACrash(lot: UInt64) throws {
    let scene = try TwoPartialsFixture(lines: 20)
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
      let mutant = try editedPartial(file) { own, payload in
        guard own == kind else { return }
        for _ in 0..<rng.pick([1, 1, 2, 8]) { Self.mutate(&payload, &rng) }
      }
      var hostile = scene
      hostile.options.rules = rules
      hostile.options.keepsDuplicates = rng.oneIn(2)
      hostile.options.tuning.spillBytes = 0
      if hostile.error([mutant]) == nil { taken += 700 / rounds } else { refused += 700 / rounds }
    }
    #expect(refused > 100)
    #expect(taken > 10)
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
      for damaged in index...other { bytes[damaged] = 0xFF }
    }
  }

  /// Puts a huge number, or the width of a column, at every offset of a payload.
  @Test func hugeNumbersInAPayloadDoNotCrash() throws {
    let scene = try TwoPartialsFixture(lines: 9)
    let partial = try PartialOracle.all(scene.bytes[0])[0]
    let large: [[UInt8]] = [
      [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1],
      [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [8],
    ]
    for kind in 1...3 {
      let longest = partial.frames.filter { $0.kind == kind }.map(\.payload.count).max() ?? 0
      for index in TestScale.some(Array(stride(from: 0, to: longest, by: kind == 1 ? 5 : 1))) {
        for number in large {
          let mutant = try editedPartial(scene.bytes[0]) { own, payload in
            if own == kind, index < payload.count { payload.replaceSubrange(index...index, with: number) }
          }
          _ = scene.error([mutant, scene.bytes[1]])
        }
      }
    }
  }

  /// Lists take more memory than their bytes in the file, and some row must refer to every entry.
  @Test func listsLongerThanTheRowsAreRefused() throws {
    let scene = try TwoPartialsFixture()
    let path = scene.folder.write("a.json", (0..<8).map { shortLine($0) }.joinedLines())
    try writePartial(of: [path], to: scene.folder.path + "/p") { $0.tuning.shardCount = 1 }
    let file = try contents(of: scene.folder.path + "/p")
    let contract = try PartialOracle.all(file)[0].contract
    func error(_ list: RowList, count: Int) throws -> PartialError? {
      let mutant = try editedPartial(file) { kind, payload in
        guard kind == 2 else { return }
        payload = Self.rows(0, [UInt64](repeating: 0, count: 8), contract, [list: count])
      }
      return scene.error([mutant])
    }
    for list in RowList.allCases {
      #expect(try error(list, count: 8) == nil, "\(list)")
      for count in [9, 100, 100_000] {
        let error = try #require(try error(list, count: count), "\(list), \(count)")
        #expect(error.message.contains("more texts or places than it has rows"), "\(list), \(count)")
        #expect(error.offset != nil)
      }
    }
  }

  /// Totals are kept in memory and take several times their bytes.
  @Test func totalsThatDecodeToFarMoreThanTheirBytesAreRefused() throws {
    let scene = try TwoPartialsFixture()
    let mutant = try editedPartial(scene.bytes[0], compresses: true) { kind, payload in
      if kind == 3 { payload += [UInt8](repeating: 0, count: 70 << 20) }
    }
    let error = try #require(scene.error([mutant]))
    #expect(error.message == "it decodes to far more than such frames do")
    #expect(error.offset != nil)
  }

  /// A list that a frame's rows refer to.
  private enum RowList: Hashable, CaseIterable {
    case locations, uuids, facet0, facet1, facet2, facet3
  }

  /// A process that assigns frames by their headers would lose rows of shards that the headers do not name.
  @Test func rowsOfOtherShardsThanTheirHeaderAreRefused() throws {
    let scene = try TwoPartialsFixture()
    let file = scene.bytes[0]
    let shards = try #require(PartialOracle.all(file)[0].frames.first { $0.kind == 2 }).shards
    for shard: UInt8 in 0..<4 {
      let mutant = try editedPartial(
        file, editHeader: { if $0 == 2 { ($1[40], $1[44]) = (shard, shard) } }, { _, _ in })
      let message = scene.error([mutant])?.message
      #expect(shards == Int(shard)...Int(shard) ? message == nil : message?.contains("other shards") == true)
    }
  }

  /// Output with such texts would be no JSON. Half of a surrogate pair, however, may occur in the log and is kept.
  @Test func textsThatAreNotUTF8AreRefused() throws {
    let scene = try TwoPartialsFixture()
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
      let mutant = try editedPartial(file) { kind, payload in
        guard kind == 2, let at = payload.indices.first(where: { payload[$0...].starts(with: half) }) else {
          return
        }
        payload.replaceSubrange(at..<at + half.count, with: other)
      }
      let error = scene.error([mutant])
      #expect(error?.message.contains("UTF-8") == true, "\(other)")
      #expect(error?.offset != nil, "\(other)")
    }
  }

  /// Times at both ends of 64 bits are ordinary times, and crash nothing.
  @Test func extremeTimesDoNotCrashAMerge() throws {
    var scene = try TwoPartialsFixture()
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
        let mutant = try editedPartial(file) { kind, payload in
          if kind == 2 { payload = Self.rows(least, times, contract) }
        }
        for keeps in [true, false] {
          for usesTextWindows in [true, false] {
            scene.options.keepsDuplicates = keeps
            scene.options.usesTextWindows = usesTextWindows
            let error = scene.error([mutant])
            // No event has such a time.
            if least == .min || least == .max { #expect(error != nil) }
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
    var bytes = list(.locations, 0, [0, 0]) + list(.uuids, 0, [1, 0x61])
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
    let scene = try TwoPartialsFixture(lines: 9)
    let file = scene.bytes[0]
    let counts = try PartialOracle.all(file)[0].totals.counts
    for name in counts.keys {
      var all: [UInt8] = []
      for number in 0..<20 {
        all += try editedPartial(file) { kind, payload in
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
      #expect(scene.error([all]) != nil, "\(name)")
    }
  }
}
