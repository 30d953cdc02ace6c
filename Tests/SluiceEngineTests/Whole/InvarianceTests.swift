@testable import SluiceEngine
import SluiceRecords
import SluiceReport
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// Invariance: the same input gives the same output bytes, whatever the threads, files, frames, ranges and hash
/// seeds.
@Suite struct InvarianceTests {
  /// The lines of several corpora: more than 1,000 lines, with detections of all rules.
  static let lines: [[UInt8]] = (1...8).flatMap { RandomCorpus(seed: $0).lines }

  static let expected: [UInt8] = {
    let folder = TemporaryFolder()
    var options = ScanOptions(paths: [folder.write("all.json", lines.joinedLines())])
    options.threads = 1
    return output(options)
  }()

  static func output(_ options: ScanOptions) -> [UInt8] {
    text(scanned(options))
  }

  static func text(_ result: ScanResult) -> [UInt8] {
    result.detections.flatMap { $0.withoutFiles.ndjson + [UInt8(ascii: "\n")] }
  }

  private func expectSame(_ options: ScanOptions, _ comment: Comment) {
    #expect(Self.output(options) == Self.expected, comment)
  }

  @Test func theCorpusHasDetectionsOfAllRules() {
    let text = String(decoding: Self.expected, as: UTF8.self)
    for rule in Rule.builtIn { #expect(text.contains("\"rule\":\"\(rule.id)\"")) }
    #expect(text.contains("\"also_seen_by\":[\"okta-"), "an incident of several rules")
  }

  @Test(arguments: [1, 2, 3, 8, 64, 256]) func threadsDoNotChangeTheDetections(count: Int) {
    let folder = TemporaryFolder()
    for (i, line) in stride(from: 0, to: Self.lines.count, by: 37).enumerated() {
      folder.write("\(i).json", Array(Self.lines[line..<min(line + 37, Self.lines.count)]).joinedLines())
    }
    var options = ScanOptions(paths: [folder.path])
    options.threads = count
    options.tuning.rangeBytesTarget = 3000
    expectSame(options, "\(count) threads")
  }

  @Test func fiftyFilesInAnyOrderGiveTheSameDetections() {
    let folder = TemporaryFolder()
    var rng = SplitMix64(seed: 50)
    var files = [[[UInt8]]](repeating: [], count: 50)
    for line in Self.lines.shuffled(using: &rng) { files[Int.random(in: 0..<50, using: &rng)].append(line) }
    let paths = files.enumerated().map { folder.write("\($0.offset).json", $0.element.joinedLines()) }
    for _ in 0..<5 { expectSame(ScanOptions(paths: paths.shuffled(using: &rng)), "fifty files") }
  }

  private static let forms = archiveForms + TextForms.all

  @Test(arguments: TestScale.some(forms.map(\.name), every: 7)) func everyArchiveFormGivesTheSameDetections(
    name: String
  ) throws {
    let form = try #require(Self.forms.first { $0.name == name })
    let folder = TemporaryFolder()
    let path = folder.write("all.json.lz4", form.encode(Self.lines.joinedLines()))
    for threads in [1, 3] {
      var options = ScanOptions(paths: [path])
      options.threads = threads
      let result = scanned(options)
      #expect(Self.text(result) == Self.expected)
      #expect(result.stats.records.count == Self.lines.count)
      #expect(result.stats.input.framesCorrupt == 0)
      #expect(result.stats.problems.allSatisfy { ["time", "shape", "unrecognised"].contains($0.reason) })
      #expect(result.stats.input.bytesDecompressed == Self.lines.joinedLines().count)
    }
  }

  @Test(arguments: [1, 2, 7, 64, 65, 1000, 100_000]) func tinyRangesGiveTheSameDetections(bytes: Int) {
    let folder = TemporaryFolder()
    let lines = Array(Self.lines.prefix(bytes < 60 ? TestScale.count(120, atLeast: 30) : Self.lines.count))
    let path = folder.write("all.json", lines.joinedLines(endsWithSeparator: false))
    var whole = ScanOptions(paths: [path])
    whole.threads = 1
    var options = whole
    options.threads = 3
    options.tuning.rangeBytesTarget = bytes
    #expect(Self.output(options) == Self.output(whole))
  }

  @Test func hashSeedsAndShardsDoNotChangeTheDetections() {
    let folder = TemporaryFolder()
    var options = ScanOptions(paths: [folder.write("all.json", Self.lines.joinedLines())])
    for seed: UInt64 in [0, 1, .max, 0x1234_5678] {
      for shards in [1, 8, 1024] {
        options.tuning.hashSeed = seed
        options.tuning.shardCount = shards
        expectSame(options, "seed \(seed), \(shards) shards")
      }
    }
  }

  @Test(arguments: SIMDTarget.allCases.filter(\.isSupported))
  func everySupportedKernelGivesTheSameDetections(simdTarget: SIMDTarget) {
    let folder = TemporaryFolder()
    var options = ScanOptions(paths: [folder.write("all.json", Self.lines.joinedLines())])
    options.tuning.simdTarget = simdTarget.rawValue
    expectSame(options, "\(simdTarget)")
  }

  @Test func aStrictScanGivesTheSameDetections() {
    let folder = TemporaryFolder()
    var options = ScanOptions(paths: [folder.write("all.json", Self.lines.joinedLines())])
    options.isStrict = true
    expectSame(options, "strict")
  }

  @Test func aByteOrderMarkAndCarriageReturnsChangeNothing() {
    let folder = TemporaryFolder()
    let path = folder.write("all.json", [0xEF, 0xBB, 0xBF] + Self.lines.joinedLines("\r\n"))
    expectSame(ScanOptions(paths: [path]), "byte order mark and CRLF")
  }

  @Test func statsDoNotDependOnTheRun() {
    let folder = TemporaryFolder()
    let path = folder.write("all.json.lz4", LZ4Forms.all[0].encode(Self.lines.joinedLines()))
    var stats: Set<[UInt8]> = []
    for threads in [1, 2, 5] {
      var options = ScanOptions(paths: [path])
      options.threads = threads
      options.tuning.rangeBytesTarget = 1 << (10 + threads)
      var result = scanned(options)
      result.stats.run.threads = 0
      result.stats.run.wallSeconds = 0
      result.stats.run.cpuSeconds = 0
      result.stats.run.peakRSSBytes = 0
      result.stats.triage?.seconds = 0
      stats.insert(result.stats.json)
    }
    #expect(stats.count == 1)
  }
}
