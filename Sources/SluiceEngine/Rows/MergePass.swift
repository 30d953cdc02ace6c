import SluiceRecords
import SluiceSystem

/// Merges sorted runs into fewer, if one frame of each run would not fit into memory.
struct MergePass {
  let options: ScanOptions
  let key: HashKey
  let shardCount: Int
  let fileCount: Int

  /// Returns the approximate memory for reading a run: a decoded frame and tables of the values it refers to.
  private static func bytes(of run: SortedRun) -> Int {
    (4 << 10) + 2 * (run.frames.map(\.decodedBytes).max() ?? 0)
  }

  func reduced(_ runs: [SortedRun]) throws(ScanError) -> [SortedRun] {
    // Every worker reads all runs.
    guard let bytesMax = options.memoryBytes.map({ $0 / (4 * options.threads) }) else { return runs }
    var runs = runs
    while case let batches = Self.batches(runs, bytesMax), batches.count > 1 {
      do throws(SystemError) {
        // Readers may take all descriptors later.
        try options.spillFile.opened()
      } catch {
        throw noRoom(error)
      }
      let fewer = try parallelMap(count: batches.count, threads: options.threads) {
        (index) throws(ScanError) in
        try merge(batches[index])
      }
      // Runs of which no two fit stay as they are.
      if fewer.count == runs.count { return runs }
      runs = fewer
    }
    return runs
  }

  /// Groups runs, in order, into batches that can be read at once. - Returns: one batch if all runs fit.
  private static func batches(_ runs: [SortedRun], _ bytesMax: Int) -> [[SortedRun]] {
    var batches: [[SortedRun]] = [[]]
    var total = 0
    for run in runs {
      total += bytes(of: run)
      if total > bytesMax, batches[batches.count - 1].count > 1 {
        batches.append([])
        total = bytes(of: run)
      }
      batches[batches.count - 1].append(run)
    }
    return batches
  }

  private func merge(_ runs: [SortedRun]) throws(ScanError) -> SortedRun {
    if runs.count == 1 { return runs[0] }
    do {
      let fields = FacetLayout(rules: options.rules).fields
      let file = options.spillFile
      let writer = PartialWriter(to: file, shardCount: shardCount, fields: fields)
      try writer.write(runs, key: key)
      try writer.flush()
      return writer.run(PartialFile(file), fileCount: fileCount)
    } catch let error as PartialError {
      throw .partial(error)
    } catch {
      throw noRoom(error)
    }
  }

  private func noRoom(_ error: any Error) -> ScanError {
    .noRoom("what does not fit into memory could not be written to \(options.spillFile.folder): \(error)")
  }
}

extension PartialWriter {
  /// Returns the rows written so far, for this process to read again. - Precondition: ``flush()`` was called.
  func run(_ file: PartialFile, fileCount: Int) -> SortedRun {
    SortedRun(
      file: file, frames: rowFrames,
      projection: RowProjection(asWritten: fields, filterCount: Observation.ruleCountMax),
      shardCount: rowCounts.count,
      fileCount: fileCount, rowCounts: rowCounts)
  }
}
