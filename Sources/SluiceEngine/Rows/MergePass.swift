import SluiceRecords
import SluiceSystem
import Synchronization

/// Merges runs into fewer, when there are so many that a frame of each would not fit into memory.
struct MergePass {
  let options: ScanOptions
  let key: HashKey
  let shardCount: Int
  let fileCount: Int

  /// About what a walk through a run holds: a frame, decoded, and tables of what it refers to.
  private static func bytes(of run: SortedRun) -> Int {
    (4 << 10) + 2 * (run.frames.map(\.decodedBytes).max() ?? 0)
  }

  func reduced(_ runs: [SortedRun]) throws(ScanError) -> [SortedRun] {
    // Every worker walks through all of them.
    guard let bytesMax = options.memoryBytes.map({ $0 / (4 * options.threads) }) else { return runs }
    var runs = runs
    while case let batches = Self.batches(runs, bytesMax), batches.count > 1 {
      do throws(SystemError) {
        // Later, those that read may take all descriptors.
        try options.spillFile.opened()
      } catch {
        throw noRoom(error)
      }
      let next = Atomic(0)
      let results = Monitor((runs: [Int: SortedRun](), fault: ScanError?.none))
      runWorkers(options.threads) { _ in
        while case let index = next.wrappingAdd(1, ordering: .relaxed).oldValue, index < batches.count {
          do throws(ScanError) {
            let merged = try merge(batches[index])
            results.withLock { $0.runs[index] = merged }
          } catch {
            results.withLock { $0.fault = $0.fault ?? error }
          }
        }
      }
      let (merged, fault) = results.withLock { $0 }
      if let fault { throw fault }
      let fewer = batches.indices.compactMap { merged[$0] }
      // What is left are runs of which two do not fit; they have to.
      if fewer.count == runs.count { return runs }
      runs = fewer
    }
    return runs
  }

  /// Runs of which a walk through all of a batch fits, in order. - Returns: one batch if all fit.
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
    } catch let fault as PartialError {
      throw .partial(fault)
    } catch {
      throw noRoom(error)
    }
  }

  private func noRoom(_ error: any Error) -> ScanError {
    .noRoom("what does not fit into memory could not be written to \(options.spillFile.folder): \(error)")
  }
}

extension PartialWriter {
  /// What was written, for this process to read again. - Precondition: ``flush()`` was called.
  func run(_ file: PartialFile, fileCount: Int) -> SortedRun {
    SortedRun(
      file: file, frames: rowFrames,
      projection: RowProjection(asWritten: fields, filterCount: Observation.ruleCountMax),
      shardCount: rowCounts.count,
      fileCount: fileCount, rowCounts: rowCounts)
  }
}
