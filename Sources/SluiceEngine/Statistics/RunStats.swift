import Glibc
import SluiceRecords
import SluiceRules

/// The statistics of one run: the record `sluice.stats/1`.
public struct RunStats: Sendable {
  public var input: InputStats
  public var records: RecordStats
  /// Lines that some active rule may match, see ``CandidateCounts``.
  package var candidates = 0
  /// Files without any Okta event among their sampled records, and sampled records of all files that are not Okta
  /// events.
  package var unrecognised = (files: 0, recordsSampled: 0)
  /// Events that passed each rule's filter, before duplicates are dropped.
  package var observations: [(rule: String, count: Int)] = []
  package var duplicates = 0
  public var detections: [(rule: String, count: Int)] = []
  /// Detections of each rule that an exception covers.
  package var suppressed: [(rule: String, count: Int)] = []
  /// The exceptions in the order in which they apply, with their use.
  package var exceptions: [(exception: RuleException, use: ExceptionUse)] = []
  /// For each rule and filter step, the events that passed it and all steps before it.
  ///
  /// Events that the rule rejects because they have no usable time are not counted.
  package var funnel: [(rule: String, steps: [(name: String, passed: Int)])] = []
  package var coverage: Coverage
  /// A lower bound of the last seen event's time, less than an hour below it; nil if no event was seen.
  package var lastKnown: EventTime?
  /// The statistics of the second pass; nil if there was none.
  package var triage: TriageStats?
  /// Whether detections could not be triaged, because standard input can be read only once.
  package var lacksTriage = false
  public var problems: [Problem] = []
  /// The expectations of the whole run that were not met.
  public var shortfalls: [Shortfall] = []
  package var cacheUse: CacheUse
  package var skipped = ArchiveListing.Skipped()
  /// The statistics that differ from run to run.
  package var run: Resources

  /// Whether all input was read and used.
  ///
  /// A damaged partial does not count: it is reported and was made again.
  public var isComplete: Bool {
    problems.allSatisfy { $0.reason == .partial } && records.rejected.isEmpty
      && shortfalls.isEmpty
  }

  package func perSecond(_ count: Int) -> Double { run.wallSeconds > 0 ? Double(count) / run.wallSeconds : 0 }

  package struct Resources: Sendable {
    package var threads: Int
    package var shards: Int
    package var wallSeconds: Double
    package var cpuSeconds: Double
    package var peakRSSBytes: Int
  }
}

extension RunStats.Resources {
  /// The resources that this process has used.
  init(threads: Int, shards: Int, since start: ContinuousClock.Instant) {
    var usage = rusage()
    getrusage(CInt(RUSAGE_SELF.rawValue), &usage)
    self.init(
      threads: threads, shards: shards, wallSeconds: (ContinuousClock().now - start) / .seconds(1),
      cpuSeconds: usage.ru_utime.seconds + usage.ru_stime.seconds,
      peakRSSBytes: peakResidentBytes() ?? usage.ru_maxrss * 1024)
  }
}

/// Returns the peak resident memory of this process in bytes, from `/proc/self/status`.
///
/// `getrusage` is no substitute: it reports the parent's peak before the exec if that was higher.
private func peakResidentBytes() -> Int? {
  guard let text = smallFile("/proc/self/status", bytesMax: 8192),
    let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
  else { return nil }
  return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }.map {
    $0 * 1024
  }
}

extension timeval {
  fileprivate var seconds: Double { Double(tv_sec) + Double(tv_usec) / 1e6 }
}
