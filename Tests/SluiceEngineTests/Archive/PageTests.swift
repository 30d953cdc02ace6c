import SluiceRecords
import SluiceReport
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Events over several lines. They give the same result as on one line each, whatever is around them and however the
/// ranges are cut.
@Suite struct PageTests {
  private static func ndjson(_ detections: [Detection]) -> [String] {
    detections.map { String(decoding: $0.withoutFiles.ndjson, as: UTF8.self) }
  }

  /// Returns everything that must not depend on the run.
  private static func text(_ result: ScanResult) -> [String] {
    var stats = result.stats
    stats.run = RunStats.Resources(threads: 0, shards: 0, wallSeconds: 0, cpuSeconds: 0, peakRSSBytes: 0)
    return ndjson(result.detections) + [String(decoding: stats.json, as: UTF8.self)]
  }

  @Test(arguments: publishedCases) func publishedCasesGiveTheSameInEveryPageForm(_ row: PublishedCase) {
    // The forms accept only valid events.
    let events = row.lines.filter { line in
      var reader = EventReader()
      return withBytes(line) { reader.isOneObject($0) }
    }
    let expected = scanned(events.joinedLines(), named: "a.json")
    for form in TestScale.some(PageForm.all, every: 7) {
      let found = scanned(form.write(events), named: "a.json") {
        $0.tuning.rangeBytesTarget = 700
        $0.tuning.shardCount = 1
      }
      #expect(Self.ndjson(found.detections) == Self.ndjson(expected.detections), "\(form)")
      #expect(found.stats.records.count == events.count, "\(form)")
      #expect(
        Self.named(found.stats.records.rejected) == Self.named(expected.stats.records.rejected), "\(form)")
    }
  }

  @Test(arguments: PageForm.all) func pagesAmongOtherLinesGiveTheSameDetections(form: PageForm) throws {
    for seed in TestScale.seeds(4) {
      let events = RandomCorpus(seed: seed).lines
      let expected = scanned(events.joinedLines(), named: "a.json")
      let others = PageForm.all[Int(seed) * 3 % PageForm.all.count]
      func part(_ from: Int, _ to: Int) -> [[UInt8]] {
        Array(events[events.count * from / 6..<events.count * to / 6])
      }
      var text = part(0, 1).joinedLines()
      text += form.write(part(1, 2))
      text += form.write(part(2, 3))
      text += part(3, 4).joinedLines()
      text += others.write(part(4, 6))
      text += Array(" \n".utf8)
      let archive = try #require(archiveForms.first { $0.name == "blocks of 333 bytes, all checksums" })
      for (threads, target, isCompressed) in [
        (1, 1 << 20, false), (3, 50, false), (4, 1000, true), (2, 20_000, true),
      ] {
        let found = scanned(isCompressed ? archive.encode(text) : text) {
          $0.threads = threads
          $0.tuning.rangeBytesTarget = target
          $0.isStrict = threads == 2
        }
        #expect(Self.ndjson(found.detections) == Self.ndjson(expected.detections), "seed \(seed)")
        let stats = found.stats
        #expect(stats.records.count == events.count, "seed \(seed)")
        #expect(
          Self.named(stats.records.rejected) == Self.named(expected.stats.records.rejected), "seed \(seed)")
      }
    }
  }

  /// Returns the reasons without unrecognised records, whose samples depend on where lines begin.
  private static func named(_ rejected: [Reason.Word: Int]) -> [Reason.Word: Int] {
    rejected.filter { $0.key != "unrecognised" }
  }

  /// An event that no rule matches is counted on the line where it begins.
  @Test func eventsAreCountedOnTheLinesWhereTheyBegin() {
    let event = #""eventType":"a","uuid":"1","published":"2026-01-05T10:00:00Z""#
    let text = """
      {\(event)}
      [
        {
          "a": "]}", \(event),

          "b": {}
        }, {\(event), "a": 3},
        {\(event)}
      ]
      {\(event)}
      {
      \(event), "a":[{"b":1}]
      }{
      \(event)}

      """
    for target in [1, 2, 3, 5, 8, 13, 21, 1000] {
      let stats = scanned(Array(text.utf8), named: "a.json") { $0.tuning.rangeBytesTarget = target }.stats
      #expect(stats.isComplete)
      #expect(stats.records.events == 7)
      #expect(stats.records.count == 7)
      #expect(stats.records.lines == 14)
      #expect(stats.records.blankLines == 1)
      #expect(stats.records.linesWithoutRecord == 6)
      #expect(stats.records.recordsBeyondLines == 0)
    }
  }

  /// Elements that are no objects are rejected, once for each line.
  @Test func elementsThatAreNoObjectsAreRejectedOnceALine() {
    let event = #"{"eventType":"a","uuid":"1","published":"2026-01-05T10:00:00Z"}"#
    let text = "[\n\(event),\n5,\n\(event),\n\"x\" 6 7,\n\(event)\n]\n"
    let stats = scanned(Array(text.utf8), named: "a.json").stats
    #expect(stats.records.events == 3)
    #expect(stats.records.rejected == ["page": 2])
    let line = event.utf8.count + 2
    #expect(stats.problems.map(\.offset) == [2 + line, 2 + line + 3 + line])
  }

  @Test func aLoneBracketCostsItself() {
    for bracket in ["[", "{"] {
      let text = Array("\(bracket)\n".utf8) + shortText(0..<7)
      let stats = scanned(text, named: "a.json").stats
      // The bracket is a page, or an event, that does not end.
      #expect(stats.records.events == 7)
      #expect(stats.records.rejected == ["cut": 1])
    }
  }

  @Test func anEventThatDoesNotEndIsRejectedAsCut() {
    let pretty = PageForm.all[7].write([shortLine(0), shortLine(2)])
    let stats = scanned(pretty.dropLast(3) + [], named: "a.json").stats
    #expect(stats.records.events == 1)
    #expect(stats.records.rejected == ["cut": 1])
    #expect(!stats.isComplete)
  }

  /// A record beyond the limit costs only itself, on one line or on several.
  @Test func aRecordBeyondTheLimitCostsItself() {
    var events = (0..<6).map { shortLine($0) }
    let long = Array(
      #"{"eventType":"user.account.lock","uuid":"u","x":"\#(String(repeating: "x{[\\\"", count: 200))"}"#.utf8
    )
    events.insert(long, at: 3)
    for form in PageForm.all {
      for target in [1, 30, 1 << 20] {
        let stats = scanned(form.write(events), named: "a.json") {
          $0.limits.lineBytesMax = 500
          $0.tuning.rangeBytesTarget = target
        }.stats
        #expect(stats.records.events == 6, "\(form), ranges of \(target)")
        #expect(stats.records.rejected == ["line-length": 1], "\(form), ranges of \(target)")
      }
    }
  }
}
