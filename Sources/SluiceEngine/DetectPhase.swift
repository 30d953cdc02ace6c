import SluiceRecords

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
    var evaluated = try evaluator.evaluate(reading.observed, shards ?? 0...count - 1, of: count)
    if let observed = try Regrouping.observed(evaluated.byClientIP) {
      evaluated += try evaluator.evaluate(observed)
    }
    if let observed = try Regrouping.observed(evaluated.byKey) {
      evaluated += try evaluator.evaluate(observed, isByKey: true)
    }
    (found, duplicates) = (evaluated.found, evaluated.duplicates)
  }
}

private struct ShardEvaluator<ShardResult: Sendable>: Sendable {
  let options: ScanOptions
  let key: HashKey
  let fileCount: Int
  let detector: Detector
  let detect: @Sendable (Detector, MergedShard) -> ShardResult

  /// Results of shards, and rows that are evaluated in other shards.
  struct Evaluated: Sendable {
    var found: [ShardResult] = []
    var duplicates = 0
    var byClientIP: [Regrouping.Output] = []
    var byKey: [Regrouping.Output] = []

    static func += (all: inout Evaluated, other: Evaluated) {
      all.found += other.found
      all.duplicates += other.duplicates
      all.byClientIP += other.byClientIP
      all.byKey += other.byKey
    }
  }

  func evaluate(_ observed: ObservationSet.Storage, isByKey: Bool = false) throws(ScanError) -> Evaluated {
    try evaluate(observed, 0...Regrouping.shardCount - 1, of: Regrouping.shardCount, isByKey: isByKey)
  }

  /// - Parameter isByKey: whether rows lie in the shards of their keys. Duplicates have been dropped then.
  func evaluate(
    _ observed: ObservationSet.Storage, _ shards: ClosedRange<Int>, of shardCount: Int, isByKey: Bool = false
  ) throws(ScanError) -> Evaluated {
    let regroups = !isByKey && options.rules.contains { $0.clientIP == .none }
    return try MergedShards(
      of: observed, shards, of: shardCount,
      regroups ? .beforeRegrouping(options.rules) : MergeRules(options.rules), options,
      keepsDuplicates: isByKey || options.keepsDuplicates, key: key, fileCount: fileCount
    ).mapWorkers { (cursor) throws(ScanError) in
      var evaluated = Evaluated()
      guard regroups else {
        while let shard = try cursor.next() { add(shard, to: &evaluated) }
        return evaluated
      }
      var byClientIP = Regrouping(to: .clientIP, options, key: key, fileCount: fileCount)
      var byKey = Regrouping(to: .key, options, key: key, fileCount: fileCount)
      while let shard = try cursor.next() {
        add(shard, to: &evaluated)
        try byClientIP.take(shard)
        try byKey.take(shard)
      }
      (evaluated.byClientIP, evaluated.byKey) = ([byClientIP.output()], [byKey.output()])
      return evaluated
    }.reduce(into: Evaluated(), +=)
  }

  private func add(_ shard: MergedShard, to evaluated: inout Evaluated) {
    evaluated.found.append(detect(detector, shard))
    evaluated.duplicates += shard.duplicates
  }
}

extension Detector.Options {
  init(_ options: ScanOptions, _ listing: ArchiveListing) {
    self.init(
      rules: options.rules, exceptions: options.exceptions, usesTextWindows: options.usesTextWindows,
      from: options.from, to: options.to, files: options.evidencePaths(of: listing))
  }
}
