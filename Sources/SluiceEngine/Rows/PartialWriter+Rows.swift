import SluiceRecords
import SluiceSystem

/// Where a partial's rows come from: shards in memory, runs that were written out, or some of both.
extension PartialWriter {
  /// Adds all rows of some workers, whose shards are empty afterwards.
  func write(_ workers: [WorkerShards]) throws(SystemError) {
    use(workers.map { RowDictionaries($0) })
    for shard in 0..<(workers.first?.count ?? 0) {
      var rows: [Observation] = []
      rows.reserveCapacity(workers.reduce(0) { $0 + $1.observationCount(of: shard) })
      for (number, worker) in workers.enumerated() {
        worker.drain(shard) { row in
          var row = row
          row.part = UInt32(number)
          rows.append(row)
        }
      }
      rows.sort(by: Observation.inOrder)
      try write(rows[...], of: shard)
    }
  }

  /// Adds the rows of runs, merged.
  func write(_ runs: [SortedRun], key: HashKey) throws {
    var merge = try RowMerge(runs, shards: 0...rowCounts.count - 1, key: key)
    while let batch = try merge.next() {
      use([RowDictionaries(batch.texts, batch.locations)])
      try write(batch.rows[...], of: batch.shard)
    }
  }
}
