import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Damaged and truncated gzip members and zstd frames, and their checksums. Other suites read all sound forms.
@Suite struct StreamTests {
  enum Codec: CaseIterable {
    case gzip, zstd

    func pack(_ text: [UInt8]) -> [UInt8] {
      self == .gzip ? StreamForms.member(text) : StreamForms.frame(text)
    }
  }

  private static let texts = [shortText(0..<2), shortText(2..<5)]

  private func figures(_ bytes: [UInt8], rangeBytes: Int = 1 << 20) -> RunStats {
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

  @Test(arguments: Codec.allCases) func aStreamCutAtAnyByteIsReportedAndKeepsWholeMembers(codec: Codec) {
    let parts = Self.texts.map(codec.pack)
    let bytes = Array(parts.joined())
    let borders = [0, parts[0].count, bytes.count]
    for count in TestScale.some(0..<bytes.count + 1) {
      for rangeBytes in [1, 200, 1 << 20] {
        let figures = figures(Array(bytes[..<count]), rangeBytes: rangeBytes)
        // The first one or two bytes of the magic number may also be text.
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

  /// Reports do not depend on how much is decoded at a time.
  @Test(arguments: Codec.allCases) func everyFlippedBitIsReportedOrChangesNothing(codec: Codec) {
    let bytes = codec.pack(Self.texts[0]) + codec.pack(Self.texts[1])
    let whole = figures(bytes)
    #expect(whole.isComplete)
    #expect(whole.framesVerified == 2)
    #expect(whole.events == 5)
    var reported = 0
    for bit in TestScale.some(0..<bytes.count * 8) {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      let figures = figures(flipped)
      if figures.isComplete {
        // Names and times in the header are not used.
        let same =
          figures.bytesDecompressed == whole.bytesDecompressed && figures.events == 5
          && figures.framesVerified == 2
        if !same { Issue.record("bit \(bit): silence") }
      } else {
        reported += TestScale.weight
      }
      let cut = self.figures(flipped, rangeBytes: 50)
      let isSame =
        cut.problems.map(\.message) == figures.problems.map(\.message) && cut.events == figures.events
        && cut.problems.map(\.offset) == figures.problems.map(\.offset)
      if !isSame { Issue.record("bit \(bit): \(cut.problems), and at once \(figures.problems)") }
    }
    #expect(reported > bytes.count * 7)
  }

  /// Trailers according to the formats' descriptions. gzip has a CRC-32 and the length, four bytes each (RFC 1952,
  /// 2.3.1). zstd has four bytes of the content's xxh64 (RFC 8878, 3.1.1). The end of the content is known
  /// nevertheless, so the following bytes are read.
  @Test(arguments: Codec.allCases) func aFlippedBitInATrailerIsReportedAndAllEventsAreUsed(codec: Codec) {
    let (first, second) = (codec.pack(Self.texts[0]), codec.pack(Self.texts[1]))
    for bit in TestScale.some(0..<(codec == .gzip ? 64 : 32)) {
      var bad = second
      bad[bad.count - 1 - bit / 8] ^= 1 << UInt8(bit % 8)
      for rangeBytes in [1, 200, 1 << 20] {
        let figures = figures(first + bad + first + bad, rangeBytes: rangeBytes)
        let isRight =
          figures.reasons == ["content-checksum", "content-checksum"] && figures.events == 10
          && figures.problems.map(\.offset) == [first.count, 2 * first.count + second.count]
          && figures.framesVerified == 2 && figures.framesCorrupt == 2 && !figures.isComplete
        if !isRight { Issue.record("bit \(bit): \(figures.problems), \(figures.events) events") }
      }
    }
  }

  /// A cut within a wrong trailer is also reported.
  @Test func aWrongTrailerThatIsCutIsReportedAsTruncated() {
    var member = StreamForms.member(Self.texts[0])
    member[member.count - 8] ^= 1
    for cut in 1...4 {
      let figures = figures(Array(member.dropLast(cut)))
      #expect(figures.reasons == ["truncated"])
      #expect(figures.events == 2)
    }
  }

  @Test(arguments: Codec.allCases) func withoutVerifyingAWrongChecksumIsIgnored(codec: Codec) {
    var bytes = codec.pack(Self.texts[0])
    bytes[bytes.count - 1] ^= 1
    let figures = scanned(bytes + codec.pack(Self.texts[1]), named: "a") { $0.verifies = false }.figures
    #expect(figures.isComplete)
    #expect(figures.events == 5)
    #expect(figures.reasons.isEmpty)
    #expect(figures.framesUnverifiable == 2)
    #expect(figures.framesVerified == 0)
  }

  /// The message counts the unused bytes if there are any.
  @Test func unusedBytesAreCounted() {
    let member = StreamForms.member(shortText(0..<50))
    #expect(!figures(Array(member.dropLast(20))).problems[0].message.contains("not used"))
    var damaged = member
    // The first block is of the reserved type (RFC 1951, 3.2.3); the header has ten bytes.
    damaged[10] |= 0b110
    let figures = figures(StreamForms.member(Self.texts[0]) + damaged + member)
    #expect(figures.reasons == ["gzip-damaged"])
    #expect(figures.events == 2)
    #expect(figures.problems[0].message.contains("the file's last \(2 * member.count) bytes"))
  }

  /// gunzip ignores zero bytes after a member as padding.
  @Test func zerosAfterAGzipMemberArePadding() {
    let member = StreamForms.member(Self.texts[0])
    for count in [1, 3, 4, 10_240, 300_000] {
      let zeros = [UInt8](repeating: 0, count: count)
      for rangeBytes in [1, 1 << 20] {
        let padded = figures(member + zeros, rangeBytes: rangeBytes)
        #expect(padded.isComplete, "\(count) zeros")
        #expect(padded.events == 2, "\(count) zeros")
        #expect(padded.framesVerified == 1, "\(count) zeros")
        let between = figures(member + zeros + member, rangeBytes: rangeBytes)
        #expect(between.isComplete, "\(count) zeros between")
        #expect(between.events == 4, "\(count) zeros between")
        let garbage = figures(member + zeros + Array("garbage".utf8), rangeBytes: rangeBytes)
        #expect(garbage.reasons == ["garbage"])
        #expect(garbage.problems.map(\.offset) == [member.count + count])
        let zstd = figures(StreamForms.frame(Self.texts[0]) + zeros, rangeBytes: rangeBytes)
        #expect(zstd.reasons == [count < 4 ? "truncated" : "garbage"], "which zstd does not take")
      }
    }
  }

  @Test func zstdWithoutChecksumIsUnverifiable() {
    let figures = figures(
      StreamForms.frame(Self.texts[0], hasChecksum: false) + StreamForms.frame(Self.texts[1]))
    #expect(figures.framesUnverifiable == 1)
    #expect(figures.framesVerified == 1)
    #expect(figures.isComplete)
    #expect(figures.events == 5)
  }

  @Test(arguments: Codec.allCases) func garbageAfterAStreamIsReported(codec: Codec) {
    let bytes = codec.pack(Self.texts[0])
    let figures = figures(bytes + Array("garbage".utf8))
    #expect(figures.reasons == ["garbage"])
    #expect(figures.problems.map(\.offset) == [bytes.count])
    #expect(figures.events == 2)
    #expect(figures.framesVerified == 1)
  }
}
