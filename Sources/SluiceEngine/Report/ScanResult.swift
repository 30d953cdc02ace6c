import SluiceRecords

public struct ScanResult: Sendable {
  /// Sorted by rule, window start, client IP and the rest of the key.
  public var detections: [Detection]
  public var figures: RunStats

  /// Those that no exception covers.
  public var shown: [Detection] { detections.filter { $0.suppressed == nil } }
}
