import Foundation
import SluiceEngine
import SluiceRecords
import SluiceReference
import SluiceTestSupport
import Testing

/// The engine against the reference implementation, over random corpora, in every column.
///
/// A failure names its seed; `SLUICE_RANDOM_CORPUS_SEED=n swift test --filter WholeScanOracleTests` runs that corpus
/// alone, and `SLUICE_RANDOM_CORPORA=n` another number of them.
@Suite struct WholeScanOracleTests {
  static let seeds: [UInt64] = {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["SLUICE_RANDOM_CORPUS_SEED"].flatMap(UInt64.init) { return [seed] }
    return Array(
      1...(environment["SLUICE_RANDOM_CORPORA"].flatMap(UInt64.init) ?? UInt64(TestScale.count(1000))))
  }()

  /// Groups of seeds, because a separate test costs more than a corpus.
  static let lots = stride(from: 0, to: seeds.count, by: 50).map {
    Array(seeds[$0..<min($0 + 50, seeds.count)])
  }

  @Test(arguments: lots) func engineAndReferenceAgree(lot: [UInt64]) {
    for seed in lot { agree(seed) }
  }

  private func agree(_ seed: UInt64) {
    var rng = SplitMix64(seed: seed &* 0x9E37_79B9)
    let corpus = RandomCorpus(seed: seed)
    var options = ScanOptions(paths: [])
    var reference = ReferenceOptions()
    draw(&options, &reference, &rng)

    let folder = TemporaryFolder()
    let fileCount = Int.random(in: 1...4, using: &rng)
    var files = [[[UInt8]]](repeating: [], count: fileCount)
    for line in corpus.lines { files[Int.random(in: 0..<fileCount, using: &rng)].append(line) }
    for (i, lines) in files.enumerated() {
      let text = lines.joinedLines(
        Bool.random(using: &rng) ? "\n" : "\r\n", endsWithSeparator: Bool.random(using: &rng))
      let form = rng.pick(archiveForms)
      folder.write("\(i).json", Int.random(in: 0..<3, using: &rng) == 0 ? text : form.encode(text))
    }
    options.paths = [folder.path]

    let expected = referenceDetections(lines: corpus.lines, options: reference)
    let result = scanned(options)
    let again: Comment = "seed \(seed); run it alone with SLUICE_RANDOM_CORPUS_SEED=\(seed)"
    #expect(result.detections.count == expected.detections.count, again)
    for (found, wanted) in zip(result.detections, expected.detections) {
      #expect(
        String(decoding: found.withoutFiles.ndjson, as: UTF8.self)
          == String(decoding: wanted.ndjson, as: UTF8.self), again
      )
    }
    #expect(result.stats.records.count == expected.records, again)
    expectSameRecords(
      events: result.stats.records.events, rejected: result.stats.records.rejected.byText, expected, again)
    #expect(result.stats.duplicates == expected.duplicates, again)
    for (rule, count) in result.stats.observations {
      #expect(count == expected.observations[rule, default: 0], again)
    }
  }

  /// Draws options that must not change the result, and options that must change both results alike.
  private func draw(
    _ options: inout ScanOptions, _ reference: inout ReferenceOptions, _ rng: inout SplitMix64
  ) {
    options.threads = Int.random(in: 1...4, using: &rng)
    options.tuning.rangeBytesTarget = [1, 100, 5000, 1 << 20].randomElement(using: &rng) ?? 1
    options.tuning.shardCount = [1, 2, 64].randomElement(using: &rng) ?? 1
    options.tuning.simdTarget = Bool.random(using: &rng) ? "portable" : nil
    options.isStrict = Int.random(in: 0..<4, using: &rng) == 0
    if Int.random(in: 0..<3, using: &rng) == 0 {
      options.keepsDuplicates = true
      reference.keepDuplicates = true
    }
    if Int.random(in: 0..<4, using: &rng) == 0 {
      options.usesTextWindows = true
      reference.windowAll = true
    }
    if Int.random(in: 0..<4, using: &rng) == 0 {
      let middle = 1_767_607_200_000 + Int64.random(in: -900_000...3_600_000, using: &rng)
      let from = EventTime(milliseconds: middle)
      options.from = from
      reference.from = from
      if Bool.random(using: &rng) {
        let to = EventTime(milliseconds: middle + Int64.random(in: 1...7_200_000, using: &rng))
        options.to = to
        reference.to = to
      }
    }
  }
}
