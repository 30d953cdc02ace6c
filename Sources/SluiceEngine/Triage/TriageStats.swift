import SluiceRecords

/// Statistics of the second pass of a run, for triage.
///
/// Blocks are skipped only as far as range boundaries allow, so ``bytesDecompressed`` depends on the sizes in
/// ``Tuning``.
package struct TriageStats: Sendable {
  package var filesRead = 0
  package var filesSkipped = 0
  package var bytesRead = 0
  package var bytesDecompressed = 0
  package var lines = 0
  /// Records that contain a triaged client IP but could not be used, by reason. If the first pass parsed them too, it
  /// has reported them.
  package var rejected: [Reason.Word: Int] = [:]
  package var rejectedCount: Int { rejected.values.reduce(0, +) }
  /// Wall time, which differs between runs.
  package var seconds = 0.0

  /// Seconds by which events of a file may lie outside the times seen in it.
  package static let slackSeconds = Int(TimeIndex.slack / 1000)

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
    // Lines cut by damage have been reported. Other lines are cut only because blocks were skipped.
    rejected[Reason.cut.word] = nil
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
        for (reason, count) in rejected.sorted(by: { $0.key < $1.key }) { json.member(reason.text, count) }
      }
      json.member("slack_seconds", Self.slackSeconds)
      json.member("seconds", .double(seconds))
    }
  }
}
