import SluiceRecords
import SluiceReport
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Archives without an Okta event. They were not searched, and are never a clean result.
@Suite struct ForeignArchiveTests {
  private static let names = ForeignFiles.all.map(\.name)

  private func file(_ name: String) throws -> ForeignFiles.File {
    try #require(ForeignFiles.all.first { $0.name == name })
  }

  @Test func theCorpusHasFortyFilesAndMore() {
    #expect(ForeignFiles.all.count >= 40)
    #expect(Set(Self.names).count == ForeignFiles.all.count)
  }

  @Test(arguments: names) func aForeignFileIsIncompleteAndNamed(name: String) throws {
    let file = try file(name)
    for isStrict in [false, true] {
      let stats = scanned(file.bytes, named: file.name) { $0.isStrict = isStrict }.stats
      #expect(!stats.isComplete, "strict: \(isStrict)")
      #expect(stats.records.events == 0, "strict: \(isStrict)")
      #expect(stats.problems.contains { $0.file.hasSuffix(file.name) }, "strict: \(isStrict)")
    }
  }

  @Test(arguments: ForeignFiles.all.filter { !$0.looksLike.isEmpty }.map(\.name))
  func theMessageSaysWhatTheFileLooksLike(name: String) throws {
    let file = try file(name)
    let stats = scanned(file.bytes, named: file.name).stats
    let problem = try #require(stats.problems.first { $0.reason == "unrecognised" })
    #expect(problem.message.contains(file.looksLike), "\(problem.message)")
    #expect(stats.unrecognised.files == 1)
  }

  @Test(arguments: names) func aForeignFileInLZ4IsNoCleaner(name: String) throws {
    let file = try file(name)
    for form in [LZ4Forms.all[0], LZ4Forms.all[LZ4Forms.all.count - 1]] {
      #expect(!scanned(form.encode(file.bytes)).stats.isComplete, "\(form.name)")
    }
  }

  @Test(arguments: names) func inspectCallsAForeignFileIncomplete(name: String) throws {
    let file = try file(name)
    let folder = TemporaryFolder()
    let inspection = try Inspection(InspectOptions(paths: [folder.write(file.name, file.bytes)]))
    #expect(!inspection.isComplete)
    #expect(inspection.total.records.events == 0)
  }

  @Test func aForeignFileAmongOthersIsNamedAlone() throws {
    let folder = TemporaryFolder()
    folder.write("a.json", shortText(0..<100))
    folder.write("b.json", try file("cloudtrail.json").bytes)
    let stats = scanned(ScanOptions(paths: [folder.path])).stats
    #expect(stats.records.events == 100)
    #expect(stats.records.rejected == ["unrecognised": 40])
    #expect(stats.problems.map(\.reason) == ["unrecognised"])
    #expect(stats.problems.first?.file.hasSuffix("b.json") == true)
  }

  @Test func aFileThatIsPartlyForeignIsNamedWithTheShare() {
    // Some records of each block are sampled.
    let foreign = (0..<1000).flatMap { Array("{\"type\":\"heartbeat\",\"n\":\($0)}\n".utf8) }
    let bytes = FrameBuilder(blocks: [shortText(0..<200), foreign, shortText(200..<400)]).bytes
    let stats = scanned(bytes) { $0.tuning.rangeBytesTarget = 1 }.stats
    let problem = stats.problems.first { $0.reason == "unrecognised" }
    let sampled = stats.unrecognised.recordsSampled
    #expect((10..<20).contains(sampled))
    #expect(problem?.message.hasPrefix("\(sampled) of ") == true, "\(problem?.message ?? "none")")
    #expect(stats.unrecognised.files == 0)
    #expect(stats.records.rejected == ["unrecognised": sampled])
    #expect(!stats.isComplete)
  }

  /// An Okta event, and a CloudTrail event of the same size, which has a key of the same name.
  private static let oktaLine = EventBuilder(
    eventType: "policy.evaluate", at: EventTime(milliseconds: 1_767_607_200_000)
  ).line
  private static let foreignLine: [UInt8] = {
    let start = #"{"eventVersion":"1.08","eventTime":"2026-01-05T10:00:00Z","eventType":"AwsApiCall","pad":""#
    let rest = String(repeating: "x", count: max(0, oktaLine.count - start.utf8.count - 2))
    return Array("\(start)\(rest)\"}".utf8)
  }()

  @Test(arguments: [20, 35, 60]) func aForeignStretchOfAFileIsFoundWhereverItLies(percent: Int) {
    for start in stride(from: 0, to: 100 - percent, by: 7) {
      let lines = (0..<400).map { line in
        (start * 4..<(start + percent) * 4).contains(line) ? Self.foreignLine : Self.oktaLine
      }
      let text = lines.joinedLines()
      for bytes in [text, LZ4Forms.all[0].encode(text)] {
        let stats = scanned(bytes, named: "a.json").stats
        #expect(stats.problems.map(\.reason) == ["unrecognised"], "from line \(start * 4)")
      }
    }
  }

  @Test func rangesOfAFileGiveTheSamplesOfAScan() throws {
    let lines = (0..<4000).map { $0 / 500 % 2 == 0 ? Self.oktaLine : Self.foreignLine }
    let bytes = LZ4Forms.all[0].encode(lines.joinedLines())
    let expected = scanned(bytes).stats
    #expect(expected.unrecognised.recordsSampled > 0)
    for rangeBytesTarget in [1, 100_000, 1 << 30] {
      let stats = scanned(bytes) { $0.tuning.rangeBytesTarget = rangeBytesTarget }.stats
      #expect(stats.unrecognised == expected.unrecognised)
      #expect(stats.problems.map(\.message) == expected.problems.map(\.message))
      #expect(stats.records.events == expected.records.events)
    }
  }

  @Test func eventsWithinSomethingUnknownAreNotRecognisedByTheirWords() {
    let inner = String(decoding: Self.oktaLine, as: UTF8.self)
    let lines = (0..<3000).map {
      Array("{\"batch\":\($0),\"externalSessionId\":\"1\",\"inner\":\(inner)}".utf8)
    }
    for bytes in [lines.joinedLines(), LZ4Forms.all[0].encode(lines.joinedLines())] {
      let stats = scanned(bytes, named: "a.json").stats
      #expect(stats.unrecognised.files == 1)
      #expect(stats.records.events == 0)
    }
  }

  @Test(arguments: [
    #"{"eventType":"com.okta.event_hook","eventId":"x","data":{"events":[]}}"#, #"{"message":"[]"}"#,
    #"{"event":"[]","host":"x"}"#, #"{"_raw":"[]"}"#,
  ]) func linesWithoutAnyEventAreNoEvents(line: String) {
    let stats = scanned(Array(repeating: Array(line.utf8), count: 300).joinedLines(), named: "a.json")
      .stats
    #expect(stats.records.events == 0)
    #expect(!stats.isComplete)
  }

  @Test(arguments: [
    #"{"eventType":"ORDER_CREATED","uuid":"7","amount":3}"#, #"{"eventType":"a","uuid":null}"#,
    #"{"eventType":"a","published":{}}"#, #"{"eventType":"a","actor":{"type":5}}"#,
  ]) func eventsWithoutATimeAreNotRecognised(line: String) {
    let stats = scanned(Array(repeating: Array(line.utf8), count: 300).joinedLines(), named: "a.json")
      .stats
    #expect(stats.records.events == 0)
    #expect(stats.problems.first?.message.hasSuffix("looks like an event without a time") == true)
  }

  @Test func laterRecordsOfALineAreSampledToo() {
    let joined = Self.oktaLine + (0..<1000).flatMap { _ in Self.foreignLine }
    let page =
      Array("[".utf8) + Self.oktaLine + (0..<1000).flatMap { _ in Array(",".utf8) + Self.foreignLine }
      + Array("]".utf8)
    for line in [joined, page] {
      let stats = scanned([line].joinedLines(), named: "a.json").stats
      let message = stats.problems.first { $0.reason == "unrecognised" }?.message
      #expect(message?.contains("keys eventVersion, eventTime") == true, "\(message ?? "none")")
    }
  }

  @Test func anEventThatIsCutIsNotCalledAnotherSchema() {
    let lines = Array(repeating: Self.oktaLine, count: 20).joinedLines()
    let cut = scanned(lines + Self.oktaLine.prefix(100), named: "a.json").stats.problems.first
    #expect(cut?.message.contains("looks like damaged or cut JSON") == true, "\(cut?.message ?? "none")")
    let tail = scanned(Self.oktaLine.suffix(100) + Array("\n".utf8) + lines, named: "a.json").stats.problems
      .first
    #expect(
      tail?.message.contains("looks like the end of a line of JSON") == true, "\(tail?.message ?? "none")")
  }

  @Test func oneRecordIsNotCalledRecords() {
    let one = scanned(Self.foreignLine, named: "a.json").stats.problems.first
    #expect(one?.message.hasPrefix("none of 1 record looked at") == true, "\(one?.message ?? "none")")
  }

  @Test func strictCountsEveryUnrecognisedRecord() {
    let foreign = (0..<10).flatMap { Array("{\"type\":\"heartbeat\",\"n\":\($0)}\n".utf8) }
    let stats = scanned(shortText(0..<100) + foreign, named: "a.json") { $0.isStrict = true }.stats
    #expect(stats.records.rejected == ["unrecognised": 10])
    #expect(stats.unrecognised.recordsSampled == 10)
    #expect(stats.records.events == 100)
    #expect(stats.problems.first?.message.hasPrefix("10 of 110 ") == true)
  }

  @Test func theVerdictDoesNotDependOnThreads() throws {
    let folder = TemporaryFolder()
    for file in ForeignFiles.all { folder.write(file.name, file.bytes) }
    folder.write("okta.json", shortText(0..<1000))
    func json(_ threads: Int) -> String {
      var options = ScanOptions(paths: [folder.path])
      options.threads = threads
      var stats = scanned(options).stats
      stats.run.threads = 0
      stats.run.wallSeconds = 0
      stats.run.cpuSeconds = 0
      stats.run.peakRSSBytes = 0
      stats.triage?.seconds = 0
      return String(decoding: stats.json, as: UTF8.self)
    }
    let isSame = Set([1, 2, 5].map(json)).count == 1
    #expect(isSame)
  }

  @Test func partialsKeepTheVerdict() throws {
    let folder = TemporaryFolder()
    let paths = [
      folder.write("a.json", shortText(0..<100)), folder.write("b.json", try file("cloudtrail.json").bytes),
    ]
    let expected = scanned(ScanOptions(paths: paths)).stats
    let store = TemporaryFolder()
    for _ in 0..<2 {
      var options = ScanOptions(paths: paths)
      options.partials = PartialFolder(store.path)
      let stats = scanned(options).stats
      #expect(stats.records.rejected == expected.records.rejected)
      #expect(stats.records.events == expected.records.events)
      #expect(stats.problems == expected.problems)
      #expect(stats.unrecognised == expected.unrecognised)
    }
  }

  // MARK: What is Okta's

  @Test(arguments: SharedData.samples.map(\.name))
  func aPublicSampleIsRecognised(name: String) throws {
    for isStrict in [false, true] {
      let stats = scanned(try SharedData.bytes(name), named: name) { $0.isStrict = isStrict }.stats
      #expect(stats.unrecognised.recordsSampled == 0, "strict: \(isStrict)")
    }
  }

  @Test(arguments: ShipperFormat.allCases) func everyShapeIsRecognised(form: ShipperFormat) {
    var rng = SplitMix64(seed: 7)
    let events = (0..<200).map { number in
      EventBuilder(
        eventType: number % 4 == 0 ? "user.account.lock" : "policy.evaluate",
        at: EventTime(milliseconds: 1_767_607_200_000 + Int64(number))
      ).tree
    }
    let text = form.lines(events, using: &rng).joinedLines()
    for bytes in [text, LZ4Forms.all[0].encode(text)] {
      for isStrict in [false, true] {
        let stats = scanned(bytes, named: "a.json") { $0.isStrict = isStrict }.stats
        #expect(stats.unrecognised.recordsSampled == 0, "strict: \(isStrict)")
      }
    }
  }
}
