import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Lines longer than the limit of a record, whose records are extracted one after the other.
@Suite struct LongLineTests {
  private static let targets = [1, 7, 64, 1000, 1 << 20]

  private func stats(_ text: [UInt8], lineBytesMax: Int = 200) -> RunStats {
    let all = Self.targets.map { target in
      scanned(text, named: "a.json") {
        $0.limits.lineBytesMax = lineBytesMax
        $0.tuning.rangeBytesTarget = target
      }.stats
    }
    func summary(_ stats: RunStats) -> String {
      let problems = stats.problems.map { "\($0.offset) \($0.reason) \($0.message)" }
      let records = stats.records
      return """
        \(records.lines) \(records.events) \(records.rejectedByReason) \(records.recordsBeyondLines) \(problems)
        """
    }
    #expect(Set(all.map(summary)).count == 1, "the statistics depend on the range size: \(all.map(summary))")
    return all[0]
  }

  private func joined(_ numbers: Range<Int>, _ separator: String = "") -> [UInt8] {
    Array(numbers.map { shortLine($0) }.joined(separator: Array(separator.utf8)))
  }

  @Test(arguments: ["", " ", ",", ", "]) func objectsJoinedOnALineAreAllRead(separator: String) {
    for (open, close) in [("", "\n"), ("[", "]\n"), ("", "")] {
      let stats = stats(Array(open.utf8) + joined(0..<20, separator) + Array(close.utf8))
      #expect(stats.records.events == 20)
      #expect(stats.isComplete)
      #expect(stats.observations.map(\.count).max() == 20)
      #expect(stats.records.lines == 1)
      #expect(stats.records.recordsBeyondLines == 19)
    }
  }

  /// Only damaged records are lost, although no newline ends the line.
  @Test func damageInALongLineCostsAtMostTwoEvents() {
    let text = joined(0..<20)
    let event = shortLine(0).count
    for at in TestScale.some(3 * event + 1..<4 * event) {
      for byte: UInt8? in [nil, UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "}")] {
        var damaged = text
        if let byte { damaged.insert(byte, at: at) } else { damaged.remove(at: at) }
        let stats = scanned(damaged, named: "a.json") {
          $0.limits.lineBytesMax = 200
          $0.tuning.rangeBytesTarget = 64
        }.stats
        #expect(
          (stats.observations.map(\.count).max() ?? 0) >= 18,
          "byte \(at), \(byte ?? 0): \(stats.records.rejected)")
      }
    }
  }

  @Test func aRecordBeyondTheLimitCostsItself() {
    let long = Array(#"{"x":"\#(String(repeating: "}{", count: 300))"}"#.utf8)
    let stats = stats(joined(0..<5) + long + joined(5..<9) + Array("\n".utf8) + shortText(9..<10))
    #expect(stats.records.events == 10)
    #expect(stats.records.rejected == ["line-length": 1])
    #expect(stats.problems.map(\.offset) == [5 * shortLine(0).count])
  }

  @Test func garbageInALongLineIsRejectedOnce() {
    let garbage = [UInt8](repeating: UInt8(ascii: "x"), count: 300)
    let first = stats(garbage + joined(0..<3) + Array("\n".utf8) + shortText(3..<4))
    #expect(first.records.events == 3)
    #expect(first.records.rejected == ["line-length": 1])
    let last = stats(joined(0..<3) + garbage + Array("\n".utf8) + shortText(3..<4))
    #expect(last.records.events == 4)
    #expect(last.records.rejected == ["page": 1])
  }

  /// 40 MB on one line, or 2 MB in a small run, where a line may have 1 MiB.
  @Test func aLineOfFortyMegabytesIsRead() {
    let count = TestScale.count(40_000_000) / shortLine(0).count
    let text = [UInt8]((0..<count).lazy.map { _ in shortLine(0) }.joined())
    let result = scanned(LZ4Forms.linkedFrame(text)) {
      $0.limits.lineBytesMax = 1 << 20
      $0.threads = 2
      $0.keepsDuplicates = true
    }
    #expect(result.stats.records.events == count)
    #expect(result.stats.records.lines == 1)
    #expect(result.stats.isComplete)
    #expect(result.stats.observations.map(\.count).max() == count)
  }
}
