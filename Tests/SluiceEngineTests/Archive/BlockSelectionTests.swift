import Testing

@testable import SluiceEngine

/// Decisions about blocks, one after the other, with the decoded bytes that they need.
@Suite struct BlockSelectionTests {
  private func decisions(_ selection: inout some BlockSelection, at offsets: Int...) -> [BlockDecision] {
    offsets.map { selection.decision(at: $0) }
  }

  private func note(
    _ text: String, at offset: Int, isText: Bool = false, _ selection: inout some BlockSelection
  ) {
    withBytes(Array(text.utf8)) { bytes in
      let segment = DecodedSegment(
        memory: isText ? .input : .output, bytes: 0..<bytes.count, blocks: [(start: 0, fileOffset: offset)],
        isText: isText)
      selection.noteDecoded(bytes, of: segment)
    }
  }

  // MARK: Splits

  @Test func aSplitThatSkipsNothingHasNoHead() {
    var split = FileSplit(0..<100)
    #expect(decisions(&split, at: 15, 60) == [.decode, .decode])
    #expect(!split.needsDecodedBytes)
  }

  @Test func aSplitBeginsAfterItsFirstNewline() {
    var split = FileSplit(50..<100)
    #expect(decisions(&split, at: 15, 40, 60) == [.skip, .skip, .decode])
    #expect(split.edge == .head)
    note("the end of a long", at: 60, &split)
    #expect(decisions(&split, at: 70) == [.decode])
    #expect(split.edge == .head)
    note(" line\n", at: 70, &split)
    #expect(decisions(&split, at: 80) == [.decode])
    #expect(split.edge == nil)
  }

  /// A split reads on even if its last block ends with a newline, because the next split omits its first line.
  @Test func aSplitEndsAfterTheFirstNewlineAfterIt() {
    var split = FileSplit(0..<100)
    #expect(decisions(&split, at: 15, 100, 100) == [.decode, .decode, .decode])
    #expect(split.edge == .tail)
    note("no newline", at: 100, &split)
    #expect(split.next(from: 120) == 120)
    #expect(decisions(&split, at: 120) == [.decode])
    note("of it\nof the next", at: 120, &split)
    #expect(split.next(from: 140) == nil)
    #expect(decisions(&split, at: 140) == [.end])
  }

  @Test func aSplitInWhichNoLineBeginsIsEmpty() {
    var between = FileSplit(50..<55)
    #expect(decisions(&between, at: 15, 60) == [.skip, .end])
    var inLine = FileSplit(50..<55)
    #expect(decisions(&inLine, at: 15, 52) == [.skip, .decode])
    note("no newline", at: 52, &inLine)
    #expect(decisions(&inLine, at: 60) == [.end])
  }

  @Test func damageEndsTheLineAtAnEdge() {
    var split = FileSplit(50..<100)
    #expect(decisions(&split, at: 15, 60) == [.skip, .decode])
    split.noteDamage()
    #expect(split.edge == nil)
    #expect(decisions(&split, at: 100) == [.decode])
    split.noteDamage()
    #expect(split.next(from: 120) == nil)
  }

  // MARK: Evidence

  @Test func onlyNamedBlocksAreDecoded() {
    var named = EvidenceBlocks([90, 20])
    #expect(decisions(&named, at: 7, 20) == [.skip, .decode])
    note("a line\n", at: 20, &named)
    #expect(named.next(from: 50) == 90)
    #expect(decisions(&named, at: 50, 90) == [.skip, .decode])
    note("a line\n", at: 90, &named)
    #expect(named.next(from: 120) == nil)
    #expect(decisions(&named, at: 120) == [.end])
  }

  @Test func aLineOfANamedBlockIsReadToItsEnd() {
    var named = EvidenceBlocks([20])
    #expect(decisions(&named, at: 20) == [.decode])
    note("a line\nand half", at: 20, &named)
    #expect(decisions(&named, at: 50) == [.decode])
    note(" of", at: 50, &named)
    #expect(decisions(&named, at: 80) == [.decode])
    note(" it\nand more", at: 80, &named)
    #expect(decisions(&named, at: 120) == [.end])
  }

  @Test func noLineContinuesAfterDamage() {
    var named = EvidenceBlocks([20])
    note("half a line", at: 20, &named)
    named.noteDamage()
    #expect(named.next(from: 50) == nil)
  }

  /// In text the offsets are those of lines, several of which may be in one piece.
  @Test func theLastNamedLineOfAPieceOfTextDecides() {
    var named = EvidenceBlocks([10, 13, 40])
    note("aa\nbb", at: 10, isText: true, &named)
    #expect(named.next(from: 15) == 15)
    note("b\ncc", at: 15, isText: true, &named)
    #expect(named.next(from: 19) == 40)
  }

  // MARK: Times

  /// The range after a chosen one is decoded too, because a line may end in it.
  @Test func rangesChosenAndOneAfterEachAreIncluded() {
    var selection = TriageBlockSelection([(0, false), (100, false), (200, true), (300, false), (400, false)])
    func range(_ offset: Int) -> BlockRange {
      var range = BlockRange(sequence: 0)
      range.blocks = [BlockRange.Block(fileOffset: offset, payload: 0..<50, decodedBytesMax: 50)]
      return range
    }
    // No line is known to begin in the last range, so nothing is known about it.
    let included = [0, 100, 200, 300, 400, 500].map { selection.includes(range($0)) }
    #expect(included == [true, false, true, true, false, true])
    #expect(selection.decision(at: 0) == .decode)
  }
}
