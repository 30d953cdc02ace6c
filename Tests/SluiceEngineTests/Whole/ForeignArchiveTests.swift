import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// An archive that holds no Okta event was not searched, and is never a clean result.
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
      let figures = scanned(file.bytes, named: file.name) { $0.isStrict = isStrict }.figures
      #expect(!figures.isComplete, "strict: \(isStrict)")
      #expect(figures.events == 0, "strict: \(isStrict)")
      #expect(figures.problems.contains { $0.file.hasSuffix(file.name) }, "strict: \(isStrict)")
    }
  }

  @Test(arguments: ForeignFiles.all.filter { !$0.looksLike.isEmpty }.map(\.name))
  func theMessageSaysWhatTheFileLooksLike(name: String) throws {
    let file = try file(name)
    let figures = scanned(file.bytes, named: file.name).figures
    let problem = try #require(figures.problems.first { $0.reason == "unrecognised" })
    #expect(problem.message.contains(file.looksLike), "\(problem.message)")
    #expect(figures.unrecognised.files == 1)
  }

  @Test(arguments: names) func aForeignFileInLZ4IsNoCleaner(name: String) throws {
    let file = try file(name)
    for form in [LZ4Forms.all[0], LZ4Forms.all[LZ4Forms.all.count - 1]] {
      #expect(!scanned(form.encode(file.bytes)).figures.isComplete, "\(form.name)")
    }
  }

  @Test(arguments: names) func inspectCallsAForeignFileIncomplete(name: String) throws {
    let file = try file(name)
    let folder = TemporaryFolder()
    let inspection = try inspect(InspectOptions(paths: [folder.write(file.name, file.bytes)]))
    #expect(!inspection.isComplete)
    #expect(inspection.total.events == 0)
  }

  @Test func aForeignFileAmongOthersIsNamedAlone() throws {
    let folder = TemporaryFolder()
    folder.write("a.json", shortText(0..<100))
    folder.write("b.json", try file("cloudtrail.json").bytes)
    let figures = scanned(ScanOptions(paths: [folder.path])).figures
    #expect(figures.events == 100)
    #expect(figures.rejected == ["unrecognised": 40])
    #expect(figures.problems.map(\.reason) == ["unrecognised"])
    #expect(figures.problems.first?.file.hasSuffix("b.json") == true)
  }

  @Test func aFileThatIsPartlyForeignIsNamedWithTheShare() {
    // Records of each block are sampled.
    let foreign = (0..<1000).flatMap { Array("{\"type\":\"heartbeat\",\"n\":\($0)}\n".utf8) }
    let bytes = FrameBuilder(blocks: [shortText(0..<200), foreign, shortText(200..<400)]).bytes
    let figures = scanned(bytes) { $0.tuning.rangeBytesTarget = 1 }.figures
    let problem = figures.problems.first { $0.reason == "unrecognised" }
    let sampled = figures.unrecognised.recordsSampled
    #expect((2..<100).contains(sampled))
    #expect(problem?.message.hasPrefix("\(sampled) of ") == true, "\(problem?.message ?? "none")")
    #expect(figures.unrecognised.files == 0)
    #expect(figures.rejected == ["unrecognised": sampled])
    #expect(!figures.isComplete)
  }

  @Test func strictCountsEveryUnrecognisedRecord() {
    let foreign = (0..<10).flatMap { Array("{\"type\":\"heartbeat\",\"n\":\($0)}\n".utf8) }
    let figures = scanned(shortText(0..<100) + foreign, named: "a.json") { $0.isStrict = true }.figures
    #expect(figures.rejected == ["unrecognised": 10])
    #expect(figures.unrecognised.recordsSampled == 10)
    #expect(figures.events == 100)
    #expect(figures.problems.first?.message.hasPrefix("10 of 110 ") == true)
  }

  @Test func theVerdictDoesNotDependOnThreads() throws {
    let folder = TemporaryFolder()
    for file in ForeignFiles.all { folder.write(file.name, file.bytes) }
    folder.write("okta.json", shortText(0..<1000))
    func json(_ threads: Int) -> String {
      var options = ScanOptions(paths: [folder.path])
      options.threads = threads
      var figures = scanned(options).figures
      figures.run.threads = 0
      figures.run.wallSeconds = 0
      figures.run.cpuSeconds = 0
      figures.run.peakRSSBytes = 0
      figures.triage?.seconds = 0
      return String(decoding: figures.json, as: UTF8.self)
    }
    let isSame = Set([1, 2, 5].map(json)).count == 1
    #expect(isSame)
  }

  @Test func partialsKeepTheVerdict() throws {
    let folder = TemporaryFolder()
    let paths = [
      folder.write("a.json", shortText(0..<100)), folder.write("b.json", try file("cloudtrail.json").bytes),
    ]
    let expected = scanned(ScanOptions(paths: paths)).figures
    let store = TemporaryFolder()
    for _ in 0..<2 {
      var options = ScanOptions(paths: paths)
      options.partials = PartialFolder(store.path)
      let figures = scanned(options).figures
      #expect(figures.rejected == expected.rejected)
      #expect(figures.events == expected.events)
      #expect(figures.problems == expected.problems)
      #expect(figures.unrecognised == expected.unrecognised)
    }
  }

  // MARK: What is Okta's

  @Test(.enabled(if: SharedData.isPresent), arguments: SharedData.samples.map(\.name))
  func aPublicSampleIsRecognised(name: String) throws {
    for isStrict in [false, true] {
      let figures = scanned(try SharedData.bytes(name), named: name) { $0.isStrict = isStrict }.figures
      #expect(figures.unrecognised.recordsSampled == 0, "strict: \(isStrict)")
    }
  }

  @Test(arguments: EventForm.allCases) func everyShapeIsRecognised(form: EventForm) {
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
        let figures = scanned(bytes, named: "a.json") { $0.isStrict = isStrict }.figures
        #expect(figures.unrecognised.recordsSampled == 0, "strict: \(isStrict)")
      }
    }
  }
}
