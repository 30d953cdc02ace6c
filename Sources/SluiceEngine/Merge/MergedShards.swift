import SluiceRecords
import SluiceSystem
import Synchronization

/// Merges all shards of the observations, one by one, for several workers.
final class MergedShards: Sendable {
  private let observed: ObservationSet.Storage
  private let shards: ClosedRange<Int>
  /// Number of shards that a worker claims at once.
  private let step: Int
  private let next: Atomic<Int>
  private let rules: MergeRules
  private let floors: WindowFloors
  private let keepsDuplicates: Bool
  private let threads: Int
  private let key: HashKey

  /// - Parameters:
  ///   - shards: shards to merge.
  ///   - shardCount: number of all shards.
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
      // Claims are large, because frames of small runs hold many shards, and each claim reads these frames again.
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

  /// Runs `body` in each worker, with a cursor over the shards that no worker has claimed, and returns the results, in
  /// any order. If one worker fails, the others stop after their shard.
  func mapWorkers<Value: Sendable>(_ body: @escaping @Sendable (inout Cursor) throws(ScanError) -> Value)
    throws(ScanError) -> [Value]
  {
    try runWorkers(threads) { [self] () throws(ScanError) in
      var cursor = Cursor(self)
      do throws(ScanError) {
        return try body(&cursor)
      } catch {
        next.store(shards.upperBound + 1, ordering: .relaxed)
        throw error
      }
    }
  }

  private func claim() -> ClosedRange<Int>? {
    let first = next.wrappingAdd(step, ordering: .relaxed).oldValue
    return shards.contains(first) ? first...min(shards.upperBound, first + step - 1) : nil
  }

  /// Iterates over the shards that one worker claims.
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

    /// Returns the next shard, or the next groups of one; nil after the last.
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
