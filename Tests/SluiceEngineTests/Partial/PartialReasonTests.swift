import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Reasons in a partial's totals, which are text there.
@Suite struct PartialReasonTests {
  /// A later version may know more reasons. Its counts and problems are handed on.
  @Test func theReasonsOfAnotherVersionAreKept() throws {
    let position = Position(fileOffset: 7, offsetInBlock: 1)
    var totals = ScanStats(rules: [])
    totals.records.lines = 3
    totals.records.count = 3
    totals.records.rejected = ["json": 1, "of-another-version": 2]
    totals.log.add(file: 0, position, reason: .unreadable, "this is lost")
    totals.log.add(file: 0, position, reason: "of-another-version" as Reason.Word, "that is lost")
    var bytes = ByteWriter()
    totals.write(to: &bytes)
    let read = try withBytes(bytes.bytes) { bytes in
      var reader = ByteReader(bytes)
      return try ScanStats(from: &reader, filterCount: 0, sourceCount: 1)
    }
    #expect(read.records.rejected == totals.records.rejected)
    let problems = read.log.problems(files: ["f"])
    #expect(problems == totals.log.problems(files: ["f"]))
    #expect(problems.map(\.reason) == ["of-another-version", "unreadable"])
  }
}
