import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Limits on the resources that an archive may demand. `LineTests` cover the limit of lines.
@Suite struct LimitTests {
  @Test func framesWithLargerBlocksAreNamedAndTheRestIsRead() throws {
    let text = shortText(0..<4)
    // The text is long because writers state blocks no larger than the text needs.
    let long = shortText(0..<10_000)
    let large = try #require(LZ4Forms.all.first { $0.name.hasPrefix("4M, independent") }).encode(long)
    let small = FrameBuilder(blocks: [text]).bytes
    for (limit, isUsed) in [(64 << 10, false), (4 << 20 - 1, false), (4 << 20, true)] {
      let stats = scanned(small + large + small) { $0.limits.blockBytesMax = limit }.stats
      #expect(stats.isComplete == isUsed)
      #expect(stats.records.events == (isUsed ? 10_008 : 8))
      #expect(stats.problems.map(\.offset) == (isUsed ? [] : [small.count]))
      #expect(stats.reasons == (isUsed ? [] : ["block-size"]))
    }
    let legacy = try #require(LZ4Forms.all.first { $0.name == "legacy frame" }).encode(text)
    #expect(scanned(legacy) { $0.limits.blockBytesMax = 4 << 20 }.stats.reasons == ["block-size"])
  }

  @Test(arguments: [1, 2, 63, 64, 65, 1024, 100_000]) func nestingIsAllowedUpToTheLimit(limit: Int) {
    func stats(_ levels: Int) -> RunStats {
      // The event itself is the first level.
      let line =
        #"{"eventType":"user.account.lock","published":"2026-01-05T10:00:00Z","x":"#
        + String(repeating: "[", count: levels - 1) + "1" + String(repeating: "]", count: levels - 1) + "}\n"
      return scanned(Array(line.utf8), named: "a.json") { $0.limits.nestingMax = limit }.stats
    }
    #expect(stats(limit).isComplete)
    #expect(stats(limit).observations.map(\.count).max() == 1)
    #expect(stats(limit + 1).records.rejected == ["depth": 1])
    #expect(!stats(limit + 1).isComplete)
  }

  /// The limit is exact to the byte, for any number of threads.
  @Test(arguments: [1, 4]) func theTotalLimitIsExactToTheByte(threads: Int) throws {
    let folder = TemporaryFolder()
    for number in 0..<5 {
      folder.write("\(number).lz4", FrameBuilder(blocks: [shortText(0..<9), shortText(0..<9)]).bytes)
    }
    folder.write("text", shortText(0..<9))
    var options = ScanOptions(paths: [folder.path])
    options.threads = threads
    options.tuning.rangeBytesTarget = 1
    options.limits.totalBytesMax = 11 * shortText(0..<9).count
    #expect(try Scan(options).run().stats.records.events == 99)
    options.limits.totalBytesMax -= 1
    #expect(throws: ScanError.self) { try Scan(options).run() }
  }
}
