import SluiceEngine
import SluiceRecords

/// The end of a run, for people who do not see its result: whether all input was used, and else the first reason.
package struct Outcome {
  /// The reason why the result is incomplete; nil if it is complete. It decides the exit status.
  package let incompleteness: Diagnostic?
  private let input: InputDiagnostics
  private let found: () -> Diagnostic

  init(isComplete: Bool, _ input: InputDiagnostics, _ found: @escaping () -> Diagnostic) {
    incompleteness = isComplete ? nil : input.incompleteness
    self.input = input
    self.found = found
  }

  /// The number of results or events, and whether the result is complete. Costs as much as grouping all detections.
  package var line: Diagnostic {
    let (found, isComplete) = (found(), incompleteness == nil)
    return Diagnostic(
      "\(found.text); \(isComplete ? "all input was read" : input.incompletenessCounts).",
      found.values.merging(["complete": .bool(isComplete)]) { $1 })
  }

  /// The outcome of a scan or of a merge.
  package init(_ result: ScanResult) {
    let stats = result.stats
    self.init(isComplete: stats.isComplete, InputDiagnostics(stats)) { Self.found(result) }
  }

  /// The outcome of a run that detects nothing.
  package init(_ stats: RunStats) {
    self.init(isComplete: stats.isComplete, InputDiagnostics(stats)) {
      Self.read(files: stats.input.files, events: stats.records.events)
    }
  }

  static func read(files: Int, events: Int) -> Diagnostic {
    Diagnostic(
      "Read \(NumberFormat.count(events, "event")) in \(NumberFormat.count(files, "file"))",
      ["files": .integer(files), "events": .integer(events)])
  }

  private static func found(_ result: ScanResult) -> Diagnostic {
    let shown = result.shown
    let incidents = Incident.grouped(Episode.grouped(shown))
    let lists = incidents.compactMap(\.compromisedUsers)
    var values: [String: Value] = [
      "detections": .integer(shown.count), "incidents": .integer(incidents.count),
    ]
    var text: SafeText = "No detections"
    if !shown.isEmpty {
      text =
        "\(NumberFormat.count(shown.count, "detection")) in \(NumberFormat.count(incidents.count, "incident"))"
      if lists.isEmpty {
        text = "\(text), compromised users not known"
      } else {
        let compromised = Set(lists.joined()).count
        text = "\(text), \(NumberFormat.count(compromised, "compromised user"))"
        values["compromised_users"] = .integer(compromised)
      }
    }
    let hidden = result.detections.count - shown.count
    if hidden > 0 { text = "\(text), \(hidden) more covered by exceptions" }
    return Diagnostic(text, values)
  }
}
