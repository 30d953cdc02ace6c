import Glibc
import SluiceRecords

/// What to scan and how.
public struct ScanOptions: Sendable {
  /// Files, directories, or `-` for standard input.
  public var paths: [String]
  public var rules: [Rule] = Rule.builtIn
  /// In order: of those that cover a detection the first is named.
  public var exceptions: [RuleException] = []
  /// `--window all`: the published queries over the whole range, without the schedules on which they are run.
  public var usesTextWindows = false
  /// Half-open, on event time.
  public var from: EventTime?
  public var to: EventTime?
  /// 1 to 256.
  public var threads = availableProcessors()
  /// Whether checksums that are present are verified.
  public var verifies = true
  public var keepsDuplicates = false
  /// Every line must be whole, valid JSON, not only those that a rule may match.
  public var isStrict = false
  /// Whether detections are triaged, for which near files are read once more.
  public var triages = true
  /// Whether detections say where in the archive their events lie.
  public var hasEvidence = true
  public var limits = Limits()
  /// What the process may allocate, about; observations beyond that are written out. nil for any amount.
  public var memoryBytes: Int? = defaultMemoryBytes()
  /// Where they are written.
  let spillFile = SpillFile()
  /// Where partials are kept and found; nil if none are.
  public var partials: PartialFolder?
  /// What the archive must hold, or else the result is incomplete.
  public var expectation = Expectation()
  /// Told how far the scan has come.
  public var progress: ScanProgress?
  public var tuning = Tuning()

  public init(paths: [String]) { self.paths = paths }

  /// Bytes that the observations of one worker may take.
  var bytesMaxOfWorker: Int? {
    // Beside them are what blocks are decoded to, tables that grow by being copied, and what is sorted. A dictionary holds
    // 16 GiB at most.
    tuning.spillBytes
      ?? memoryBytes.map {
        min(8 << 30, max(1 << 20, ($0 - threads * (16 << 20) - (32 << 20)) / (3 * threads)))
      }
  }

  /// By number of the file; nil if no evidence is wanted, or there is standard input, which cannot be read again.
  func evidencePaths(of listing: ArchiveListing) -> [LogText]? {
    hasEvidence && !listing.readsStandardInput ? listing.files.map { LogText($0.path) } : nil
  }
}

/// A folder with a partial for each file of an archive.
public struct PartialFolder: Sendable {
  public var path: String
  /// Whether a file is known by its content too, for which all of it is read.
  public var isParanoid = false
  /// The time now, in nanoseconds from 1970.
  var now: @Sendable () -> Int64 = {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  public init(_ path: String) { self.path = path }
}
