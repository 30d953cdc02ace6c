import Synchronization

/// The progress of a scan. Its workers write it once per range, and the code that shows it reads it.
package final class ScanProgress: Sendable {
  package enum Stage: Int, Sendable {
    case scan
    /// The second pass, which reads some files again.
    case triage
  }

  /// The counts at one moment. They begin again with each stage.
  package struct Counts: Equatable, Sendable {
    package var stage = Stage.scan
    /// Total size of the files when they were listed; nil for standard input, whose size is not known.
    package var bytesTotal: Int?
    /// Compressed bytes, as in the files.
    package var bytesRead = 0
    package var events = 0

    package init() {}
  }

  private let stage = Atomic(Stage.scan.rawValue)
  /// The total, or -1 for nil.
  private let bytesTotal = Atomic(-1)
  private let bytesRead = Atomic(0)
  private let events = Atomic(0)

  package init() {}

  package var counts: Counts {
    var counts = Counts()
    counts.stage = Stage(rawValue: stage.load(ordering: .relaxed)) ?? .scan
    let total = bytesTotal.load(ordering: .relaxed)
    counts.bytesTotal = total < 0 ? nil : total
    counts.bytesRead = bytesRead.load(ordering: .relaxed)
    counts.events = events.load(ordering: .relaxed)
    return counts
  }

  func begin(_ stage: Stage, bytesTotal: Int?) {
    bytesRead.store(0, ordering: .relaxed)
    events.store(0, ordering: .relaxed)
    self.bytesTotal.store(bytesTotal ?? -1, ordering: .relaxed)
    self.stage.store(stage.rawValue, ordering: .relaxed)
  }

  func add(bytesRead: Int, events: Int) {
    self.bytesRead.wrappingAdd(bytesRead, ordering: .relaxed)
    self.events.wrappingAdd(events, ordering: .relaxed)
  }
}
