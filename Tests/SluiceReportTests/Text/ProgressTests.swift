@testable import SluiceEngine
import SluiceRecords
@testable import SluiceReport
import SluiceTestSupport
import Testing

@Suite struct ProgressTests {
  private func counts(_ bytesRead: Int, of total: Int?, events: Int = 0, _ stage: ScanProgress.Stage = .scan)
    -> ScanProgress.Counts
  {
    var counts = ScanProgress.Counts()
    (counts.bytesRead, counts.bytesTotal, counts.events, counts.stage) = (bytesRead, total, events, stage)
    return counts
  }

  @Test func theLineShowsShareRateAndTimeLeft() {
    func line(_ counts: ScanProgress.Counts, _ seconds: Double, width: Int? = nil) -> String {
      ProgressText.line(counts, seconds: seconds, width: width)
    }
    let half = counts(5_000_000_000, of: 10_000_000_000, events: 14_000_000)
    let whole = "scan, 50 % of 10.0 GB, 500.0 MB/s, 1.4 M events/s, 0:10 left"
    #expect(line(half, 10) == whole)
    // The first moments show no rate.
    #expect(line(half, 0.5) == "scan, 50 % of 10.0 GB")
    #expect(line(counts(0, of: 0), 5) == "scan, 100 % of 0 bytes")
    // The input is a pipe.
    #expect(line(counts(2_000_000, of: nil, events: 1700), 2) == "scan, 2.00 MB, 1.00 MB/s, 850 events/s")
    #expect(line(counts(1, of: 36_000, .triage), 1) == "triage, 0 % of 36.0 kB, 1 byte/s, 9:59:59 left")
    // The file grew.
    #expect(line(counts(300, of: 200), 1) == "scan, 100 % of 200 bytes, 300 bytes/s, 0 events/s")
    // Only whole parts are shown, and one column stays free.
    #expect(line(half, 10, width: whole.count + 1) == whole)
    #expect(line(half, 10, width: whole.count) == "scan, 50 % of 10.0 GB, 500.0 MB/s, 1.4 M events/s")
    #expect(line(half, 10, width: 1) == "scan")
  }

  /// All bytes are counted, even those of refused files.
  @Test func anInspectionReportsAllBytesAndEvents() throws {
    let folder = TemporaryFolder()
    let line = EventBuilder(eventType: "user.session.start", at: EventTime(milliseconds: 0)).line
    let zip = Array("PK\u{3}\u{4}".utf8) + [UInt8](repeating: 0, count: 100)
    for (number, content) in [line, line + [UInt8(ascii: "\n")], zip, []].enumerated() {
      _ = folder.write("\(number).json", content)
    }
    var options = InspectOptions(paths: [folder.path])
    let progress = ScanProgress()
    options.progress = progress
    let inspection = try Inspection(options)
    #expect(inspection.problems.map(\.reason) == ["codec"])
    let size = 2 * line.count + 1 + zip.count
    #expect(progress.counts.bytesTotal == size)
    #expect(progress.counts.bytesRead == size)
    #expect(progress.counts.events == 2)
  }

  @Test(arguments: [1, 3]) func aScanReportsAllBytesAndEvents(threads: Int) throws {
    let folder = TemporaryFolder()
    let lines = (Int64(0)..<500).map {
      EventBuilder(eventType: "user.session.start", at: EventTime(milliseconds: 1_000 * $0)).line
    }
    let size = (0..<4).reduce(0) { size, file in
      let bytes = lines.joinedLines()
      _ = folder.write("\(file).json", bytes)
      return size + bytes.count
    }
    var options = ScanOptions(paths: [folder.path])
    options.threads = threads
    options.tuning.rangeBytesTarget = 10_000
    let progress = ScanProgress()
    options.progress = progress
    let result = try Scan(options).run()
    #expect(result.stats.records.events == 2000)
    #expect(progress.counts.bytesTotal == size)
    #expect(progress.counts.bytesRead == size)
    #expect(progress.counts.events == 2000)
    #expect(progress.counts.stage == .scan)
  }
}
