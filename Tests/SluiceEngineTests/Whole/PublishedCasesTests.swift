import SluiceEngine
import SluiceRecords
import SluiceTestSupport
import Testing

/// The published edge cases, scanned from files.
@Suite struct PublishedCasesTests {
  @Test(arguments: publishedCases) func publishedCasesFireAsStated(_ row: PublishedCase) {
    let folder = TemporaryFolder()
    let path = folder.write("events.json", row.lines.joinedLines())
    let result = scanned(ScanOptions(paths: [path]))
    #expect(result.detections.count { $0.rule.id == row.rule } == row.expectedDetections)
    if let complaint = row.check(result.detections) { Issue.record("\(complaint)") }
  }
}
