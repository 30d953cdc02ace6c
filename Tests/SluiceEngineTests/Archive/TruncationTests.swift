import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Small archives, cut at every byte.
@Suite struct TruncationTests {
  struct Archive {
    /// The frames, including skippable ones, with the text that each holds.
    var parts: [(bytes: [UInt8], text: [UInt8])]

    var bytes: [UInt8] { parts.flatMap(\.bytes) }
    var borders: [Int] { parts.reduce(into: [0]) { $0.append($0.last! + $1.bytes.count) } }
  }

  /// Returns frames of every kind over the given parts of a text.
  private static func archive(_ texts: [[UInt8]]) -> Archive {
    var compressed = FrameBuilder(blocks: [Array(texts[1].prefix(90)), Array(texts[1].dropFirst(90))])
    compressed.isStored = false
    compressed.hasBlockChecksums = false
    compressed.contentBytes = UInt64(texts[1].count)
    var bare = FrameBuilder(blocks: [texts[2]])
    bare.hasBlockChecksums = false
    bare.hasContentChecksum = false
    return Archive(parts: [
      (FrameBuilder(blocks: [Array(texts[0].prefix(70)), Array(texts[0].dropFirst(70))]).bytes, texts[0]),
      (FrameBuilder.skippable(size: 9), []), (compressed.bytes, texts[1]), (bare.bytes, texts[2]),
    ])
  }

  private static let wholeLines = archive([shortText(0..<2), shortText(2..<4), shortText(4..<6)])
  private static let brokenLines = {
    let text = shortText(0..<6)
    return archive([Array(text[..<250]), Array(text[250..<520]), Array(text[520...])])
  }()

  private func check(_ archive: Archive, _ count: Int) -> (stats: RunStats, wholeLines: Int) {
    let stats = scanned(Array(archive.bytes.prefix(count))) { $0.rules = [.accountsLockedOut] }.stats
    #expect(stats.records.count == stats.records.events + stats.records.rejectedCount, "cut at \(count)")
    #expect(stats.input.bytesCompressed == count, "cut at \(count)")
    let isWhole = count > 0 && archive.borders.contains(count)
    #expect(stats.isComplete == isWhole, "cut at \(count): \(stats.problems)")
    #expect(stats.problems.isEmpty == archive.borders.contains(count), "cut at \(count)")
    // Intact frames before the cut still count.
    let intact = zip(archive.parts, archive.borders.dropFirst()).filter { $0.1 <= count }.flatMap(\.0.text)
    return (stats, intact.count { $0 == UInt8(ascii: "\n") })
  }

  @Test func aFileCutAtAnyByteKeepsItsWholeLines() {
    for count in TestScale.some(0..<Self.wholeLines.bytes.count + 1) {
      let (stats, wholeLines) = check(Self.wholeLines, count)
      #expect((wholeLines...6).contains(stats.records.events), "cut at \(count)")
      if Self.wholeLines.borders.contains(count) { #expect(stats.records.events == wholeLines) }
    }
  }

  /// If frames end within lines, the rest of a cut line is no event.
  @Test func aFileCutAtAnyByteCountsNoHalfLineAcrossFrames() {
    for count in TestScale.some(0..<Self.brokenLines.bytes.count)
    where !Self.brokenLines.borders.contains(count) {
      let (stats, wholeLines) = check(Self.brokenLines, count)
      #expect(stats.records.events >= wholeLines, "cut at \(count)")
      // At most the whole lines of the cut frame are read in addition.
      let bytes = stats.input.bytesDecompressed
      let linesMax = shortText(0..<6).prefix(bytes + 1).count { $0 == UInt8(ascii: "\n") }
      #expect(stats.records.events <= linesMax, "cut at \(count): half a line counts as an event")
    }
  }

  /// A file that begins with a skippable frame and is cut in its magic number.
  @Test func aFileCutInItsFirstMagicNumberIsIncomplete() {
    for count in 1...3 {
      let stats = scanned(Array(FrameBuilder.skippable(size: 9).prefix(count))).stats
      #expect(!stats.isComplete, "cut at \(count)")
      #expect(stats.records.events == 0, "cut at \(count)")
    }
  }
}
