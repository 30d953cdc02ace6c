import SluiceRecords
import SluiceReference
import SluiceTestSupport
import Testing

/// The reference implementation against the published edge cases.
@Suite struct PublishedCasesTests {
  @Test(arguments: publishedCases) func publishedCasesFireAsStated(_ row: PublishedCase) {
    let result = referenceDetections(lines: row.lines, options: ReferenceOptions())
    #expect(result.detections.count { $0.rule.id == row.rule } == row.expectedDetections)
    #expect(result.records == result.events + result.rejected.values.reduce(0, +))
    #expect(result.records + result.blankLines == row.lines.count)
    if let complaint = row.check(result.detections) { Issue.record("\(complaint)") }
  }

  @Test func namesAreUnique() {
    #expect(Set(publishedCases.map(\.name)).count == publishedCases.count)
  }
}
