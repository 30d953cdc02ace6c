import SluiceRecords
import SluiceSystem

/// Results of a detection function, one for each shard.
struct ShardResults<ShardResult: Sendable> {
  /// Results of the shards, in any order.
  var found: [ShardResult]
  var duplicates: Int

  /// Merges observations, drops duplicates and detects. Each shard is independent; workers share the shards.
  ///
  /// Rules that group by the client IP are evaluated in the step that drops duplicates. The rows of other rules
  /// then move to the shards of their keys. Rows that a partial holds by key first move to the shards of
  /// their client IPs, because copies of one event may have different keys (``Regrouping``).
  ///
  /// - Parameter shards: shards to evaluate; nil for all.
  init(
    of reading: ObservationSet, _ options: ScanOptions, key: HashKey, shards: ClosedRange<Int>? = nil,
    _ detect: @escaping @Sendable (Detector, MergedShard) -> ShardResult, detector: Detector
  ) throws(ScanError) {
    let evaluator = ShardEvaluator(
      options: options, key: key, fileCount: reading.listing.files.count, detector: detector, detect: detect)
    let count = options.tuning.shardCount
    var regrouped = try evaluator.evaluate(reading.observed, shards ?? 0...count - 1, of: count)
    if let observed = try Regrouping.observed(regrouped.byClientIP) {
      regrouped.byKey += try evaluator.evaluate(observed).byKey
    }
    if let observed = try Regrouping.observed(regrouped.byKey) {
      _ = try evaluator.evaluate(observed, isByKey: true)
    }
    (found, duplicates) = evaluator.results.withLock { $0 }
  }
}

private struct ShardEvaluator<ShardResult: Sendable>: Sendable {
  let options: ScanOptions
  let key: HashKey
  let fileCount: Int
  let detector: Detector
  let detect: @Sendable (Detector, MergedShard) -> ShardResult
  let results = Monitor((found: [ShardResult](), duplicates: 0))

  /// Rows that are evaluated in other shards.
  struct Regrouped {
    var byClientIP: [Regrouping.Output] = []
    var byKey: [Regrouping.Output] = []
  }

  func evaluate(_ observed: ObservationSet.Storage, isByKey: Bool = false) throws(ScanError) -> Regrouped {
    try evaluate(observed, 0...Regrouping.shardCount - 1, of: Regrouping.shardCount, isByKey: isByKey)
  }

  /// - Parameter isByKey: whether rows lie in the shards of their keys. Duplicates have been dropped then.
  func evaluate(
    _ observed: ObservationSet.Storage, _ shards: ClosedRange<Int>, of shardCount: Int, isByKey: Bool = false
  ) throws(ScanError) -> Regrouped {
    let regroups = !isByKey && options.rules.contains { $0.clientIP == .none }
    let regrouped = Monitor(Regrouped())
    try MergedShards(
      of: observed, shards, of: shardCount,
      regroups ? .beforeRegrouping(options.rules) : MergeRules(options.rules), options,
      keepsDuplicates: isByKey || options.keepsDuplicates, key: key, fileCount: fileCount
    ).forEachWorker { (cursor) throws(ScanError) in
      guard regroups else {
        while let shard = try cursor.next() { add(shard) }
        return
      }
      var byClientIP = Regrouping(to: .clientIP, options, key: key, fileCount: fileCount)
      var byKey = Regrouping(to: .key, options, key: key, fileCount: fileCount)
      while let shard = try cursor.next() {
        add(shard)
        try byClientIP.take(shard)
        try byKey.take(shard)
      }
      let (first, second) = (byClientIP.output(), byKey.output())
      regrouped.withLock {
        $0.byClientIP.append(first)
        $0.byKey.append(second)
      }
    }
    return regrouped.withLock { $0 }
  }
  private func add(_ shard: MergedShard) {
    let found = detect(detector, shard)
    results.withLock {
      $0.found.append(found)
      $0.duplicates += shard.duplicates
    }
  }
}

extension Detector.Options {
  init(_ options: ScanOptions, _ listing: ArchiveListing) {
    self.init(
      rules: options.rules, exceptions: options.exceptions, usesTextWindows: options.usesTextWindows,
      from: options.from, to: options.to, files: options.evidencePaths(of: listing))
  }
}
