import CLZ4
import SluiceGenerator
import SluiceTestSupport
import Testing

@Suite struct FrameOptionsTests {
  @Test func everyOptionIsHonoured() throws {
    // Every combination of the flags, with each block size four times.
    for bits in 0..<16 {
      let blockSize = FrameOptions.BlockSize.allCases[(bits + bits / 4) % 4]
      let form = FrameOptions(
        blockSize: blockSize, linked: bits & 1 == 1, blockChecksum: bits & 2 == 2,
        contentChecksum: bits & 4 == 4, contentSize: bits & 8 == 8, level: bits == 5 ? 4 : 0)
      let archive = try ArchiveFolder {
        $0.events = 300
        $0.hours = 2
        $0.attacks = false
        $0.lz4 = form
      }
      for file in try archive.archiveFiles() {
        let plain = try decoded(file)
        let info = try frameInfo(file)
        #expect(
          info.blockSizeID.rawValue
            == [65_536: 4, 262_144: 5, 1_048_576: 6, 4_194_304: 7][blockSize.rawValue])
        #expect((info.blockMode == LZ4F_blockLinked) == form.linked)
        #expect((info.blockChecksumFlag == LZ4F_blockChecksumEnabled) == form.blockChecksum)
        #expect((info.contentChecksumFlag == LZ4F_contentChecksumEnabled) == form.contentChecksum)
        #expect(info.contentSize == (form.contentSize ? UInt64(plain.count) : 0))
      }
    }
  }

  @Test func emptyHoursAreEmptyFrames() throws {
    let form = FrameOptions(contentSize: true)
    let archive = try ArchiveFolder {
      $0.events = 0
      $0.lz4 = form
    }
    for file in try archive.archiveFiles() { #expect(try decoded(file) == []) }
  }

  @Test(arguments: [0, 1, 7, 5000, 700_000]) func everyFormDecodesToWhatWasGiven(size: Int) throws {
    let plain = sample(size)
    #expect(Set(LZ4Forms.all.map(\.name)).count == LZ4Forms.all.count)
    for form in LZ4Forms.all { #expect(try decoded(form.encode(plain)) == plain, "\(form.name)") }
  }

  @Test func unsupportedFormsAreRefused() throws {
    let plain = sample(500)
    for file in [LZ4Forms.reservedBitFrame(plain), LZ4Forms.unknownVersionFrame(plain)] {
      #expect(throws: DecodingFailure.self) { try decoded(file) }
    }
    // liblz4 decodes a block that happens not to use the dictionary; the header names it.
    #expect(try frameInfo(LZ4Forms.dictionaryFrame(plain)).dictID == 0xD1C7)
  }

  /// Returns lines that compress a little.
  private func sample(_ size: Int) -> [UInt8] {
    var state: UInt32 = 9
    return (0..<size).map { i in
      state = state &* 1_664_525 &+ 1_013_904_223
      return i % 71 == 70 ? UInt8(ascii: "\n") : state >> 30 == 0 ? UInt8(97 + state >> 20 & 15) : 0x20
    }
  }

  private func frameInfo(_ file: [UInt8]) throws -> LZ4F_frameInfo_t {
    var context: OpaquePointer?
    precondition(LZ4F_isError(LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))) == 0)
    defer { LZ4F_freeDecompressionContext(context) }
    var info = LZ4F_frameInfo_t()
    var size = file.count
    let result = LZ4F_getFrameInfo(context, &info, file, &size)
    if LZ4F_isError(result) != 0 {
      throw DecodingFailure(message: String(cString: LZ4F_getErrorName(result)))
    }
    return info
  }
}
