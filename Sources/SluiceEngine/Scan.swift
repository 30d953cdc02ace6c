import Glibc
import SluiceRecords
import SluiceSystem
import Synchronization

/// Archive to detections.
///
/// Nothing in the result but ``Figures/run`` and what ``Figures/triage`` says of the work done depends on the number of threads,
/// the order of files, the sizes in `tuning` or the clock. Input that cannot be used is named in the figures. Fails only if the
/// archive decompresses to more than `limits` allow; running out of memory ends the process.
///
/// - Parameter listing: of `options.paths`, if that has been made already.
public func scan(_ options: ScanOptions, listing: ArchiveListing? = nil) throws(ScanError) -> ScanResult {
  let result = try pass(options, listing) { detector, shard in detector.detections(in: shard) }
  var detections = result.found.flatMap(\.detections).sorted(by: Detection.inOrder)
  let triage = try result.triage(&detections, options)
  Detection.joinIncidents(&detections)
  return ScanResult(
    detections: detections,
    figures: Figures(
      options: options, listing: result.listing, scanned: result.scanned, detections: detections,
      expired: result.found.map(\.expired), duplicates: result.duplicates, triage: triage,
      since: result.start))
}

/// Archive to the curve of one rule's threshold, in one scan; promises and costs as those of ``scan(_:listing:)``.
///
/// - Parameter options: whose rules do not matter.
public func whatIf(_ term: ThresholdTerm, _ options: ScanOptions) throws(ScanError) -> (
  curve: ThresholdCurve, figures: Figures
) {
  var options = options
  options.rules = [term.rule]
  let values = term.range.values
  let result = try pass(options, nil) { detector, shard in detector.tally(in: shard, of: term, values) }
  var counts = Array(repeating: ThresholdTally.Count(), count: values.count)
  for tally in result.found { counts.add(tally.counts) }
  return (
    ThresholdCurve(term, counts, hasExceptions: !options.exceptions.isEmpty),
    Figures(
      options: options, listing: result.listing, scanned: result.scanned, detections: [], expired: [],
      duplicates: result.duplicates, triage: nil, since: result.start)
  )
}

/// What one pass over an archive gave.
private struct Pass<Found> {
  var listing: ArchiveListing
  /// By number of the file, what it was when it was read.
  var statuses: [Int: FileStatus]
  var key: HashKey
  var scanned: [ScanWorker<RuleMatcher>.Output]
  /// By shard, in any order.
  var found: [Found]
  var duplicates: Int
  var start: ContinuousClock.Instant

  /// Triages detections, unless that is not wanted, or cannot be done as standard input would have to be read twice.
  func triage(_ detections: inout [Detection], _ options: ScanOptions) throws(ScanError) -> TriageRead.Result?
  {
    guard options.triages, !listing.readsStandardInput else { return nil }
    var times = ArchiveTimes()
    var log = ProblemLog()
    for output in scanned {
      times.merge(output.findings.times)
      log.merge(output.log)
    }
    let read = TriageRead(
      options: options, listing: listing, times: times, statuses: statuses, log: log, key: key)
    return try read.complete(&detections)
  }
}

/// Archive to what `detect` makes of each shard; reads top to bottom as the way of the data.
private func pass<Found: Sendable>(
  _ options: ScanOptions, _ listing: ArchiveListing?,
  _ detect: @escaping @Sendable (Detector, MergedShard) -> Found
) throws(ScanError) -> Pass<Found> {
  precondition((1...256).contains(options.threads))
  let clock = ContinuousClock().now
  let key = options.tuning.hashSeed.map(HashKey.init(seed:)) ?? .random()

  // Archive: which files, and who reads which.
  let listing = listing ?? ArchiveListing(paths: options.paths)
  let queue = ArchiveQueue(
    listing, verifies: options.verifies, limits: options.limits, tuning: options.tuning,
    progress: options.progress)

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
  let detector = Detector(options: Detector.Options(options, listing), key: key)
  let rules = MergeRules(options.rules)
  let next = Atomic(0)
  let found = Monitor((shards: [Found](), duplicates: 0))
  runWorkers(options.threads) { _ in
    let parts = scanned.map {
      MergedShard.Part(shards: $0.findings.shards, translation: Translation($0.findings.shards.texts))
    }
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < options.tuning.shardCount else { return }
      let shard = MergedShard(
        index, of: parts, rules: rules, keepsDuplicates: options.keepsDuplicates, key: key)
      let result = detect(detector, shard)
      found.withLock {
        $0.shards.append(result)
        $0.duplicates += shard.duplicates
      }
    }
  }
  let (shards, duplicates) = found.withLock { $0 }
  return Pass(
    listing: listing, statuses: queue.statuses, key: key, scanned: scanned, found: shards,
    duplicates: duplicates, start: clock)
}
