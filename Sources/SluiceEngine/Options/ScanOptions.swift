import Glibc
import SluiceRecords
import SluiceRules

/// Options of a scan.
public struct ScanOptions: Sendable {
  /// Files, directories, or `-` for standard input.
  public var paths: [String]
  public var rules: [Rule] = Rule.builtIn
  /// Exceptions in order. If several cover a detection, the first is reported.
  public var exceptions: [RuleException] = []
  /// Whether the published queries cover the whole time range instead of running on their schedules (`--window all`).
  package var usesTextWindows = false
  /// Half-open range of event times.
  public var from: EventTime?
  public var to: EventTime?
  /// Number of threads, from 1 to 256.
  public var threads = availableProcessors()
  /// Whether checksums that are present are verified.
  public var verifies = true
  public var keepsDuplicates = false
  /// Whether every line must be complete, valid JSON, not only the lines that a rule may match.
  public var isStrict = false
  /// Whether detections are triaged. Triage reads some files a second time.
  public var triages = true
  /// Whether detections list the locations of their events in the archive.
  public var hasEvidence = true
  public var limits = Limits()
  /// Approximate memory that the process may allocate; nil for no limit. Further observations are written to disk.
  public var memoryBytes: Int? = defaultMemoryBytes()
  /// File for observations that exceed the memory.
  let spillFile = SpillFile()
  /// Folder of cached partials; nil for no cache.
  package var partials: PartialFolder?
  /// Requirements on the archive. The result is incomplete if one is not met.
  public var expectation = Expectation()
  /// Receiver of the scan's progress.
  package var progress: ScanProgress?
  package var tuning = Tuning()

  public init(paths: [String]) { self.paths = paths }

  /// Returns the paths by file number; nil without evidence, or with standard input, which cannot be read again.
  func evidencePaths(of listing: ArchiveListing) -> [LogText]? {
    hasEvidence && !listing.readsStandardInput ? listing.files.map { LogText($0.path) } : nil
  }
}

/// A folder that holds a partial for each file of an archive.
package struct PartialFolder: Sendable {
  package var path: String
  /// Whether a file is also identified by its content. All of the file is read for this.
  package var isParanoid = false
  /// Present time in nanoseconds since 1970.
  var now: @Sendable () -> Int64 = {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  package init(_ path: String) { self.path = path }
}
