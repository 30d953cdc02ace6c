import Foundation
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// What is not read is refused by name, and the other files are read all the same.
@Suite struct CodecTests {
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
      ("a.tar", tar, "tar"),
      ("a.json.lz4", tar, "tar"),
      ("a.json.lz4", [0x00, 0x01, 0x02, 0xFE, 0x7F, 0x33], "LZ4"),
      ("a.lz4", [0x04, 0x22, 0x4D, 0x19, 0x40], "LZ4"),
      ("a.lz4", [0x04], "LZ4"), ("a.lz4", [0x04, 0x22, 0x4D], "LZ4"),
    ] as [(String, [UInt8], String)])
  func refusedByName(name: String, bytes: [UInt8], says: String) {
    let folder = TemporaryFolder()
    folder.write("good.json", shortText(0..<4))
    let path = folder.write(name, bytes)
    let figures = scanned(ScanOptions(paths: [folder.path])).figures
    #expect(figures.problems.map(\.file) == [path])
    #expect(figures.problems.map(\.offset) == [0])
    #expect(figures.problems.first?.message.contains(says) == true)
    #expect(figures.events == 4 && figures.records == 4 && !figures.isComplete)
    #expect(figures.bytesCompressed == bytes.count + shortText(0..<4).count, "all bytes are accounted for")
  }

  @Test(arguments: [
    ("dictionary", LZ4Forms.dictionaryFrame(shortText(0..<3))),
    ("reserved", LZ4Forms.reservedBitFrame(shortText(0..<3))),
    ("version", LZ4Forms.unknownVersionFrame(shortText(0..<3))),
  ])
  func framesRefusedByName(says: String, frame: [UInt8]) {
    let before = FrameBuilder(blocks: [shortText(0..<4)]).bytes
    let figures = scanned(before + frame).figures
    #expect(figures.problems.count == 1 && figures.problems.first?.offset == before.count)
    #expect(figures.problems.first?.reason.contains(says) == true)
    #expect(figures.problems.first?.message.contains(says) == true)
    #expect(figures.events == 4 && figures.framesVerified == 1 && !figures.isComplete)
  }

  @Test func textByAnyName() {
    for name in ["a.json", "a.lz4", "a.gz", "a"] {
      let figures = scanned(shortText(0..<4), named: name).figures
      #expect(figures.events == 4 && figures.isComplete && figures.frames == 0)
    }
  }

  @Test func emptyFiles() {
    for name in ["a.json", "a.lz4"] {
      let figures = scanned([], named: name).figures
      #expect(figures.isComplete && figures.files == 1 && figures.lines == 0 && figures.records == 0)
    }
  }

  /// What is packed and is no text holds no events, whatever else it is; that is said, however large ranges are.
  @Test(
    arguments: [
      ("gzip", StreamForms.member(shortText(0..<50))), ("LZ4", LZ4Forms.linkedFrame(shortText(0..<50))),
      ("UTF-16", shortText(0..<50).flatMap { (byte: UInt8) -> [UInt8] in [byte, 0] }), ("tar", tar),
    ] as [(String, [UInt8])])
  func packedTwice(name: String, content: [UInt8]) {
    // By the first block or the first bytes of a stream, if there are any.
    for form in archiveForms where !form.name.contains("tiny") && !form.name.contains("empty") {
      for rangeBytes in [1, 1 << 20] {
        let figures = scanned(form.encode(content), named: "a") { $0.tuning.rangeBytesTarget = rangeBytes }
          .figures
        #expect(figures.reasons.contains("codec") && !figures.isComplete, "\(name) in \(form.name)")
      }
    }
  }

  /// What is refused is not read to its end: 64 GB that are not there are accounted for.
  @Test func refusedFilesAreNotRead() throws {
    let folder = TemporaryFolder()
    let path = folder.write("a.bz2", Array("BZh9".utf8))
    try #require(truncate(path, 64 << 30) == 0)
    let figures = scanned(ScanOptions(paths: [path])).figures
    #expect(figures.bytesCompressed == 64 << 30 && figures.reasons == ["codec"])
  }
}
