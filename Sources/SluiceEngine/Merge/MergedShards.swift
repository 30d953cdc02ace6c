import SluiceRecords
import SluiceSystem
import Synchronization

/// Merges all shards of what was observed, one by one, for several workers.
final class MergedShards: Sendable {
  private let observed: ObservationSet.Storage
  private let shards: ClosedRange<Int>
  /// Shards that a worker claims at once.
  private let step: Int
  private let next: Atomic<Int>
  private let rules: MergeRules
  private let floors: WindowFloors
  private let keepsDuplicates: Bool
  private let threads: Int
  private let key: HashKey

  /// - Parameters:
  ///   - shards: those that are merged.
  ///   - shardCount: how many there are.
  init(
    of observed: ObservationSet.Storage, _ shards: ClosedRange<Int>, of shardCount: Int, _ rules: MergeRules,
    _ options: ScanOptions, keepsDuplicates: Bool, key: HashKey, fileCount: Int
  ) throws(ScanError) {
    switch observed {
    case .held:
      self.observed = observed
      step = 1
    case .written(let runs):
      let reduction = MergePass(options: options, key: key, shardCount: shardCount, fileCount: fileCount)
      self.observed = .written(try reduction.reduced(runs))
      // Few shares, as frames of small runs hold many shards, and each share reads them.
      step = max(1, (shards.count + options.threads - 1) / options.threads)
    }
    self.shards = shards
    next = Atomic(shards.lowerBound)
    self.rules = rules
    floors = WindowFloors(
      rules.floors, windows: options.rules.map { options.usesTextWindows ? $0.windowOfText : $0.window },
      keepsDuplicates: keepsDuplicates)
    self.keepsDuplicates = keepsDuplicates
    threads = options.threads
    self.key = key
  }

  /// Runs `body` in each worker, with a cursor over the shards that no worker has claimed. When one fails,
  /// the others stop after their shard.
  func forEachWorker(_ body: @escaping @Sendable (inout Cursor) throws(ScanError) -> Void) throws(ScanError) {
    let fault = Monitor(ScanError?.none)
    runWorkers(threads) { [self] _ in
      var cursor = Cursor(self)
      do throws(ScanError) {
        try body(&cursor)
      } catch {
        fault.withLock { $0 = $0 ?? error }
        next.store(shards.upperBound + 1, ordering: .relaxed)
      }
    }
    if let fault = fault.withLock({ $0 }) { throw fault }
  }

  private func claim() -> ClosedRange<Int>? {
    let first = next.wrappingAdd(step, ordering: .relaxed).oldValue
    return shards.contains(first) ? first...min(shards.upperBound, first + step - 1) : nil
  }

  /// One worker's way through the shards.
  struct Cursor: ~Copyable {
    private let all: MergedShards
    private let parts: [MergedShard.Part]
    private var merge: RowMerge?

    fileprivate init(_ all: MergedShards) {
      self.all = all
      if case .held(let workers) = all.observed {
        parts = workers.map { MergedShard.Part(shards: $0, remap: DictionaryRemap($0.texts)) }
      } else {
        parts = []
      }
    }

    /// The next shard, or the next groups of one; nil if there are no more.
    mutating func next() throws(ScanError) -> MergedShard? {
      switch all.observed {
      case .held:
        guard let shard = all.claim()?.lowerBound else { return nil }
        return MergedShard(
          shard, of: parts, rules: all.rules, keepsDuplicates: all.keepsDuplicates, key: all.key)
      case .written(let runs):
        do throws(PartialError) {
          while true {
            if let batch = try merge?.next() {
              return MergedShard(batch, rules: all.rules, keepsDuplicates: all.keepsDuplicates)
            }
            guard let shards = all.claim() else { return nil }
            merge = try RowMerge(
              runs, shards: shards, key: all.key, floors: all.floors, hasWholeKeys: all.rules.hasWholeKeys)
          }
        } catch {
          throw .partial(error)
        }
      }
    }
  }
}
