import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Adjacent splits of one file. Together they hold each line once, wherever the file is cut.
@Suite struct FileSplitTests {
  private static let empty = FrameBuilder(blocks: []).bytes

  /// A frame with lines that cross from block to block.
  private static let frame: [UInt8] = {
    let text = shortText(0..<3)
    var frame = FrameBuilder(
      blocks: stride(from: 0, to: text.count, by: 90).map { Array(text[$0..<min(text.count, $0 + 90)]) })
    frame.hasContentChecksum = false
    return frame.bytes
  }()

  private static let emptyLegacy: [UInt8] = [0x02, 0x21, 0x4C, 0x18]
  private static let skippable = FrameBuilder.skippable(size: 9)

  private static let files: [(name: String, bytes: [UInt8])] = [
    ("one frame", frame), ("an empty frame before", empty + frame), ("two before", empty + empty + frame),
    ("an empty legacy frame before", emptyLegacy + frame), ("an empty frame between", frame + empty + frame),
    ("an empty frame after", frame + empty), ("a skippable frame before", skippable + frame),
  ]

  @Test(arguments: files.map(\.name)) func eachLineIsInOneShare(name: String) throws {
    let bytes = try #require(Self.files.first { $0.name == name }).bytes
    let folder = TemporaryFolder()
    let path = folder.write("a.json.lz4", bytes)
    let whole = scanned(bytes).stats.records.events
    func events(_ range: Range<Int>) throws -> Int {
      try writePartial(of: [path], range: range, to: folder.path + "/partial") { $0.threads = 1 }.records
        .events
    }
    for cut in TestScale.some(1..<bytes.count) {
      let (first, second) = (try events(0..<cut), try events(cut..<bytes.count))
      #expect(first + second == whole, "cut at \(cut): \(first) and \(second)")
    }
  }
}
