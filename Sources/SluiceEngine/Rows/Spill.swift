import SluiceRecords
import SluiceRules
import SluiceSystem

/// Writes the observations of a worker to disk, sorted, when they take more memory than allowed.
struct Spill: Sendable {
  /// Maximum bytes of a worker's observations and the values they refer to.
  let bytesMax: Int
  private let file: SpillFile
  private let fields: [[Field]]
  private let shardCount: Int
  private let fileCount: Int
  private(set) var runs: [SortedRun] = []
  /// Message of the first failed write. After it, nothing more is written.
  private(set) var error: String?

  /// - Parameter plan: plan of all workers.
  init(_ plan: ScanPlan, bytesMax: Int, to file: SpillFile, fileCount: Int) {
    self.init(
      plan.layout, shardCount: plan.tuning.shardCount, bytesMax: bytesMax, to: file, fileCount: fileCount)
  }

  init(_ layout: FacetLayout, shardCount: Int, bytesMax: Int, to file: SpillFile, fileCount: Int) {
    self.bytesMax = bytesMax
    self.file = file
    fields = layout.fields
    self.shardCount = shardCount
    self.fileCount = fileCount
  }

  func isDue(_ shards: WorkerShards) -> Bool { error == nil && shards.byteCount > bytesMax }

  /// Writes out all rows of the shards and empties them.
  mutating func write(_ shards: WorkerShards) {
    do throws(SystemError) {
      let writer = PartialWriter(to: file, shardCount: shardCount, fields: fields)
      try writer.write([shards])
      try writer.flush()
      if !writer.rowFrames.isEmpty { runs.append(writer.run(PartialFile(file), fileCount: fileCount)) }
    } catch {
      self.error =
        "observations do not fit into memory, and could not be written out to \(file.folder): \(error)"
    }
  }
}

extension ScanOptions {
  /// Creates the spill that each worker starts with; nil if memory is not limited.
  func spill(_ plan: ScanPlan, fileCount: Int) -> Spill? {
    guard let bytesMax = bytesMaxOfWorker else { return nil }
    spillFile.openIfDescriptorsAreFew(threads: threads)
    return Spill(plan, bytesMax: bytesMax, to: spillFile, fileCount: fileCount)
  }
}
