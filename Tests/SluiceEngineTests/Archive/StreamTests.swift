import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// gzip members and zstd frames: cut, damaged, and by their checksums. That they are read, whatever their form, is tested
/// where all forms are.
@Suite struct StreamTests {
  enum Codec: CaseIterable {
    case gzip, zstd

    func pack(_ text: [UInt8]) -> [UInt8] {
      self == .gzip ? StreamForms.member(text) : StreamForms.frame(text)
    }
  }

  private static let texts = [shortText(0..<2), shortText(2..<5)]

  private func figures(_ bytes: [UInt8], rangeBytes: Int = 1 << 20) -> Figures {
    let figures = scanned(bytes, named: "a") {
      $0.rules = [.accountsLockedOut]
      $0.tuning.rangeBytesTarget = rangeBytes
    }.figures
    if figures.bytesCompressed != bytes.count { Issue.record("bytes are not accounted for") }
    if figures.records != figures.events + figures.rejectedCount { Issue.record("records are missing") }
    if figures.frames != figures.framesVerified + figures.framesUnverifiable + figures.framesCorrupt {
      Issue.record("frames are not accounted for")
    }
    return figures
  }

  @Test(arguments: Codec.allCases) func cutAtEveryByte(codec: Codec) {
    let parts = Self.texts.map(codec.pack)
    let bytes = Array(parts.joined())
    let borders = [0, parts[0].count, bytes.count]
    for count in 0...bytes.count {
      for rangeBytes in [1, 200, 1 << 20] {
        let figures = figures(Array(bytes[..<count]), rangeBytes: rangeBytes)
        // One or two bytes of the magic number are like any text.
        if figures.isComplete != borders.contains(count), count > 3 {
          Issue.record("cut at \(count): \(figures.problems)")
        }
        let whole = count == bytes.count ? 5 : count >= parts[0].count ? 2 : 0
        if figures.events < whole || figures.events > 5 {
          Issue.record("cut at \(count): \(figures.events) events")
        }
      }
    }
  }

  /// Whatever is reported does not depend on how much is decoded at a time.
  @Test(arguments: Codec.allCases) func everyBitFlipped(codec: Codec) {
    let bytes = codec.pack(Self.texts[0]) + codec.pack(Self.texts[1])
    let whole = figures(bytes)
    #expect(whole.isComplete && whole.framesVerified == 2 && whole.events == 5)
    var reported = 0
    for bit in 0..<bytes.count * 8 {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      let figures = figures(flipped)
      if figures.isComplete {
        // What the header says of names and times is nothing that is read.
        let same =
          figures.bytesDecompressed == whole.bytesDecompressed && figures.events == 5
          && figures.framesVerified == 2
        if !same { Issue.record("bit \(bit): silence") }
      } else {
        reported += 1
      }
      let cut = self.figures(flipped, rangeBytes: 50)
      let isSame =
        cut.problems.map(\.message) == figures.problems.map(\.message) && cut.events == figures.events
        && cut.problems.map(\.offset) == figures.problems.map(\.offset)
      if !isSame { Issue.record("bit \(bit): \(cut.problems), and at once \(figures.problems)") }
    }
    #expect(reported > bytes.count * 7)
  }

  @Test func theChecksumOfAMemberIsVerified() {
    var member = StreamForms.member(Self.texts[0])
    member[member.count - 6] ^= 1
    let figures = figures(StreamForms.member(Self.texts[1]) + member)
    #expect(figures.reasons == ["content-checksum"] && figures.events == 5 && !figures.isComplete)
    #expect(figures.problems[0].offset == StreamForms.member(Self.texts[1]).count)
    #expect(figures.framesVerified == 1 && figures.framesCorrupt == 1)
  }

  @Test func zstdWithoutChecksumIsUnverifiable() {
    let figures = figures(
      StreamForms.frame(Self.texts[0], hasChecksum: false) + StreamForms.frame(Self.texts[1]))
    #expect(
      figures.framesUnverifiable == 1 && figures.framesVerified == 1 && figures.isComplete
        && figures.events == 5)
  }

  @Test(arguments: Codec.allCases) func garbageBehind(codec: Codec) {
    let bytes = codec.pack(Self.texts[0])
    let figures = figures(bytes + Array("garbage".utf8))
    #expect(figures.reasons == ["garbage"] && figures.problems[0].offset == bytes.count)
    #expect(figures.events == 2 && figures.framesVerified == 1)
  }
}
