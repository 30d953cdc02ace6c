@testable import SluiceEngine
import SluiceRecords
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// Copies of one event (same uuid, client IP and time) count once, even if a rule's key differs between them. Their
/// content decides which one counts.
@Suite struct CopiesOfEventsTests {
  /// One lock, raw and as an Elastic document, which lacks the message that is part of the rule's key.
  @Test func oneEventInTwoShapesIsOneDetectionInEveryRun() throws {
    var event = EventBuilder(eventType: "user.account.lock", at: EventTime(milliseconds: 1_767_607_200_000))
    event.uuid = "5b1e6ba6-3a4f-11ee-9c2d-0242ac120002"
    event.set("displayMessage", to: "Max sign in attempts exceeded")
    var rng = SplitMix64(seed: 1)
    let elastic = ElasticDocument(event, number: 0, .nested, using: &rng)
    let folder = TemporaryFolder()
    let (book, diagnostics) = Rulebook.reading(Array("rules: []".utf8), file: "f.yaml")
    var options = ScanOptions(paths: [
      folder.write("a.json", [elastic.raw.plain, elastic.document.plain].joinedLines())
    ])
    options.rules = try #require(book, "\(diagnostics)").activeRules(["okta-user-account-locked"])
    options.threads = 1
    var results: Set<[String]> = []
    for seed in 0..<TestScale.count(400) {
      options.tuning.hashSeed = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15
      let result = scanned(options)
      #expect(result.detections.count == 1, "seed \(seed)")
      #expect(result.stats.duplicates == 1, "seed \(seed)")
      results.insert(written(result))
    }
    #expect(results.count == 1)
  }

  @Test(arguments: TestScale.seeds(40, atLeast: 4)) func everyWayFindsWhatThePlainestCodeFinds(seed: UInt64)
    throws
  {
    var scene = try CopiesFixture(seed: seed)
    let plain = scanned(scene.options)
    #expect(scene.found(plain.detections) == scene.expected.found)
    #expect(plain.stats.duplicates == scene.expected.duplicates)
    for _ in 0..<4 {
      let difference = difference(written(scanned(scene.freely())), written(plain))
      #expect(difference == nil)
    }
    var options = scene.freely()
    options.partials = PartialFolder(scene.folder.path + "/partials").later(by: 10)
    for _ in 0..<2 { #expect(difference(written(scanned(options)), written(plain)) == nil, "partials") }
  }

  @Test(arguments: TestScale.seeds(20, atLeast: 3)) func mergingFindsTheSameForAnyNumberOfShards(seed: UInt64)
    throws
  {
    var scene = try CopiesFixture(seed: seed)
    let plain = written(scanned(scene.options))
    for shards in [1, 2, 64] {
      for framesPerShard in [false, true] {
        let partials = try scene.partials(shards: shards, framesPerShard: framesPerShard)
        let merged = try Scan(scene.freely()).merging(partials, expected: scene.options.paths.count)
        #expect(difference(written(merged), plain) == nil, "\(shards) shards")
      }
    }
  }

  /// Several processes each merge the rows of some shards.
  @Test(arguments: TestScale.seeds(20, atLeast: 3)) func dealtOutByShardsEachDetectionIsFoundOnce(
    seed: UInt64
  ) throws {
    var scene = try CopiesFixture(seed: seed)
    let plain = scanned(scene.options)
    let partials = try scene.partials(shards: 8, framesPerShard: true)
    let cut = Int.random(in: 0...6, using: &scene.rng)
    let parts = try [0...cut, cut + 1...7].map { try Scan(scene.freely()).merging(partials, shards: $0) }
    let ids = parts.flatMap { $0.detections.map(\.id) }
    #expect(ids.sorted() == plain.detections.map(\.id).sorted())
    #expect(parts.reduce(0) { $0 + $1.stats.duplicates } == plain.stats.duplicates)
  }

  /// Copies may be in shards that this process does not merge.
  @Test func aShareOfShardsWithoutARulesRowsIsRefused() throws {
    var scene = try CopiesFixture(seed: 3)
    let partials = try scene.partials(shards: 8, framesPerShard: false)
    let error = #expect(throws: ScanError.self) { try Scan(scene.freely()).merging(partials, shards: 0...3) }
    #expect(error?.description.contains("does not group by the client IP") == true)
    #expect(error?.description.contains("--frame-per-shard") == true)
    _ = try Scan(scene.freely()).merging(partials, shards: 0...7)
    scene.options.rules = scene.options.rules.filter { $0.id == "locks-by-address" }
    _ = try Scan(scene.freely()).merging(partials, shards: 0...3)
  }
}
