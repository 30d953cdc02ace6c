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
}
