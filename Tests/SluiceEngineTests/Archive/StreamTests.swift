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

  private func stats(_ bytes: [UInt8], rangeBytes: Int = 1 << 20) -> RunStats {
    let stats = scanned(bytes, named: "a") {
      $0.rules = [.accountsLockedOut]
      $0.tuning.rangeBytesTarget = rangeBytes
    }.stats
    if stats.input.bytesCompressed != bytes.count { Issue.record("bytes are not accounted for") }
    if stats.records.count != stats.records.events + stats.records.rejectedCount {
      Issue.record("records are missing")
    }
    if stats.input.frames != stats.input.framesVerified + stats.input.framesUnverifiable
      + stats.input.framesCorrupt
    {
      Issue.record("frames are not accounted for")
    }
    return stats
  }

  @Test(arguments: Codec.allCases) func aStreamCutAtAnyByteIsReportedAndKeepsWholeMembers(codec: Codec) {
    let parts = Self.texts.map(codec.pack)
    let bytes = Array(parts.joined())
    let borders = [0, parts[0].count, bytes.count]
    for count in TestScale.some(0..<bytes.count + 1) {
      for rangeBytes in [1, 200, 1 << 20] {
        let stats = stats(Array(bytes[..<count]), rangeBytes: rangeBytes)
        // The first one or two bytes of the magic number may also be text.
        if stats.isComplete != borders.contains(count), count > 3 {
          Issue.record("cut at \(count): \(stats.problems)")
        }
        let whole = count == bytes.count ? 5 : count >= parts[0].count ? 2 : 0
        if stats.records.events < whole || stats.records.events > 5 {
          Issue.record("cut at \(count): \(stats.records.events) events")
        }
      }
    }
  }

  /// Reports do not depend on how much is decoded at a time.
  @Test(arguments: Codec.allCases) func everyFlippedBitIsReportedOrChangesNothing(codec: Codec) {
    let bytes = codec.pack(Self.texts[0]) + codec.pack(Self.texts[1])
    let whole = stats(bytes)
    #expect(whole.isComplete)
    #expect(whole.input.framesVerified == 2)
    #expect(whole.records.events == 5)
    var reported = 0
    for bit in TestScale.some(0..<bytes.count * 8) {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      let stats = stats(flipped)
      if stats.isComplete {
        // Names and times in the header are not used.
        let same =
          stats.input.bytesDecompressed == whole.input.bytesDecompressed && stats.records.events == 5
          && stats.input.framesVerified == 2
        if !same { Issue.record("bit \(bit): silence") }
      } else {
        reported += TestScale.weight
      }
      let cut = self.stats(flipped, rangeBytes: 50)
      let isSame =
        cut.problems.map(\.message) == stats.problems.map(\.message)
        && cut.records.events == stats.records.events
        && cut.problems.map(\.offset) == stats.problems.map(\.offset)
      if !isSame { Issue.record("bit \(bit): \(cut.problems), and at once \(stats.problems)") }
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
        let stats = stats(first + bad + first + bad, rangeBytes: rangeBytes)
        let isRight =
          stats.reasons == ["content-checksum", "content-checksum"] && stats.records.events == 10
          && stats.problems.map(\.offset) == [first.count, 2 * first.count + second.count]
          && stats.input.framesVerified == 2 && stats.input.framesCorrupt == 2 && !stats.isComplete
        if !isRight { Issue.record("bit \(bit): \(stats.problems), \(stats.records.events) events") }
      }
    }
  }

  /// A cut within a wrong trailer is also reported.
  @Test func aWrongTrailerThatIsCutIsReportedAsTruncated() {
    var member = StreamForms.member(Self.texts[0])
    member[member.count - 8] ^= 1
    for cut in 1...4 {
      let stats = stats(Array(member.dropLast(cut)))
      #expect(stats.reasons == ["truncated"])
      #expect(stats.records.events == 2)
    }
  }

  @Test(arguments: Codec.allCases) func withoutVerifyingAWrongChecksumIsIgnored(codec: Codec) {
    var bytes = codec.pack(Self.texts[0])
    bytes[bytes.count - 1] ^= 1
    let stats = scanned(bytes + codec.pack(Self.texts[1]), named: "a") { $0.verifies = false }.stats
    #expect(stats.isComplete)
    #expect(stats.records.events == 5)
    #expect(stats.reasons.isEmpty)
    #expect(stats.input.framesUnverifiable == 2)
    #expect(stats.input.framesVerified == 0)
  }

  /// The message counts the unused bytes if there are any.
  @Test func unusedBytesAreCounted() {
    let member = StreamForms.member(shortText(0..<50))
    #expect(!stats(Array(member.dropLast(20))).problems[0].message.contains("not used"))
    var damaged = member
    // The first block is of the reserved type (RFC 1951, 3.2.3); the header has ten bytes.
    damaged[10] |= 0b110
    let stats = stats(StreamForms.member(Self.texts[0]) + damaged + member)
    #expect(stats.reasons == ["gzip-damaged"])
    #expect(stats.records.events == 2)
    #expect(stats.problems[0].message.contains("the file's last \(2 * member.count) bytes"))
  }

  /// gunzip ignores zero bytes after a member as padding.
  @Test func zerosAfterAGzipMemberArePadding() {
    let member = StreamForms.member(Self.texts[0])
    for count in [1, 3, 4, 10_240, 300_000] {
      let zeros = [UInt8](repeating: 0, count: count)
      for rangeBytes in [1, 1 << 20] {
        let padded = stats(member + zeros, rangeBytes: rangeBytes)
        #expect(padded.isComplete, "\(count) zeros")
        #expect(padded.records.events == 2, "\(count) zeros")
        #expect(padded.input.framesVerified == 1, "\(count) zeros")
        let between = stats(member + zeros + member, rangeBytes: rangeBytes)
        #expect(between.isComplete, "\(count) zeros between")
        #expect(between.records.events == 4, "\(count) zeros between")
        let garbage = stats(member + zeros + Array("garbage".utf8), rangeBytes: rangeBytes)
        #expect(garbage.reasons == ["garbage"])
        #expect(garbage.problems.map(\.offset) == [member.count + count])
        let zstd = stats(StreamForms.frame(Self.texts[0]) + zeros, rangeBytes: rangeBytes)
        #expect(zstd.reasons == [count < 4 ? "truncated" : "garbage"], "which zstd does not take")
      }
    }
  }

  @Test func zstdWithoutChecksumIsUnverifiable() {
    let stats = stats(
      StreamForms.frame(Self.texts[0], hasChecksum: false) + StreamForms.frame(Self.texts[1]))
    #expect(stats.input.framesUnverifiable == 1)
    #expect(stats.input.framesVerified == 1)
    #expect(stats.isComplete)
    #expect(stats.records.events == 5)
  }

  @Test(arguments: Codec.allCases) func garbageAfterAStreamIsReported(codec: Codec) {
    let bytes = codec.pack(Self.texts[0])
    let stats = stats(bytes + Array("garbage".utf8))
    #expect(stats.reasons == ["garbage"])
    #expect(stats.problems.map(\.offset) == [bytes.count])
    #expect(stats.records.events == 2)
    #expect(stats.input.framesVerified == 1)
  }
}
