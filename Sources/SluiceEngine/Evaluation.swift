import SluiceRecords
import SluiceSystem
import Synchronization

/// What `detect` made of each shard, or of some client IPs of one.
struct Evaluation<Found: Sendable> {
  /// In any order.
  var found: [Found]
  var duplicates: Int

  /// Merges what was observed, and detects: every shard by itself, spread over workers.
  ///
  /// - Parameter shards: those that are evaluated; nil for all.
  init(
    of reading: Reading, _ options: ScanOptions, key: HashKey, shards: ClosedRange<Int>? = nil,
    _ detect: @escaping @Sendable (Detector, MergedShard) -> Found, detector: Detector
  ) throws(ScanError) {
    let rules = MergeRules(options.rules)
    let all = shards ?? 0...options.tuning.shardCount - 1
    let next = Atomic(all.lowerBound)
    let results = Monitor((found: [Found](), duplicates: 0, fault: PartialFault?.none))
    @Sendable func add(_ shard: MergedShard) {
      let result = detect(detector, shard)
      results.withLock {
        $0.found.append(result)
        $0.duplicates += shard.duplicates
      }
    }
    let fileCount = reading.listing.files.count
    switch reading.observed {
    case .held(let workers):
      runWorkers(options.threads) { _ in
        let parts = workers.map { MergedShard.Part(shards: $0, translation: Translation($0.texts)) }
        while case let index = next.wrappingAdd(1, ordering: .relaxed).oldValue, all.contains(index) {
          add(
            MergedShard(index, of: parts, rules: rules, keepsDuplicates: options.keepsDuplicates, key: key))
        }
      }
    case .written(let runs):
      let runs = try RunReduction(
        options: options, key: key, shardCount: options.tuning.shardCount, fileCount: fileCount
      ).reduced(runs)
      // Few shares, as frames of small runs hold many shards, and each share reads them.
      let step = max(1, (all.count + options.threads - 1) / options.threads)
      let floors = WindowFloors(
        options.rules,
        windows: options.rules.map { options.usesTextWindows ? $0.windowOfText : $0.window },
        keepsDuplicates: options.keepsDuplicates)
      runWorkers(options.threads) { _ in
        do throws(PartialFault) {
          while case let index = next.wrappingAdd(step, ordering: .relaxed).oldValue, all.contains(index) {
            var merge = try RowMerge(
              runs, shards: index...min(all.upperBound, index + step - 1), key: key, floors: floors)
            while let chunk = try merge.next() {
              add(MergedShard(chunk, rules: rules, keepsDuplicates: options.keepsDuplicates))
            }
          }
        } catch {
          results.withLock { $0.fault = $0.fault ?? error }
        }
      }
    }
    let (found, duplicates, fault) = results.withLock { $0 }
    if let fault { throw .partial(fault) }
    (self.found, self.duplicates) = (found, duplicates)
  }
}
