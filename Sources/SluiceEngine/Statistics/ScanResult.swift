import SluiceRecords

public struct ScanResult: Sendable {
  /// All detections, sorted by rule, window start, client IP and the rest of the key.
  public var detections: [Detection]
  public var stats: RunStats

  /// Detections that no exception covers.
  public var shown: [Detection] { detections.filter { $0.suppressed == nil } }
}
