import CXXHash
@testable import SluiceEngine
import SluiceRecords
@testable import SluiceReference
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// Partials, read according to the page of the format only, against the observations of the reference implementation.
@Suite struct PartialFormatTests {
  /// Returns an observation of the reference implementation as comparable text.
  private static func row(_ rule: String, _ event: ReferenceEvent, keyIP: IPAddress?, _ location: String)
    -> String
  {
    let values: [(String, LogText?)] = [
      ("actor.alternateId", event.user), ("client.device", event.device),
      ("client.geographicalContext.city", event.city),
      ("client.geographicalContext.country", event.country),
      ("client.userAgent.rawUserAgent", event.userAgent),
      ("debugContext.debugData.threatDetections", event.threatDetections),
      ("debugContext.debugData.threatSuspected", event.threatSuspected), ("eventType", event.eventType),
      ("outcome.reason", event.reason), ("outcome.result", event.result), ("risk.level", event.risk.level),
      (
        "risk.reasons",
        event.risk.reasons.isEmpty
          ? nil : LogText(Array(event.risk.reasons.map(\.bytes).joined(separator: ",".utf8)))
      ),
      ("securityContext.asNumber", event.asNumber.map { LogText("\($0)") }),
      ("securityContext.asOrg", event.asOrg),
      ("securityContext.isProxy", event.isProxy.map { LogText("\($0)") }),
    ]
    return text(
      rule, time: event.published?.milliseconds ?? 0,
      address: keyIP.map { PartialOracle.Address(high: $0.high, low: $0.low) },
      uuid: event.uuid?.bytes, values.map { ($0, $1?.bytes) }, location)
  }

  private static func text(
    _ rule: String, time: Int64, address: PartialOracle.Address?, uuid: [UInt8]?,
    _ values: [(String, [UInt8]?)], _ location: String
  ) -> String {
    let values = values.map { "\($0)=\($1.map { "\($0)" } ?? "null")" }
    return "\(rule) \(time) \(address.map { "\($0.high):\($0.low)" } ?? "null") "
      + "\(uuid.map { "\($0)" } ?? "null") \(values.joined(separator: " ")) \(location)"
  }

  private static func referenceRows(_ files: [[[UInt8]]], _ location: (_ file: Int, _ line: Int) -> String)
    -> [String]
  {
    let shapes = ReferenceShapes(literals: [
      "security.threat.detected", "INVALID_CREDENTIALS", "LOCKED_OUT", "user.account.lock",
    ])
    var rows: [String] = []
    for (file, lines) in files.enumerated() {
      for (number, line) in lines.enumerated() {
        for case .event(let event) in shapes.records(of: line) where event.published != nil {
          let location = location(file, number)
          if ThreatInsightUnknownUsers.matches(event) {
            rows.append(row("threat", event, keyIP: event.threatSourceIP, location))
          } else if CredentialStuffing.matches(event) {
            rows.append(row("stuffing", event, keyIP: event.clientIP, location))
          } else if AccountsLockedOut.matches(event) {
            rows.append(row("lock", event, keyIP: event.clientIP, location))
          }
        }
      }
    }
    return rows.sorted()
  }

  /// Returns the reference implementation's names of the filters.
  private static func rule(_ filters: UInt64, _ contract: PartialOracle.Contract) -> String {
    let marks = [
      ("threat", "\"security.threat.detected\""), ("stuffing", "\"INVALID_CREDENTIALS\""),
      ("lock", "\"user.account.lock\""),
    ]
    return contract.filters.indices.filter { filters >> UInt64($0) & 1 == 1 }.map { index in
      marks.first { contract.filters[index].contains($0.1) }?.0 ?? "?"
    }.joined(separator: "+")
  }

  private static func rows(_ partial: PartialOracle) -> [String] {
    partial.rows.map { row in
      let uuid: [UInt8]? =
        switch row.uuid {
        case .none: nil
        case .bits(let high, let low): Array(spelled(high, low).utf8)
        case .text(let text): text
        }
      return text(
        rule(row.filters, partial.contract), time: row.time, address: row.address, uuid: uuid,
        row.fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
        "\(row.location?.source ?? -1)@\(row.location?.offset ?? -1)")
    }.sorted()
  }

  private static func spelled(_ high: UInt64, _ low: UInt64) -> String {
    let digits = [high, low].map { number in
      let text = String(number, radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }.joined()
    var parts: [Substring] = []
    var rest = digits[...]
    for count in [8, 4, 4, 4, 12] {
      parts.append(rest.prefix(count))
      rest = rest.dropFirst(count)
    }
    return parts.joined(separator: "-")
  }

  /// Expects the order and the grouping of rows that the page specifies.
  private static func expectOrder(_ partial: PartialOracle, _ comment: Comment) {
    for row in partial.rows where row.groupKind < 2 {
      #expect((row.groupKind == 1) == (row.address != nil))
      let key = row.address?.bytes ?? []
      let hash = key.withUnsafeBytes { XXH3_64bits($0.baseAddress, $0.count) }
      #expect(row.shard == Int(hash >> 32) % partial.contract.shardCount, comment)
    }
    for (a, b) in zip(partial.rows, partial.rows.dropFirst()) { #expect(isInOrder(a, b), comment) }
  }

  private static func isInOrder(_ a: PartialOracle.Row, _ b: PartialOracle.Row) -> Bool {
    func group(_ row: PartialOracle.Row) -> (Int, UInt8, UInt64, UInt64) {
      row.groupKind == 1
        ? (row.shard, 1, row.address?.high ?? 0, row.address?.low ?? 0) : (row.shard, row.groupKind, 0, 0)
    }
    if group(a) != group(b) { return group(a) < group(b) }
    if a.time != b.time { return a.time < b.time }
    switch (a.uuid, b.uuid) {
    case (.none, _): return true
    case (.bits(let high, let low), .bits(let other, let otherLow)):
      return (high, low) <= (other, otherLow)
    case (.text(let text), .text(let other)): return !other.lexicographicallyPrecedes(text)
    case (.bits, .text): return true
    default: return false
    }
  }

  private static func offsets(_ lines: [[UInt8]]) -> [Int] {
    lines.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count + 1) }
  }

  @Test(arguments: 0..<6) func aPartialHoldsWhatTheReferenceObserves(lot: Int) throws {
    var (withoutIP, withoutUUID) = (0, 0)
    for seed in UInt64(lot * 10 + 1)...UInt64(lot * 10 + TestScale.count(10, atLeast: 2)) {
      var rng = SplitMix64(seed: seed &* 31)
      let folder = TemporaryFolder()
      var files = [[[UInt8]]](repeating: [], count: 3)
      for line in RandomCorpus(seed: seed).lines { files[Int.random(in: 0..<3, using: &rng)].append(line) }
      let paths = files.indices.map { folder.write("\($0).json", files[$0].joinedLines()) }
      let path = folder.path + "/a.partial"
      let (threads, range) = (Int.random(in: 1...4, using: &rng), rng.pick([1, 100, 5000, 1 << 20]))
      let shards = rng.pick([1, 8, 64])
      let framesPerShard = rng.oneIn(3)
      let stats = try writePartial(of: paths, to: path, framesPerShard: framesPerShard) {
        $0.threads = threads
        $0.tuning.rangeBytesTarget = range
        $0.tuning.shardCount = shards
        if rng.oneIn(3) { $0.tuning.spillBytes = 60_000 }
      }
      let comment: Comment = "seed \(seed)"
      let partials = try PartialOracle.all(try contents(of: path))
      #expect(partials.count == 1)
      let partial = try #require(partials.first)
      #expect(partial.contract.shardCount == shards)
      #expect(!partial.contract.isStrict)
      #expect(partial.contract.verifies)
      #expect(partial.sources.map(\.path) == paths.map { Array($0.utf8) }, comment)
      #expect(partial.sources.map(\.size) == files.map { UInt64($0.joinedLines().count) }, comment)
      #expect(partial.sources.allSatisfy { $0.links == 1 && $0.range == [0, 0] && $0.content.isEmpty })
      let starts = files.map(Self.offsets)
      let rows = Self.rows(partial)
      #expect(rows == Self.referenceRows(files) { "\($0)@\(starts[$0][$1])" }, comment)
      Self.expectOrder(partial, comment)
      if framesPerShard { #expect(partial.frames.allSatisfy { $0.shards.count == 1 }) }
      withoutIP += partial.rows.count { $0.address == nil }
      withoutUUID += partial.rows.count { $0.uuid == .none }
      try expectTotals(partial, files, stats, comment)
    }
    #expect(withoutIP > 0)
    #expect(withoutUUID > 0)
  }

  private func expectTotals(
    _ partial: PartialOracle, _ files: [[[UInt8]]], _ stats: RunStats, _ comment: Comment
  ) throws {
    var reference = ReferenceOptions()
    (reference.triages, reference.keepDuplicates) = (false, true)
    let expected = referenceDetections(lines: Array(files.joined()), options: reference)
    let counts = partial.totals.counts
    let bytes = files.reduce(0) { $0 + $1.joinedLines().count }
    #expect(counts["records"] == expected.records, comment)
    expectSameRecords(
      events: counts["events", default: 0], rejected: partial.totals.rejected, expected, comment)
    #expect(counts["lines"] == expected.records, comment)
    #expect(counts["blank_lines"] == 0, comment)
    #expect(counts["files"] == 3, comment)
    #expect(counts["bytes_decompressed"] == bytes, comment)
    #expect(counts["bytes_compressed"] == bytes, comment)
    #expect(counts["candidates"] == stats.candidates, comment)
    #expect(
      partial.totals.shapes
        == Dictionary(uniqueKeysWithValues: stats.records.shapes.map { ($0.name, $0.count) }))
    #expect(!partial.totals.hasTooManyHours)
    for (number, steps) in partial.totals.steps.enumerated() {
      let id = ["threat": "okta-threatinsight-unknown-users", "stuffing": "okta-credential-stuffing"][
        Self.rule(1 << UInt64(number), partial.contract)]
      #expect(steps.last == expected.observations[id ?? "okta-accounts-locked-out", default: 0], comment)
      #expect(steps == steps.sorted(by: >))
    }
    // Every line without a usable time is a problem of its source.
    #expect(
      partial.totals.problems.filter { $0.reason == "time" }.reduce(0) { $0 + $1.count }
        == expected.rejected["time", default: 0], comment)
    for problems in partial.totals.problems {
      #expect((0..<3).contains(problems.source))
      #expect(problems.named.count == min(problems.count, 100))
    }
    for row in partial.rows {
      let hour = (row.time - (row.time % 3_600_000 + 3_600_000) % 3_600_000) / 3_600_000
      #expect(partial.totals.hours.contains(hour), comment)
    }
    #expect(partial.totals.hours == partial.totals.hours.sorted())
  }

  /// The location of a line in blocks is the block in which it begins.
  @Test func placesOfLinesAreThoseOfTheirBlocks() throws {
    let lines = RandomCorpus(seed: 7).lines
    let text = lines.joinedLines()
    let cuts = stride(from: 0, to: text.count, by: 700).map { $0 }
    let built = FrameBuilder(blocks: cuts.map { Array(text[$0..<min(text.count, $0 + 700)]) }).built
    let folder = TemporaryFolder()
    let path = folder.write("a.json.lz4", built.bytes)
    let starts = Self.offsets(lines)
    for threads in [1, 3] {
      let target = folder.path + "/\(threads).partial"
      try writePartial(of: [path], to: target) {
        $0.threads = threads
        $0.tuning.rangeBytesTarget = 2000
      }
      let partial = try PartialOracle.all(try contents(of: target))[0]
      #expect(
        Self.rows(partial) == Self.referenceRows([lines]) { "0@\(built.blockOffsets[starts[$1] / 700])" })
    }
  }

  /// The location of a line in a gzip member is the start of the member.
  @Test func placesOfLinesAreThoseOfTheirGzipMembers() throws {
    let lines = RandomCorpus(seed: 7).lines
    let half = lines.count / 2
    let first = StreamForms.member(Array(lines[..<half]).joinedLines())
    let folder = TemporaryFolder()
    let path = folder.write("a.json.gz", first + StreamForms.member(Array(lines[half...]).joinedLines()))
    let target = folder.path + "/a.partial"
    try writePartial(of: [path], to: target)
    let partial = try PartialOracle.all(try contents(of: target))[0]
    #expect(Self.rows(partial) == Self.referenceRows([lines]) { "0@\($1 < half ? 0 : first.count)" })
  }

  /// Rows of a rule that does not group by the client IP are in the shard of their key, and store their address.
  @Test func rowsByKeyLieInTheShardOfTheirKey() throws {
    let rule = try RuleText([
      (
        "key",
        "[{field: actor.alternateId, null: unknown}, {name: what, field: displayMessage, null: nothing}]"
      ),
      ("columns", "{n: count()}"), ("groups", nil),
    ]).rule()
    let events = NewRuleTests.events(3)
    let folder = TemporaryFolder()
    let path = folder.write("a.json", events.map(\.line).joinedLines())
    let target = folder.path + "/a.partial"
    try writePartial(of: [path], to: target) { $0.rules = [rule] + Rule.builtIn }
    let partial = try PartialOracle.all(try contents(of: target))[0]
    #expect(partial.contract.filters.count == 4)
    let byKey = partial.rows.filter { $0.groupKind == 2 }
    // Each lock is a row of the rule by key, and one of the rule of locked accounts.
    let locks = events.filter(\.isLock)
    #expect(byKey.count == locks.count)
    #expect(partial.rows.count == 2 * locks.count)
    #expect(byKey.allSatisfy { $0.filters == 1 })
    #expect(byKey.count { $0.address == nil } == locks.count { $0.ip == nil })
    for row in byKey {
      let values = [
        row.fields["actor.alternateId"]?.flatMap { $0 } ?? Array("unknown".utf8),
        row.fields["displayMessage"]?.flatMap { $0 } ?? Array("nothing".utf8),
      ]
      let key = values.flatMap { value in
        (0..<4).map { UInt8(truncatingIfNeeded: value.count >> (8 * $0)) } + value
      }
      #expect(row.shard == Int(XXH3_64bits(key, key.count) >> 32) % 64)
    }
    Self.expectOrder(partial, "rows by key")
    func text(_ time: Int64, _ address: PartialOracle.Address?, _ user: [UInt8]?) -> String {
      "\(time) \(address.map { "\($0.high):\($0.low)" } ?? "null") \(user.map { "\($0)" } ?? "null")"
    }
    let expected = locks.map { event in
      let address = event.ip.flatMap { referenceAddress(LogText($0)) }
      return text(
        1_767_607_200_000 + Int64(event.minute) * 60_000,
        address.map { PartialOracle.Address(high: $0.high, low: $0.low) }, event.user.map { Array($0.utf8) })
    }
    #expect(
      byKey.map { text($0.time, $0.address, $0.fields["actor.alternateId"]?.flatMap { $0 }) }.sorted()
        == expected.sorted())
  }

  /// An entry longer than a frame continues in the next frame and reads back whole. Null differs from the empty text
  /// of another field.
  @Test func entriesLongerThanAFrameContinueInTheNext() throws {
    let long = String(repeating: "0123456789abcdef", count: (9 << 20) / 16)
    let lines = (0..<7).map { number in
      var event = EventBuilder(eventType: "user.account.lock", at: TriageFixture.base)
      event.user = .string("user\(number)")
      event.userAgent = number == 3 ? .string(long) : number == 4 ? .null : "short"
      return event.line
    }
    let folder = TemporaryFolder()
    let path = folder.write("a.json", lines.joinedLines())
    let target = folder.path + "/a.partial"
    try writePartial(of: [path], to: target)
    let partial = try PartialOracle.all(try contents(of: target))[0]
    #expect(partial.frames.contains { $0.isContinued && $0.kind == 2 })
    #expect(partial.frames.allSatisfy { $0.payload.count <= 8 << 20 && $0.byteCount <= 88 + 8 << 20 })
    let agents = partial.rows.map { $0.fields["client.userAgent.rawUserAgent"]?.map(\.count) }
    #expect(agents.count == 7)
    #expect(agents.contains(long.utf8.count))
    #expect(agents.contains(5))
    #expect(agents.contains(nil))
    let row = try #require(partial.rows.first { $0.fields["actor.alternateId"] == Array("user3".utf8) })
    #expect(row.fields["client.userAgent.rawUserAgent"] == Array(long.utf8))
    var options = ScanOptions(paths: [path])
    options.triages = false
    #expect(written(try Scan(options).merging([target])) == written(try Scan(options).run()))
  }

  /// Many rows make many frames, each of which can be read alone.
  @Test func manyRowsMakeFramesThatStandAlone() throws {
    let lines = (0..<3000).map { number in
      var event = EventBuilder(
        eventType: "user.account.lock", at: EventTime(milliseconds: Int64(number) * 1_000_003))
      event.user = .string(String(repeating: "u", count: 290) + "\(number)")
      event.uuid = .string(
        number % 2 == 0 ? "text-\(number)" : "f348834b-13c1-4dc9-8000-00000000\(1000 + number)")
      event.ip = .string("192.0.2.\(number % 7)")
      return event.line
    }
    let folder = TemporaryFolder()
    let path = folder.write("a.json", lines.joinedLines())
    let target = folder.path + "/a.partial"
    try writePartial(of: [path], to: target)
    let partial = try PartialOracle.all(try contents(of: target))[0]
    #expect(partial.frames.count { $0.kind == 2 } > 2)
    #expect(partial.frames.contains { $0.isCompressed })
    let starts = Self.offsets(lines)
    #expect(Self.rows(partial) == Self.referenceRows([lines]) { "0@\(starts[$1])" })
    Self.expectOrder(partial, "many frames")
  }

  /// Covers partials of no file, and of files without any observation.
  @Test func aPartialOfNothingHasNoRows() throws {
    let folder = TemporaryFolder()
    let empty = folder.write("empty.json", [])
    let dull = folder.write(
      "dull.json", Array(#"{"eventType":"a","uuid":"b","published":"2026-01-05T10:00:00Z"}"#.utf8))
    for paths in [[], [empty], [empty, dull]] {
      let target = folder.path + "/a.partial"
      try writePartial(of: paths, to: target)
      let partial = try PartialOracle.all(try contents(of: target))[0]
      #expect(partial.rows.isEmpty)
      #expect(partial.sources.count == paths.count)
      #expect(partial.totals.counts["files"] == paths.count)
      #expect(partial.totals.counts["records"] == (paths.contains(dull) ? 1 : 0))
    }
  }
}
