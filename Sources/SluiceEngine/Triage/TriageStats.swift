import SluiceRecords

/// Statistics of the second pass of a run, for triage.
///
/// Blocks are skipped only as far as range boundaries allow, so the decompressed bytes of ``input`` depend on the sizes in
/// ``Tuning``.
package struct TriageStats: Sendable {
  package var input = InputStats()
  /// Records that contain a triaged client IP. If the first pass parsed the rejected ones too, it has reported them.
  package var records = RecordStats()
  package var filesSkipped = 0
  /// Wall time, which differs between runs.
  package var seconds = 0.0

  /// Seconds by which events of a file may lie outside the times seen in it.
  package static let slackSeconds = Int(TimeIndex.slack / 1000)

  init(_ read: [ScanWorker<TriageMatcher>.Output], filesSkipped: Int) {
    self.filesSkipped = filesSkipped
    for output in read {
      input += output.input
      records += output.records
    }
    // Lines cut by damage have been reported. Other lines are cut only because blocks were skipped.
    records.rejected[Reason.cut.word] = nil
  }
}
