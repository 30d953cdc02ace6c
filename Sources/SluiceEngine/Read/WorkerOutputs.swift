/// Outputs of all workers that read one archive.
struct WorkerOutputs {
  var listing: ArchiveListing
  var versions: [Int: FileVersion]
  var outputs: [ScanWorker<RuleMatcher>.Output]

  /// Reads an archive. Each worker fills its own shards.
  ///
  /// - Parameters:
  ///   - only: numbers of the files to read; nil for all.
  ///   - split: byte range of the only file; nil for all bytes of each file.
  init(
    _ listing: ArchiveListing, _ plan: ScanPlan, _ options: ScanOptions, key: HashKey, only: Set<Int>? = nil,
    split: FileSplit? = nil
  ) throws(ScanError) {
    precondition((1...256).contains(options.threads))
    let queue = WorkQueue(
      listing, verifies: options.verifies, limits: options.limits,
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
    if let error = lazy.compactMap(\.findings.spillError).first { throw .noRoom(error) }
  }

  /// Returns all observations: in memory, or in files if a worker has already spilled.
  func observed(_ plan: ScanPlan, _ options: ScanOptions, fileCount: Int) throws(ScanError)
    -> ObservationSet.Storage
  {
    if allSatisfy(\.findings.spilled.isEmpty) { return .held(map(\.findings.shards)) }
    return .written(try written(plan, options, fileCount: fileCount))
  }

  /// Writes the observations still in memory to files, and returns all runs.
  func written(_ plan: ScanPlan, _ options: ScanOptions, fileCount: Int) throws(ScanError) -> [SortedRun] {
    var spill = Spill(plan, bytesMax: 0, to: options.spillFile, fileCount: fileCount)
    for output in self { spill.write(output.findings.shards) }
    if let error = spill.error { throw .noRoom(error) }
    return flatMap(\.findings.spilled) + spill.runs
  }
}
