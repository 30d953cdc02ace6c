import SluiceRecords
import SluiceSystem

/// Writing of rows from shards in memory, from sorted runs, or from both.
extension PartialWriter {
  /// Adds all rows of some workers and empties their shards.
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

  /// Merges sorted runs and adds their rows.
  func write(_ runs: [SortedRun], key: HashKey) throws {
    var merge = try RowMerge(runs, shards: 0...rowCounts.count - 1, key: key)
    while let batch = try merge.next() {
      use([RowDictionaries(batch.texts, batch.locations)])
      try write(batch.rows[...], of: batch.shard)
    }
  }
}
