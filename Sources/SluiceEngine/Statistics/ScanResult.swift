import SluiceRecords

package struct ScanResult: Sendable {
  /// All detections, sorted by rule, window start, client IP and the rest of the key.
  package var detections: [Detection]
  package var stats: RunStats

  /// Detections that no exception covers.
  package var shown: [Detection] { detections.filter { $0.suppressed == nil } }
}
