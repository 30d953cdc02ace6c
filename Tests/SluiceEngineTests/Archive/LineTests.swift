import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Lines of all kinds: blank, long, unterminated, with byte order marks before and after them.
@Suite struct LineTests {
  private static let targets = [1, 3, 50, 1 << 20]
  private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// Returns the statistics, which must be the same for every range size and every SIMD target.
  private func stats(_ text: [UInt8], lineBytesMax: Int = 16 << 20, isStrict: Bool = false) -> RunStats {
    let all = Self.targets.flatMap { target in
      SIMDTarget.allCases.filter(\.isSupported).map { simdTarget in
        scanned(text, named: "a.json") {
          $0.rules = [.accountsLockedOut]
          $0.isStrict = isStrict
          $0.limits.lineBytesMax = lineBytesMax
          $0.tuning.rangeBytesTarget = target
          $0.tuning.simdTarget = simdTarget.rawValue
        }.stats
      }
    }
    func summary(_ stats: RunStats) -> String {
      // How many lines are sampled beside unrecognised ones depends on the ranges of plain text.
      let problems = stats.problems.map {
        "\($0.offset) \($0.reason) \($0.reason == "unrecognised" ? "" : $0.message)"
      }
      return
        "\(stats.records.lines) \(stats.records.blankLines) \(stats.records.count) \(stats.records.events) \(stats.candidates) "
        + "\(stats.records.rejected.sorted { $0.key < $1.key }) \(problems)"
    }
    let summaries = Set(all.map(summary))
    #expect(summaries.count == 1, "the statistics depend on the range size or the kernel: \(summaries)")
    return all[0]
  }

  @Test func theLastLineNeedsNoNewline() {
    let stats = stats(Array(shortText(0..<3).dropLast()))
    #expect(stats.records.lines == 3)
    #expect(stats.records.events == 3)
    #expect(stats.observations[0].count == 2)
  }

  @Test(arguments: ["", " ", "\t", "\r", " \t\r \r"])
  func blankLinesAreCountedAndAreNoRecords(blank: String) {
    let text = Array("\(blank)\n\n".utf8) + shortText(0..<2) + Array("\(blank)\n".utf8) + shortText(2..<3)
    let stats = stats(text + Array(blank.utf8))
    #expect(stats.records.blankLines == 3 + (blank.isEmpty ? 0 : 1))
    #expect(stats.records.lines == stats.records.blankLines + 3)
    #expect(stats.records.count == 3)
    #expect(stats.records.events == 3)
    #expect(stats.isComplete)
  }

  @Test func linesMayEndInCarriageReturnAndNewline() {
    let text = (0..<4).flatMap { shortLine($0) + Array("\r\n".utf8) }
    let stats = stats(text + Array("\r\n".utf8))
    #expect(stats.records.lines == 5)
    #expect(stats.records.blankLines == 1)
    #expect(stats.records.events == 4)
    #expect(stats.observations[0].count == 4)
    #expect(stats.isComplete)
  }

  @Test func aByteOrderMarkAtTheStartOfAFileIsIgnored() {
    for newline in ["\n", "\r\n"] {
      let text = Self.mark + shortLine(0) + Array(newline.utf8) + shortLine(1) + Array(newline.utf8)
      let stats = stats(text)
      #expect(stats.records.events == 2)
      #expect(stats.observations[0].count == 2)
      #expect(stats.isComplete)
      let compressed = scanned(FrameBuilder(blocks: [Array(text[..<2]), Array(text[2...])]).bytes).stats
      #expect(compressed.records.events == 2)
      #expect(compressed.observations[0].count == 2)
      #expect(compressed.isComplete)
    }
    let blank = stats(Self.mark + Array("\n".utf8) + shortText(0..<1))
    #expect(blank.records.blankLines == 1)
    #expect(blank.records.events == 1)
    #expect(blank.isComplete)
  }

  @Test func byteOrderMarkElsewhereIsNoPartOfAnEvent() {
    let stats = stats(shortLine(0) + Array("\n".utf8) + Self.mark + shortLine(1) + Array("\n".utf8))
    #expect(stats.records.events == 1)
    #expect(stats.records.rejectedCount == 1)
    #expect(!stats.isComplete)
  }

  /// A line of exactly the limit is read, and one byte more is rejected, whether a rule matches it or not.
  @Test(arguments: [true, false]) func aLineIsReadUpToTheLimitExactly(isLock: Bool) {
    let line = shortLine(0, isLock: isLock)
    for (limit, events) in [(line.count, 3), (line.count - 1, 0)] {
      let text = (0..<3).flatMap { _ in line + Array("\n".utf8) }
      let stats = stats(text, lineBytesMax: limit)
      #expect(stats.records.events == events)
      #expect(stats.records.count == 3)
      #expect(stats.records.rejected == (events == 3 ? [:] : ["line-length": 3]))
      #expect(stats.problems.map(\.offset) == (events == 3 ? [] : [0, line.count + 1, 2 * line.count + 2]))
    }
  }

  @Test func aLongLineAcrossManyRangesCostsOnlyItself() {
    let long = [UInt8](repeating: UInt8(ascii: "x"), count: 5000)
    let stats = stats(shortText(0..<2) + long + Array("\n".utf8) + shortText(2..<4), lineBytesMax: 200)
    #expect(stats.records.events == 4)
    #expect(stats.records.rejected == ["line-length": 1])
    let last = self.stats(shortText(0..<2) + long, lineBytesMax: 200)
    #expect(last.records.events == 2)
    #expect(last.records.rejected == ["line-length": 1])
  }

  /// A long line of white space is counted alike by both scans.
  @Test(arguments: [201, 202, 300]) func aLongBlankLineCountsTheSameInAStrictScan(count: Int) {
    let blank = [UInt8](repeating: 0x20, count: count)
    let text = shortText(0..<1) + blank + Array("\n".utf8) + shortText(1..<2)
    let quick = stats(text, lineBytesMax: 200)
    let strict = stats(text, lineBytesMax: 200, isStrict: true)
    #expect(quick.records.blankLines == strict.records.blankLines)
    #expect(quick.records.rejected == strict.records.rejected)
  }

  @Test(arguments: [
    (#"{"eventType":"user.account.lock","uuid":"u""#, "json"),
    (#"{"eventType":"user.account.lock","uuid":"u"}}"#, "trailing"),
    (#"["user.account.lock"]"#, "not-an-object"), (#""user.account.lock""#, "not-an-object"),
    (#"{"eventType":"user.account.lock","uuid":"u"} x"#, "trailing"),
    (#"{"eventType":"user.account.lock","uuid":"u","a":01}"#, "json"),
    (#"{"eventType":"user.account.lock","uuid":"u","a":tru}"#, "json"),
    (#"{"eventType":"user.account.lock","uuid":"u","a":"\x"}"#, "json"),
    ("{\"eventType\":\"user.account.lock\",\"uuid\":\"u\",\"a\":\"\u{1}\"}", "json"),
    (#"{"\u0065ventType":"#, "json"),
  ])
  func candidatesThatAreNoEventAreRejectedByReason(line: String, reason: String) {
    let stats = stats(shortText(0..<1) + Array("\(line)\n".utf8) + shortText(1..<2))
    #expect(stats.records.events == 2)
    #expect(stats.records.rejected == [Reason.Word(reason): 1])
    #expect(!stats.isComplete)
    #expect(stats.problems.map(\.offset) == [shortText(0..<1).count])
  }

  /// A line that is no event is rejected, with `--strict` for the parser's reason.
  @Test func linesThatAreNoEventAreRejectedStrictOrNot() {
    let text = Array("no JSON\n[1]\n".utf8) + shortText(0..<2)
    // Lines that may be part of a page are all sampled.
    #expect(stats(text).records.events == 2)
    #expect(stats(text).records.rejected == ["unrecognised": 2])
    let strict = stats(text, isStrict: true)
    #expect(strict.records.events == 2)
    #expect(strict.records.rejectedCount == 2)
    #expect(!strict.isComplete)
  }

  @Test func invalidUTF8InACandidateIsRejected() {
    let bad =
      Array(#"{"eventType":"user.account.lock","uuid":"u","x":""#.utf8) + [0xC3, 0x28] + Array("\"}\n".utf8)
    let stats = stats(bad + shortText(0..<2))
    #expect(stats.records.events == 2)
    #expect(stats.records.rejectedCount == 1)
  }
}
