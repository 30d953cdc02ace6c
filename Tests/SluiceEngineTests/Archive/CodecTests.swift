import Foundation
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Files in unsupported formats. They are refused by name, and the other files are still read.
@Suite struct CodecTests {
  /// A header as Unix V7 wrote it (tar(5)): name, mode, ids, size and time, the sum of all bytes, and zeros.
  private static let oldTar: [UInt8] = {
    var bytes = [UInt8](repeating: 0, count: 512)
    let fields = [
      (0, "{a}.json"), (100, "000644 \0"), (108, "001750 \0"), (116, "001750 \0"),
      (124, "00000000005 "), (136, "15131122400 "), (148, "        "),
    ]
    for (at, text) in fields { bytes.replaceSubrange(at..<at + text.utf8.count, with: Array(text.utf8)) }
    let sum = String(bytes.reduce(0) { $0 + Int($1) }, radix: 8)
    bytes.replaceSubrange(
      148..<156, with: Array((String(repeating: "0", count: 6 - sum.count) + sum + "\0 ").utf8))
    return bytes
  }()

  private static func utf16(_ text: [UInt8], isLittle: Bool, mark: [UInt8] = []) -> [UInt8] {
    mark + text.flatMap { (byte: UInt8) -> [UInt8] in isLittle ? [byte, 0] : [0, byte] }
  }

  private static let tar: [UInt8] = {
    var bytes = [UInt8](repeating: 0, count: 1024)
    bytes.replaceSubrange(0..<6, with: Array("a.json".utf8))
    bytes.replaceSubrange(257..<262, with: Array("ustar".utf8))
    return bytes
  }()

  @Test(
    arguments: [
      ("a.json.bz2", Array("BZh91AY".utf8), "bzip2"),
      ("a.json.lz4", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "xz"),
      ("a.json.gz", [0x50, 0x4B, 0x03, 0x04], "zip"), ("a.parquet", Array("PAR1".utf8), "Parquet"),
      ("a.tar", tar, "tar"), ("a.tar", oldTar, "tar"), ("a.json", oldTar + shortText(0..<9), "tar"),
      ("a.json", utf16(shortText(0..<3), isLittle: true), "UTF-16"),
      ("a.json", utf16(shortText(0..<3), isLittle: false), "UTF-16"),
      ("a.json", utf16(shortText(0..<3), isLittle: true, mark: [0xFF, 0xFE]), "UTF-16"),
      ("a.json", utf16(shortText(0..<3), isLittle: false, mark: [0xFE, 0xFF]), "UTF-16"),
      ("a.json", [0x00, 0x01, 0x02, 0xFE, 0x7F, 0x33], "none of LZ4, gzip, zstd and text"),
      ("a.json.lz4", tar, "tar"),
      ("a.json.lz4", [0x00, 0x01, 0x02, 0xFE, 0x7F, 0x33], "LZ4"),
      ("a.lz4", [0x04, 0x22, 0x4D, 0x19, 0x40], "LZ4"),
      ("a.lz4", [0x04], "LZ4"), ("a.lz4", [0x04, 0x22, 0x4D], "LZ4"),
    ] as [(String, [UInt8], String)])
  func otherFormatsAreRefusedByName(name: String, bytes: [UInt8], says: String) {
    let folder = TemporaryFolder()
    folder.write("good.json", shortText(0..<4))
    let path = folder.write(name, bytes)
    let stats = scanned(ScanOptions(paths: [folder.path])).stats
    #expect(stats.problems.map(\.file) == [path])
    #expect(stats.problems.map(\.offset) == [0])
    #expect(stats.problems.first?.message.contains(says) == true)
    #expect(stats.records.events == 4)
    #expect(stats.records.count == 4)
    #expect(!stats.isComplete)
    #expect(
      stats.input.bytesCompressed == bytes.count + shortText(0..<4).count, "all bytes are accounted for")
  }

  @Test(arguments: [
    ("dictionary", LZ4Forms.dictionaryFrame(shortText(0..<3))),
    ("reserved", LZ4Forms.reservedBitFrame(shortText(0..<3))),
    ("version", LZ4Forms.unknownVersionFrame(shortText(0..<3))),
  ])
  func unsupportedFramesAreRefusedByName(says: String, frame: [UInt8]) {
    let before = FrameBuilder(blocks: [shortText(0..<4)]).bytes
    let stats = scanned(before + frame).stats
    #expect(stats.problems.count == 1)
    #expect(stats.problems.first?.offset == before.count)
    #expect(stats.problems.first?.reason.text == says)
    #expect(stats.problems.first?.message.contains(says) == true)
    #expect(stats.records.events == 4)
    #expect(stats.input.framesVerified == 1)
    #expect(!stats.isComplete)
  }

  @Test func textIsReadUnderAnyFileName() {
    for name in ["a.json", "a.lz4", "a.gz", "a"] {
      let stats = scanned(shortText(0..<4), named: name).stats
      #expect(stats.records.events == 4)
      #expect(stats.isComplete)
      #expect(stats.input.frames == 0)
    }
  }

  @Test func anEmptyFileHasNoProblemAndIsIncomplete() {
    for name in ["a.json", "a.lz4"] {
      let stats = scanned([], named: name).stats
      #expect(stats.problems.isEmpty)
      #expect(stats.input.files == 1)
      #expect(stats.records.lines == 0)
      #expect(stats.records.count == 0)
      #expect(!stats.isComplete, "nothing was looked at")
    }
  }

  /// A compressed file that contains another archive is refused by name, as that archive alone would be. None of its
  /// lines are scanned, whatever the ranges, the threads and the codec. Other files are read.
  @Test(
    arguments: [
      ("packed twice", StreamForms.member(shortText(0..<50))),
      ("packed twice", StreamForms.frame(shortText(0..<50))),
      ("packed twice", LZ4Forms.linkedFrame(shortText(0..<50))), ("tar", tar + shortText(0..<50)),
      ("bzip2", Array("BZh91AY".utf8) + shortText(0..<50)),
      ("zip", [0x50, 0x4B, 0x03, 0x04, 0x0A] + shortText(0..<50)),
      ("Parquet", Array("PAR1\n".utf8) + shortText(0..<50)),
    ] as [(String, [UInt8])])
  func anArchiveInsideAnArchiveIsRefusedByName(says: String, content: [UInt8]) {
    // The first block with content decides; tiny blocks are too short to recognise a tar file.
    for form in archiveForms where !form.name.contains("tiny") {
      let bytes = form.encode(content + content)
      for (rangeBytes, threads, verifies) in [(1, 1, true), (100, 3, false), (1 << 20, 2, true)] {
        let folder = TemporaryFolder()
        folder.write("good.json", shortText(0..<4))
        let path = folder.write("a", bytes)
        var options = ScanOptions(paths: [folder.path])
        options.threads = threads
        options.verifies = verifies
        options.tuning.rangeBytesTarget = rangeBytes
        let stats = scanned(options).stats
        #expect(stats.reasons == ["codec"], "\(says) in \(form.name)")
        #expect(!stats.isComplete, "\(says) in \(form.name)")
        #expect(stats.problems.map(\.file) == [path])
        #expect(stats.problems.map(\.offset) == [0])
        #expect(stats.problems.first?.message.contains(says) == true, "\(form.name)")
        #expect(stats.records.count == 4, "\(form.name)")
        #expect(stats.records.events == 4, "\(form.name)")
        #expect(stats.records.lines == 4, "\(form.name)")
        #expect(stats.input.bytesDecompressed == shortText(0..<4).count)
        #expect(stats.input.bytesCompressed == bytes.count + shortText(0..<4).count)
        #expect(
          stats.input.frames == stats.input.framesVerified + stats.input.framesUnverifiable
            + stats.input.framesCorrupt,
          "\(form.name)")
        #expect(stats.input.framesCorrupt == 1, "\(form.name)")
      }
    }
  }

  /// Unrecognised content may be damaged text. It is reported, and still scanned.
  @Test func unknownCompressedContentIsNamedAndScanned() {
    let content = [0x01, 0x02] + shortText(0..<50)
    // The first block, or the first bytes of a stream, decide if there are any.
    for form in archiveForms where !form.name.contains("empty") {
      for rangeBytes in [1, 1 << 20] {
        let stats = scanned(form.encode(content), named: "a") { $0.tuning.rangeBytesTarget = rangeBytes }
          .stats
        #expect(stats.reasons.first == "codec", "\(form.name)")
        #expect(stats.records.events == 49, "\(form.name)")
      }
    }
    let utf16 = shortText(0..<50).flatMap { (byte: UInt8) -> [UInt8] in [byte, 0] }
    let stats = scanned(LZ4Forms.linkedFrame(utf16)).stats
    #expect(stats.reasons.contains("codec"))
    #expect(!stats.isComplete)
  }

  /// Unexpected content at the start of a later member or frame is reported at its offset and scanned, because text
  /// is expected there.
  @Test(
    arguments: [
      ("tar", tar), ("tar", oldTar), ("packed twice", StreamForms.member(shortText(0..<9))),
      ("zip", [0x50, 0x4B, 0x03, 0x04, 0x0A]), ("UTF-16", utf16(shortText(0..<3), isLittle: true)),
    ] as [(String, [UInt8])])
  func anotherFormatInALaterFrameIsNamedAndScanned(says: String, content: [UInt8]) {
    for pack in [{ StreamForms.member($0) }, { StreamForms.frame($0) }, LZ4Forms.linkedFrame]
      as [@Sendable ([UInt8]) -> [UInt8]]
    {
      let first = pack(shortText(0..<4))
      let bytes = first + pack(content + [0x0A] + shortText(4..<8)) + pack(shortText(8..<12))
      for (rangeBytes, threads) in [(1, 1), (100, 3), (1 << 20, 2)] {
        let stats = scanned(bytes, named: "a") {
          $0.tuning.rangeBytesTarget = rangeBytes
          $0.threads = threads
        }.stats
        let named = stats.problems.filter { $0.reason == "codec" }
        #expect(named.map(\.offset) == [first.count])
        #expect(named.first?.message.contains(says) == true)
        #expect(stats.records.events >= 12)
        #expect(!stats.isComplete)
        #expect(stats.input.framesVerified == 3)
      }
    }
  }

  /// An attacker who writes into the log cannot make text look like a tar file, because only a tar file contains
  /// zeros.
  @Test func textThatSaysUstarIsNoTar() {
    var text = Array(
      #"{"eventType":"policy.evaluate","uuid":"1","published":"2026-01-05T10:00:00Z","x":""#.utf8)
    text += [UInt8](repeating: UInt8(ascii: "x"), count: 257 - text.count) + Array("ustar\"}\n".utf8)
    let stats = scanned(text, named: "a").stats
    #expect(stats.isComplete)
    #expect(stats.records.events == 1)
  }

  /// If the first block is damaged, the start of the content is unknown. The start of a later block does not decide.
  @Test func aDamagedBeginningRefusesNothing() {
    for isStored in [false, true] {
      var frame = FrameBuilder(blocks: [shortText(0..<4), Array("BZh\n".utf8) + shortText(4..<9)])
      frame.isStored = isStored
      var built = frame.built
      built.bytes[built.blockOffsets[0] + 10] ^= 1
      for rangeBytes in [1, 1 << 20] {
        let stats = scanned(built.bytes) { $0.tuning.rangeBytesTarget = rangeBytes }.stats
        #expect(stats.records.events == 5)
        #expect(stats.reasons.contains("block-checksum"))
      }
    }
  }

  /// Only the start of the file's content decides, because members may be cut anywhere.
  @Test func membersMayEndAnywhereInALine() {
    let line = Array(
      #"{"eventType":"user.account.lock","uuid":"BZh91AY","published":"2026-01-05T10:00:00Z"}"#.utf8)
    for codec in [{ StreamForms.member($0) }, { StreamForms.frame($0) }, LZ4Forms.linkedFrame]
      as [@Sendable ([UInt8]) -> [UInt8]]
    {
      for cut in TestScale.some(1..<line.count) {
        let bytes = codec(Array(line[..<cut])) + codec(Array(line[cut...]) + [0x0A])
        let stats = scanned(bytes, named: "a").stats
        if stats.records.events != 1 || !stats.isComplete { Issue.record("cut at \(cut): \(stats.problems)") }
      }
    }
  }

  /// A refused file is not read to its end; the 64 GB of this sparse file are still accounted for.
  @Test func refusedFilesAreNotReadToTheirEnd() throws {
    let folder = TemporaryFolder()
    let path = folder.write("a.bz2", Array("BZh9".utf8))
    try #require(truncate(path, 64 << 30) == 0)
    let stats = scanned(ScanOptions(paths: [path])).stats
    #expect(stats.input.bytesCompressed == 64 << 30)
    #expect(stats.reasons == ["codec"])
  }
}
