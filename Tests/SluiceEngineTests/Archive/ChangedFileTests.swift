import Foundation
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Files that another program writes to while they are read, here after the first range.
@Suite struct ChangedFileTests {
  enum Form: CaseIterable { case compressed, text }

  private static let blocks = (0..<64).map { shortText(100 * $0..<100 * $0 + 100) }

  /// Returns what is read and reported if `change` is made to the file after its first range was read.
  private func read(_ form: Form, _ change: (FileHandle) throws -> Void) throws -> (
    ranges: Int, stats: InputStats, problems: [Problem], size: Int
  ) {
    let folder = TemporaryFolder()
    let bytes = form == .compressed ? FrameBuilder(blocks: Self.blocks).bytes : Array(Self.blocks.joined())
    let path = folder.write("a", bytes)
    var tuning = Tuning()
    tuning.rangeBytesTarget = 1
    if form == .text { tuning.rangeBytesTarget = 1000 }
    let stream = ArchiveStream(
      file: 0, listed: ArchiveListing(paths: [path]).files[0], verifies: true, limits: Limits())
    var context = ReadContext()
    try stream.open(tuning: tuning)
    #expect(stream.next(&context) != nil)
    let handle = try #require(FileHandle(forUpdatingAtPath: path))
    try change(handle)
    try handle.close()
    var ranges = 1
    while stream.next(&context) != nil { ranges += 1 }
    return (ranges, context.stats, context.log.problems(files: [path]), bytes.count)
  }

  @Test(arguments: Form.allCases) func anUnchangedFileHasNoProblem(form: Form) throws {
    let (_, stats, problems, size) = try read(form) { _ in }
    #expect(problems.isEmpty)
    #expect(stats.bytesCompressed == size)
  }

  @Test(arguments: Form.allCases) func aTruncatedFileIsReportedWithBothSizes(form: Form) throws {
    for end in [0, 1, 150_000] {
      let (_, _, problems, size) = try read(form) { try $0.truncate(atOffset: UInt64(end)) }
      let problem = try #require(problems.first { $0.reason == "changed" })
      #expect(problem.message.contains("from \(size) to \(end) byte"))
      #expect(problem.offset == 0)
    }
  }

  /// Bytes that are added meanwhile are not read, so that reading a growing file ends.
  @Test(arguments: Form.allCases) func bytesAddedWhileReadingAreReportedAndNotRead(form: Form) throws {
    let (ranges, _, problems, size) = try read(form) { _ in }
    #expect(problems.isEmpty)
    let grown = try read(form) {
      try $0.seekToEnd()
      try $0.write(
        contentsOf: form == .compressed ? FrameBuilder(blocks: [Self.blocks[0]]).bytes : Self.blocks[0])
    }
    #expect(grown.ranges == ranges)
    #expect(grown.stats.bytesCompressed == size)
    #expect(grown.problems.map(\.reason) == ["changed"])
    #expect(grown.problems.first?.message.contains("grew") == true)
  }

  @Test(arguments: Form.allCases) func aFileWrittenOverWhileReadingIsReported(form: Form) throws {
    let (_, stats, problems, size) = try read(form) {
      try $0.seek(toOffset: 100)
      try $0.write(contentsOf: [0x20])
    }
    #expect(stats.bytesCompressed == size)
    #expect(problems.contains { $0.reason == "changed" && $0.message.hasSuffix("it was written to") })
  }
}
