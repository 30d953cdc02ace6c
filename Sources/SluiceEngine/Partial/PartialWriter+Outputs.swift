extension PartialWriter {
  /// Adds the observations of workers, some of which may have been spilled.
  func write(
    _ outputs: [ScanWorker<RuleMatcher>.Output], _ plan: ScanPlan, _ options: ScanOptions, fileCount: Int,
    key: HashKey
  ) throws {
    switch try outputs.observed(plan, options, fileCount: fileCount) {
    case .held(let shards): try write(shards)
    case .written(let runs): try write(runs, key: key)
    }
  }
}
