@testable import SluiceEngine
import SluiceRecords
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// One archive with the same detections and statistics in three ways: by a scan, by partials of any division of it,
/// and with a partial cache, empty or full. The amount of memory does not matter.
@Suite struct PartialEqualityTests {
  /// Two sets of rules with the same filters but different thresholds and windows. Copies of an event may differ in
  /// the key of the rule that does not group by the client IP.
  private static let rulesFiles = [
    """
    rules:
      - id: locks-by-user
        title: Locks of one user
        severity: low
        filter: ['eventType == "user.account.lock"']
        key: [{field: actor.alternateId, null: unknown}]
        window: {length: 10m, slide: 5m}
        columns: {n: count(), ips: values(client.ipAddress), agents: values(client.userAgent.rawUserAgent)}
        condition: n >= 2
    """,
    """
    rules:
      - id: locks-by-user
        title: Locks of one user
        severity: low
        filter: ['eventType == "user.account.lock"']
        key: [{field: actor.alternateId, null: unknown}]
        window: {keep_alive: 5m, maximum: 1h}
        columns: {n: count(), ips: values(client.ipAddress), agents: values(client.userAgent.rawUserAgent)}
        condition: n >= 3
      - id: okta-credential-stuffing
        window: {length: 1h, slide: 20m}
        condition: total_attempts >= 10 and unique_users >= 5
      - id: okta-accounts-locked-out
        window: {length: 15m}
        condition: count > 2
      - id: okta-threatinsight-unknown-users
        window: {keep_alive: 10m, maximum: 2h}
    exceptions:
      - {cidr: 192.0.0.0/8, owner: o, reason: r, expires: '2026-01-05T10:15:00Z'}
      - {user: 'user*', rule: okta-accounts-locked-out, owner: o, reason: r}
      - {ip: '2001:db8::1', owner: o, reason: r}
    """,
  ]

  private static func book(_ index: Int) throws -> Rulebook {
    let (book, diagnostics) = Rulebook.reading(Array(rulesFiles[index].utf8), file: "f.yaml")
    return try #require(book, "\(diagnostics)")
  }

  /// An archive of several files in forms of all kinds, some of them damaged, and the options of its scan.
  private struct Fixture {
    var rng: SplitMix64
    let folder = TemporaryFolder()
    var paths: [String] = []
    var options = ScanOptions(paths: [])
    /// The rules for which partials are made; the rules of `options` share some of their filters.
    var rulesOfPartials: [Rule]
    /// Whether the rules equal those of the partials apart from thresholds and windows, so that all statistics are
    /// equal.
    var isOfAllRules = true
    /// Whether the time range begins and ends at full hours, so that the covered hours are known.
    var hasWholeHours = true

    init(seed: UInt64) throws {
      rng = SplitMix64(seed: seed &* 0x5851_F42D)
      rulesOfPartials = try PartialEqualityTests.book(0).activeRules()
      try writeFiles(seed)
      try drawOptions()
    }

    private mutating func writeFiles(_ seed: UInt64) throws {
      let count = rng.pick([1, 2, 3, 6, 12])
      var files = [[EventBuilder]](repeating: [], count: count)
      // Events of an hour tend to be in one file, so that triage skips files.
      for event in RandomCorpus(seed: seed).events {
        files[Int.random(in: 0..<count, using: &rng)].append(event)
      }
      for (number, events) in files.enumerated() {
        let form = rng.oneIn(2) ? .raw : rng.pick(ShipperFormat.allCases)
        let lines = form.lines(events.map(\.tree), using: &rng)
        var bytes = lines.joinedLines(endsWithSeparator: !rng.oneIn(3))
        if !rng.oneIn(3) { bytes = rng.pick(archiveForms).encode(bytes) }
        if rng.oneIn(8) { bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &rng))) }
        if rng.oneIn(8), !bytes.isEmpty {
          bytes[Int.random(in: bytes.indices, using: &rng)] ^= 1 << UInt8.random(in: 0..<8, using: &rng)
        }
        paths.append(folder.write("archive/\(number).json", bytes))
      }
    }

    private mutating func drawOptions() throws {
      let book = try PartialEqualityTests.book(rng.oneIn(2) ? 1 : 0)
      options.paths = paths
      options.rules = book.activeRules()
      options.exceptions = book.exceptions
      if rng.oneIn(4) {
        let ids = book.activeRules().map(\.id).filter { _ in rng.oneIn(2) }
        if !ids.isEmpty {
          options.rules = book.activeRules(ids)
          isOfAllRules = ids.count == rulesOfPartials.count
        }
      }
      options.threads = 1
      options.memoryBytes = nil
      // The ranges are the same for all ways, because covered hours are sampled from a few lines of each range.
      options.tuning.rangeBytesTarget = rng.pick([1, 500, 5000, 1 << 20])
      options.isStrict = rng.oneIn(4)
      options.verifies = !rng.oneIn(6)
      options.keepsDuplicates = rng.oneIn(3)
      options.usesTextWindows = rng.oneIn(4)
      options.triages = !rng.oneIn(3)
      options.hasEvidence = !rng.oneIn(4)
      if rng.oneIn(3) {
        hasWholeHours = rng.oneIn(2)
        let unit: Int64 = hasWholeHours ? 3_600_000 : 61_001
        let from = 1_767_607_200_000 + unit * Int64.random(in: -2...2, using: &rng)
        options.from = EventTime(milliseconds: from)
        if rng.oneIn(2) {
          options.to = EventTime(milliseconds: from + unit * Int64.random(in: 1...60, using: &rng))
        }
      }
    }

    /// Returns options with random values that must not change the result.
    mutating func freely(_ options: ScanOptions) -> ScanOptions {
      var options = options
      options.threads = rng.pick([1, 2, 3, 8])
      options.tuning.spillBytes = rng.pick([nil, nil, 0, 100_000])
      options.memoryBytes = rng.pick([nil, 1, 1 << 30])
      options.paths.shuffle(using: &rng)
      return options
    }

    func text(_ result: ScanResult) -> [String] {
      if !isOfAllRules { return written(result).dropLast() }
      var result = result
      if !hasWholeHours { result.stats.coverage = Coverage(CoveredHours()) }
      return written(result)
    }
  }

  private static func merged(_ scene: inout Fixture) throws -> ScanResult {
    var parts = (0..<Int.random(in: 1...4, using: &scene.rng)).map { _ in [String]() }
    for path in scene.paths { parts[Int.random(in: parts.indices, using: &scene.rng)].append(path) }
    let shards = scene.rng.pick([1, 4, 64])
    let framesPerShard = scene.rng.oneIn(3)
    var files: [String] = []
    var contents: [UInt8] = []
    for (number, paths) in parts.enumerated() {
      var options = scene.freely(scene.options)
      options.rules = scene.rulesOfPartials
      options.tuning.shardCount = shards
      let path = scene.folder.path + "/\(number).partial"
      try writePartial(of: paths, to: path, framesPerShard: framesPerShard, options)
      contents += try SluiceEngineTests.contents(of: path)
      files.append(path)
    }
    // The partials are concatenated in one file, or each is in its own, in any order.
    if scene.rng.oneIn(3) { files = [scene.folder.write("all.partial", contents)] }
    let options = scene.freely(scene.options)
    return try Scan(options).merging(files.shuffled(using: &scene.rng), expected: scene.paths.count)
  }

  @Test(arguments: 0..<6) func everyWayThroughPartialsFindsWhatAScanFinds(lot: Int) throws {
    for seed in UInt64(lot * 10 + 1)...UInt64(lot * 10 + TestScale.count(10)) {
      var scene = try Fixture(seed: seed)
      let plain = scanned(scene.options)
      func expectSame(_ what: String, _ result: ScanResult, _ text: (ScanResult) -> [String]) {
        let difference = difference(text(result), text(plain))
        #expect(difference == nil, "seed \(seed), \(what)")
      }
      expectSame("limited", scanned(scene.freely(scene.options)), written)
      for _ in 0..<2 { expectSame("merged", try Self.merged(&scene), scene.text) }

      var options = scene.options
      let folder = PartialFolder(scene.folder.path + "/partials").later(by: 10)
      options.partials = folder
      // The cache is filled for all rules, then used for the rules of this fixture.
      options.rules = scene.rulesOfPartials
      #expect(scanned(scene.freely(options)).stats.cacheUse.filesReused == 0, "seed \(seed)")
      options.rules = scene.options.rules
      for _ in 0..<2 {
        let again = scanned(scene.freely(options))
        expectSame("from partials", again, scene.text)
        #expect(again.stats.cacheUse.filesRead == 0, "seed \(seed)")
        #expect(again.stats.cacheUse.bytesRead == 0, "seed \(seed)")
      }
      options.partials = PartialFolder(scene.folder.path + "/others").later(by: 10)
      scene.isOfAllRules = true
      expectSame("to partials", scanned(scene.freely(options)), scene.text)
    }
  }

  /// Shards merged separately give their own detections, and together the detections of the whole archive.
  @Test func shardsMergedAloneAddUpToTheWhole() throws {
    for seed in TestScale.seeds(12, atLeast: 3) {
      var rng = SplitMix64(seed: seed)
      let folder = TemporaryFolder()
      let lines = RandomCorpus(seed: seed).lines
      let half = lines.count / 2
      let paths = [lines[..<half], lines[half...]].enumerated().map {
        folder.write("\($0.offset).json", Array($0.element).joinedLines())
      }
      var options = ScanOptions(paths: [])
      options.triages = false
      options.tuning.shardCount = 8
      let partials = try paths.map { path in
        try writePartial(of: [path], to: path + ".partial", options)
        return path + ".partial"
      }
      let expected = try Scan(options).merging(partials)
      let cut = Int.random(in: 0...6, using: &rng)
      options.tuning.spillBytes = 0
      options.memoryBytes = 1
      let parts = try [0...cut, (cut + 1)...7].map { try Scan(options).merging(partials, shards: $0) }
      #expect(
        Set(parts.flatMap { $0.detections.map(\.id) }).count == expected.detections.count, "seed \(seed)")
      #expect(Set(parts.flatMap { $0.detections.map(\.id) }) == Set(expected.detections.map(\.id)))
      #expect(parts.reduce(0) { $0 + $1.stats.duplicates } == expected.stats.duplicates)
    }
  }

  /// Links, empty files and unreadable files are reported in the same words.
  @Test func problemsAreThoseOfAScan() throws {
    let folder = TemporaryFolder()
    folder.write("a/empty.json", [])
    folder.write("a/blank.json", Array("\n\n  \n".utf8))
    folder.write("a/garbage.lz4", [UInt8](repeating: 0xA5, count: 3000))
    folder.write("a/cut.lz4", Array(LZ4Forms.all[0].encode(shortText(0..<500)).dropLast(9)))
    folder.write("a/good.json", shortText(0..<20) + Array("{\"eventType\":\"user.account.lock\",\n".utf8))
    var options = ScanOptions(paths: [folder.path + "/a"])
    options.triages = true
    let expected = written(scanned(options))
    #expect(expected.last?.contains("\"complete\":false") == true)
    try writePartial(of: options.paths, to: folder.path + "/a.partial")
    #expect(difference(written(try Scan(options).merging([folder.path + "/a.partial"])), expected) == nil)
    options.partials = PartialFolder(folder.path + "/partials").later(by: 10)
    for _ in 0..<2 { #expect(difference(written(scanned(options)), expected) == nil) }
  }
}
