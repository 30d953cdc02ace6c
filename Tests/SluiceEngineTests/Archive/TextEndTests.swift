import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Bytes in or after the text of a text file that are no text. Compressed lines are read, and other bytes are
/// reported.
@Suite struct TextEndTests {
  private func stats(_ bytes: [UInt8], rangeBytes: Int = 1 << 20) -> RunStats {
    let stats = scanned(bytes, named: "a.ndjson") { $0.tuning.rangeBytesTarget = rangeBytes }.stats
    if stats.input.bytesCompressed != bytes.count { Issue.record("bytes are not accounted for") }
    if stats.records.count != stats.records.events + stats.records.rejectedCount {
      Issue.record("records are missing")
    }
    return stats
  }

  /// Returns the inspection of the same bytes.
  private func inspected(_ bytes: [UInt8]) throws -> Inspection {
    let folder = TemporaryFolder()
    folder.write("a.ndjson", bytes)
    return try Inspection(InspectOptions(paths: [folder.path]))
  }

  /// Compressed content follows where the text is cut in two, within a line in some forms.
  @Test(arguments: TextForms.all.map(\.name)) func compressedLinesAfterTextAreRead(name: String) throws {
    let form = try #require(TextForms.all.first { $0.name == name })
    let bytes = form.encode(shortText(0..<10))
    for rangeBytes in TestScale.some(Array(1...40) + [1 << 20]) {
      let stats = stats(bytes, rangeBytes: rangeBytes)
      #expect(stats.records.events == 10, "ranges of \(rangeBytes)")
      #expect(stats.isComplete, "ranges of \(rangeBytes): \(stats.problems)")
    }
  }

  @Test func gzipAfterWholeLinesIsRead() {
    let stats = stats(shortText(0..<4) + StreamForms.member(shortText(4..<9)))
    #expect(stats.records.events == 9)
    #expect(stats.input.framesVerified == 1)
    #expect(stats.isComplete)
  }

  @Test func inspectCallsTextAndGzipMixed() throws {
    let inspection = try inspected(shortText(0..<4) + StreamForms.member(shortText(4..<9)))
    #expect(inspection.total.records.events == 9)
    #expect(inspection.total.input.codecs.name == "mixed")
    #expect(inspection.total.input.codecs.gzip == 1)
    #expect(inspection.isComplete)
  }

  /// Cuts the member at every byte from its second on.
  @Test func gzipThatIsCutIsNamed() {
    let text = shortText(0..<2)
    let member = StreamForms.member(shortText(2..<5))
    for count in TestScale.some(2..<member.count) {
      for rangeBytes in [1, 1 << 20] {
        let stats = stats(text + member[..<count], rangeBytes: rangeBytes)
        // A cut within a line is reported for that line too.
        #expect(stats.reasons.filter { $0 != "cut" } == ["truncated"], "cut at \(count)")
        #expect(stats.problems.map(\.offset).allSatisfy { $0 >= text.count }, "cut at \(count)")
      }
    }
  }

  @Test(arguments: [1, 2, 3, 31, 32, 33, 512, 300_000]) func zerosAfterTextAreNamed(count: Int) throws {
    let text = shortText(0..<4)
    let bytes = text + [UInt8](repeating: 0, count: count)
    let amount = count == 1 ? "1 byte" : "\(count) bytes"
    for rangeBytes in [1, 7, 1 << 20] {
      let stats = stats(bytes, rangeBytes: rangeBytes)
      #expect(stats.records.events == 4)
      #expect(stats.records.count == 4)
      #expect(stats.reasons == ["zeros"])
      #expect(stats.problems.map(\.offset) == [text.count])
      #expect(stats.problems.first?.message.hasSuffix(": \(amount)") == true)
      #expect(!stats.isComplete)
    }
    #expect(try inspected(bytes).problems.map(\.reason) == ["zeros"])
  }

  @Test func zerosBetweenLinesCostNoLine() {
    let text = shortText(0..<4)
    let bytes = text + [UInt8](repeating: 0, count: 4096) + shortText(4..<9)
    for rangeBytes in [1, 100, 1 << 20] {
      let stats = stats(bytes, rangeBytes: rangeBytes)
      #expect(stats.records.events == 9)
      #expect(stats.reasons == ["zeros"])
      #expect(stats.problems.map(\.offset) == [text.count])
    }
  }

  /// A crash leaves such a file: the line being written ends in zeros, and the lines of the next run follow.
  @Test func zerosWithinALineCostItAlone() {
    let text = shortText(0..<4)
    let bytes = text + shortLine(4)[..<60] + [UInt8](repeating: 0, count: 500) + shortText(5..<9)
    for rangeBytes in [1, 100, 1 << 20] {
      let stats = stats(bytes, rangeBytes: rangeBytes)
      #expect(stats.records.events == 8)
      #expect(stats.records.rejected == ["cut": 1])
      #expect(stats.problems.map(\.reason).sorted() == ["cut", "zeros"])
    }
  }

  /// Between zeros, no byte proves that a line is whole.
  @Test func recordsThatEndInAZeroAreNamed() {
    let bytes = (0..<5).flatMap { (number: Int) -> [UInt8] in shortLine(number) + [0] }
    let stats = stats(bytes)
    #expect(stats.records.count == 5)
    #expect(stats.records.rejected == ["cut": 4])
    #expect(stats.reasons.filter { $0 == "zeros" }.count == 5)
  }

  @Test func gzipAfterZerosIsRead() {
    let text = shortText(0..<2) + [UInt8](repeating: 0, count: 100)
    for rangeBytes in [1, 1 << 20] {
      let stats = stats(text + StreamForms.member(shortText(2..<5)), rangeBytes: rangeBytes)
      #expect(stats.records.events == 5)
      #expect(stats.reasons == ["zeros"])
    }
  }

  /// Text in another encoding is reported as one problem, not as one for each letter.
  @Test func utf16AfterTextIsNamedOnce() {
    let utf16 = shortText(4..<9).flatMap { (byte: UInt8) -> [UInt8] in [byte, 0] }
    for rangeBytes in [1, 100, 1 << 20] {
      let stats = stats(shortText(0..<4) + utf16 + shortText(9..<11), rangeBytes: rangeBytes)
      #expect(stats.reasons.filter { $0 == "zeros" }.count == 1)
      #expect(stats.records.events >= 5)
    }
  }

  @Test func lettersOfOtherEncodingsEndNoText() {
    // A Latin-1 letter that is also the last byte of zstd's magic number, and others of the magic numbers of LZ4 and
    // gzip.
    let line = shortLine(0) + [0xFD, 0x18, 0x1F, 0x8B, 0x2F, 0xFD, 0x4D, 0x18, 0x0A]
    for rangeBytes in [1, 1 << 20] {
      let stats = stats(line + shortText(1..<4), rangeBytes: rangeBytes)
      #expect(stats.input.frames == 0)
      #expect(stats.records.lines == 4)
    }
  }
}
