import Glibc
import SluiceRecords
import SluiceSystem
import Synchronization

/// Archive to detections; reads top to bottom as the way of the data.
///
/// Nothing in the result but ``Figures/run`` depends on the number of threads, the order of files, the sizes in
/// `tuning` or the clock. Input that cannot be used is named in the figures. Fails only if the archive decompresses to more
/// than `limits` allow; running out of memory ends the process.
///
/// - Parameter listing: of `options.paths`, if that has been made already.
public func scan(_ options: ScanOptions, listing: ArchiveListing? = nil) throws(ScanError) -> ScanResult {
  precondition((1...256).contains(options.threads))
  let clock = ContinuousClock().now
  let key = options.tuning.hashSeed.map(HashKey.init(seed:)) ?? .random()

  // Archive: which files, and who reads which.
  let listing = listing ?? ArchiveListing(paths: options.paths)
  let queue = ArchiveQueue(
    listing, verifies: options.verifies, limits: options.limits, tuning: options.tuning)

  // Scan and shard: every worker by itself, into shards of its own.
  let plan = ScanPlan(
    rules: options.rules, from: options.from, to: options.to, isStrict: options.isStrict,
    limits: options.limits, tuning: options.tuning)
  let workers = Monitor([ScanWorker<RuleMatcher>.Output]())
  runWorkers(options.threads) { _ in
    var worker = ScanWorker(plan: plan, taker: RuleMatcher(plan: plan, key: key))
    worker.run(queue)
    let output = worker.output
    workers.withLock { $0.append(output) }
  }
  let scanned = workers.withLock { $0 }
  if queue.isTooMuch { throw .tooMuch(totalBytesMax: options.limits.totalBytesMax) }
  precondition(queue.isFlushed, "lines went missing between ranges")

  // Merge and detect: every shard by itself.
  let detector = Detector(
    options: Detector.Options(
      rules: options.rules, usesTextWindows: options.usesTextWindows, from: options.from, to: options.to),
    key: key)
  let rules = MergeRules(options.rules)
  let next = Atomic(0)
  let found = Monitor((detections: [Detection](), duplicates: 0))
  runWorkers(options.threads) { _ in
    let parts = scanned.map {
      MergedShard.Part(shards: $0.findings.shards, translation: Translation($0.findings.shards.texts))
    }
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < options.tuning.shardCount else { return }
      let shard = MergedShard(
        index, of: parts, rules: rules, keepsDuplicates: options.keepsDuplicates, key: key)
      let detections = detector.detections(in: shard)
      found.withLock {
        $0.detections += detections
        $0.duplicates += shard.duplicates
      }
    }
  }
  let (unsorted, duplicates) = found.withLock { $0 }
  let detections = unsorted.sorted(by: Detection.inOrder)

  // Report.
  return ScanResult(
    detections: detections,
    figures: Figures(
      options: options, listing: listing, scanned: scanned, detections: detections, duplicates: duplicates,
      since: clock))
}
