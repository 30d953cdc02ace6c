import SluiceRecords
import SluiceSystem

/// What the reading of an archive came to, before any rule is evaluated.
struct ObservationSet {
  var listing: ArchiveListing
  /// By number of the file, what it was when it was read.
  var versions: [Int: FileVersion]
  var observed: Storage
  var totals: ScanStats
  /// nil if nothing could be reused.
  var cacheUse: CacheUse?
  /// Keeps others from removing the files that `observed` is in.
  var hold: FolderLock?

  enum Storage: Sendable {
    /// What each worker found, in memory.
    case held([WorkerShards])
    /// The same in files.
    case written([SortedRun])
  }

  /// How much of the archive was read, and how much was known.
  struct CacheUse: Sendable {
    var filesRead = 0
    var filesReused = 0
    /// As they lie on disk.
    var bytesRead = 0
    /// Partials that could not be used as rules ask for more than they hold: how many, and why not the first of them.
    var outdated: (count: Int, why: String)?
  }
}

extension ScanPlan {
  init(_ options: ScanOptions) {
    self.init(
      rules: options.rules, from: options.from, to: options.to, isStrict: options.isStrict,
      limits: options.limits, tuning: options.tuning)
  }

  /// For partials: of all times, and by shards that every process picks alike.
  init(forPartialsOf options: ScanOptions, _ placement: RowPlacement = .byKey) {
    self.init(
      rules: options.rules, from: nil, to: nil, isStrict: options.isStrict, limits: options.limits,
      tuning: options.tuning)
    shardKey = HashKey(seed: 0)
    self.placement = placement
  }
}

/// What all workers found in an archive.
struct WorkerOutputs {
  var listing: ArchiveListing
  var versions: [Int: FileVersion]
  var outputs: [ScanWorker<RuleMatcher>.Output]

  /// Reads an archive: every worker by itself, into shards of its own.
  ///
  /// - Parameters:
  ///   - only: files that are read, by number; nil if all are.
  ///   - share: of the one file there is; nil for all of each.
  init(
    _ listing: ArchiveListing, _ plan: ScanPlan, _ options: ScanOptions, key: HashKey, only: Set<Int>? = nil,
    split: FileSplit? = nil
  ) throws(ScanError) {
    precondition((1...256).contains(options.threads))
    let queue = ArchiveQueue(
      listing, verifies: options.verifies, limits: options.limits, tuning: options.tuning,
      only: only, split: split, progress: options.progress)
    let spill = options.spill(plan, fileCount: listing.files.count)
    outputs = try ScanWorker.outputs(of: queue, plan, threads: options.threads) {
      RuleMatcher(plan: plan, key: key, spill: spill)
    }
    versions = queue.versions
    self.listing = listing
    try outputs.checkSpill()
  }

  func totals(_ plan: ScanPlan) -> ScanStats {
    var totals = ScanStats(rules: plan.rules, from: plan.from, to: plan.to)
    for output in outputs { totals.add(output) }
    return totals
  }

  func observationSet(_ plan: ScanPlan, _ options: ScanOptions) throws(ScanError) -> ObservationSet {
    ObservationSet(
      listing: listing, versions: versions,
      observed: try outputs.observed(plan, options, fileCount: listing.files.count), totals: totals(plan))
  }
}

extension [ScanWorker<RuleMatcher>.Output] {
  func checkSpill() throws(ScanError) {
    if let fault = lazy.compactMap(\.findings.spillFault).first { throw .noRoom(fault) }
  }

  /// What was found, in memory, or in files if some of it is there already.
  func observed(_ plan: ScanPlan, _ options: ScanOptions, fileCount: Int) throws(ScanError)
    -> ObservationSet.Storage
  {
    if allSatisfy(\.findings.spilled.isEmpty) { return .held(map(\.findings.shards)) }
    return .written(try written(plan, options, fileCount: fileCount))
  }

  /// What was found, all of it in files.
  func written(_ plan: ScanPlan, _ options: ScanOptions, fileCount: Int) throws(ScanError) -> [SortedRun] {
    var spill = Spill(plan, bytesMax: 0, to: options.spillFile, fileCount: fileCount)
    for output in self { spill.write(output.findings.shards) }
    if let fault = spill.fault { throw .noRoom(fault) }
    return flatMap(\.findings.spilled) + spill.runs
  }
}
