import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Millions of tiny records on one line. Only a few of them are in memory at a time.
@Suite struct TinyRecordTests {
  private static let lineBytesMax = 100_000
  /// The bound on records in memory: far fewer than the text has, and more than one step may find.
  private static let recordsAtOnceMax = 20_000

  /// Assembles the lines of a text that arrives in parts of the given size.
  ///
  /// - Returns: The number of records that each call gives.
  private func batches(_ text: [UInt8], partBytes: Int, isLines: Bool = false) -> [Int] {
    let lineAssembler = LineAssembler(lineBytesMax: Self.lineBytesMax)
    var counts: [Int] = []
    func take(_ joined: LineAssembler.Batch) {
      counts.append(joined.lines.count)
      var hasMore = joined.hasMore
      while hasMore {
        let more = lineAssembler.nextBatch()
        counts.append(more.lines.count)
        hasMore = more.hasMore
      }
    }
    let starts = Array(stride(from: 0, to: text.count, by: partBytes))
    for (sequence, start) in starts.enumerated() {
      let bytes = Array(text[start..<min(start + partBytes, text.count)])
      let part = LineAssembler.LocatedBytes(
        bytes: bytes, offsets: OffsetMap(blocks: [(start: 0, fileOffset: start)], isText: true))
      take(lineAssembler.join(sequence: sequence, [isLines ? .fragmentLines(part) : .partialLine(part)]))
    }
    lineAssembler.finish(rangeCount: starts.count, endsInHole: false)
    take(lineAssembler.remainingBatch())
    #expect(lineAssembler.isFlushed)
    return counts
  }

  @Test(arguments: [1000, 100_001, 500_000, 2_000_000]) func aLongLineIsGivenOutInBatches(partBytes: Int) {
    let count = TestScale.count(1_000_000, atLeast: 200_000)
    let batches = batches([UInt8]((0..<count).lazy.flatMap { _ in "{}".utf8 }), partBytes: partBytes)
    #expect(batches.reduce(0, +) == count)
    #expect((batches.max() ?? 0) <= Self.recordsAtOnceMax)
  }

  @Test func manyTinyLinesAreGivenOutInBatches() {
    let count = TestScale.count(200_000, atLeast: 100_000)
    let batches = batches(
      [UInt8]((0..<count).lazy.flatMap { _ in "{},\n".utf8 }), partBytes: 400_000, isLines: true)
    #expect(batches.reduce(0, +) == count)
    #expect((batches.max() ?? 0) <= Self.recordsAtOnceMax)
  }

  @Test func recordsOfOneLineHaveNoTimesOfTheirOwn() throws {
    let folder = TemporaryFolder()
    let text = (0..<5000).flatMap { shortLine($0) }
    var options = ScanOptions(paths: [folder.write("a.json", text)])
    options.threads = 1
    options.limits.lineBytesMax = 1000
    options.tuning.rangeBytesTarget = 1 << 16
    let scan = try WorkerOutputs(
      ArchiveListing(paths: options.paths), ScanPlan(options), options, key: HashKey(seed: 1))
    let totals = scan.totals(ScanPlan(options))
    #expect(totals.records.count == 5000)
    #expect(totals.times.files[0]?.zones.isEmpty == true)
    #expect(totals.times.files[0]?.span != nil)
  }
}
