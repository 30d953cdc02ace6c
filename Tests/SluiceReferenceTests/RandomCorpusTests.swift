import Foundation
import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceReference

/// The random corpora. They must be useful: valid, repeatable, and with detections of every rule.
@Suite struct RandomCorpusTests {
  @Test func theSameSeedGivesTheSameLines() {
    #expect(RandomCorpus(seed: 7).lines == RandomCorpus(seed: 7).lines)
    #expect(RandomCorpus(seed: 7).lines != RandomCorpus(seed: 8).lines)
  }

  @Test func everyLineIsOneValidEvent() {
    for seed in TestScale.seeds(30, atLeast: 5) {
      let corpus = RandomCorpus(seed: seed)
      #expect(corpus.lines.count <= 330)
      for line in corpus.lines {
        #expect(!line.contains(UInt8(ascii: "\n")))
        #expect(ReferenceJSON(parsing: line) != nil, "\(String(decoding: line, as: UTF8.self))")
      }
    }
  }

  /// The comment of `RandomCorpus` gives the counts for 1000 seeds; `SLUICE_CORPUS_SEEDS=1000` measures them again.
  @Test func randomCorporaReachEveryRule() {
    let count =
      ProcessInfo.processInfo.environment["SLUICE_CORPUS_SEEDS"].flatMap(UInt64.init)
      ?? UInt64(TestScale.count(60, atLeast: 30))
    var seedsWithDetection: [String: Int] = [:]
    var lineCountMax = 0
    for seed in 1...count {
      let corpus = RandomCorpus(seed: seed)
      lineCountMax = max(lineCountMax, corpus.lines.count)
      let result = referenceDetections(lines: corpus.lines, options: ReferenceOptions())
      #expect(result.rejected["json"] == nil)
      #expect(result.records == result.events + result.rejected.values.reduce(0, +))
      for rule in Set(result.detections.map(\.rule.id)) { seedsWithDetection[rule, default: 0] += 1 }
    }
    for rule: RuleMetadata in [.threatInsightUnknownUsers, .credentialStuffing, .accountsLockedOut] {
      let seeds = seedsWithDetection[rule.id] ?? 0
      #expect(seeds * 10 >= Int(count) * 3, "\(rule.id): \(seeds) of \(count)")
    }
    print("Seeds with a detection, of \(count): \(seedsWithDetection); most lines: \(lineCountMax)")
  }

  /// No part of the result may depend on the order of the lines.
  @Test(arguments: TestScale.seeds(40, atLeast: 4)) func orderOfLinesDoesNotMatter(seed: UInt64) {
    let corpus = RandomCorpus(seed: seed)
    var rng = SplitMix64(seed: seed)
    let shuffled = corpus.lines.shuffled(using: &rng)
    let options = ReferenceOptions()
    let a = referenceDetections(lines: corpus.lines, options: options)
    let b = referenceDetections(lines: shuffled, options: options)
    #expect(a.detections == b.detections)
    #expect(a.duplicates == b.duplicates)
    #expect(a.observations == b.observations)
    #expect(a.rejected == b.rejected)
  }
}
