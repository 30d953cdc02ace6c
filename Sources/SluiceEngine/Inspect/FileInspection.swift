/// Compression and events of one file, or of several files together.
package struct FileInspection: Sendable {
  /// Path of the file; nil for several files together.
  package var path: String?
  package var sizeBytes = 0
  package var input = InputStats()
  package var records = RecordStats()
  package var findings: FileInspector.Findings

  init(gapMilliseconds: Int64) {
    findings = FileInspector.Findings(times: IntervalSet(gapMilliseconds: gapMilliseconds))
  }

  mutating func add(_ output: ScanWorker<FileInspector>.Output, sizeBytes: Int) {
    self.sizeBytes += sizeBytes
    input += output.input
    records += output.records
    findings += output.findings
  }

  /// Ends the inspection after the last file.
  mutating func finish() {
    findings.times.finish()
    precondition(records.isBalanced, "records or lines went missing")
  }
}
