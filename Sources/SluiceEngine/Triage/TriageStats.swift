import SluiceRecords

/// What the second read of a run, for triage, came to.
///
/// Blocks are passed over as far as the cut of ranges allows, so that what was decompressed depends on the sizes in ``Tuning``.
public struct TriageStats: Sendable {
  public var filesRead = 0
  public var filesSkipped = 0
  public var bytesRead = 0
  public var bytesDecompressed = 0
  public var lines = 0
  /// Records that hold a client IP that was looked for, and could not be used, by reason. If the first read looked at them too, it
  /// has named them.
  public var rejected: [String: Int] = [:]
  public var rejectedCount: Int { rejected.values.reduce(0, +) }
  /// Differs from run to run.
  public var seconds = 0.0

  /// How far beyond the times that were seen in a file its events may lie.
  public static let slackSeconds = Int(TimeIndex.slack / 1000)

  init(_ read: [ScanWorker<TriageMatcher>.Output], filesSkipped: Int) {
    var archive = InputStats()
    var counts = RecordStats()
    for output in read {
      archive.add(output.archive)
      counts.add(output.counts)
    }
    filesRead = archive.files
    self.filesSkipped = filesSkipped
    bytesRead = archive.bytesCompressed
    bytesDecompressed = archive.bytesDecompressed
    lines = counts.lines
    rejected = counts.rejected
    // What is cut by damage has been named; the rest, by blocks that were passed over.
    rejected["cut"] = nil
  }

  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("files_read", filesRead)
      json.member("files_skipped", filesSkipped)
      json.member("bytes_read", bytesRead)
      json.member("bytes_decompressed", bytesDecompressed)
      json.member("lines", lines)
      json.key("rejected")
      json.object { json in
        for (reason, count) in rejected.sorted(by: { $0.key < $1.key }) { json.member(reason, count) }
      }
      json.member("slack_seconds", Self.slackSeconds)
      json.member("seconds", .double(seconds))
    }
  }
}
