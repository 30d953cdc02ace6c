import Glibc
import SluiceRecords
import SluiceSystem

/// Writes out what a worker found, sorted, when that takes more memory than it may.
struct Spill: Sendable {
  /// Of a worker's observations and what they refer to.
  let bytesMax: Int
  private let folder: String
  private let fields: [[Field]]
  private let shardCount: Int
  private let fileCount: Int
  private(set) var runs: [RowRun] = []
  /// Why something could not be written; nothing more is then.
  private(set) var fault: String?

  /// - Parameters:
  ///   - plan: of all workers.
  ///   - folder: in which room is taken; nothing is left there.
  init(_ plan: ScanPlan, bytesMax: Int, folder: String, fileCount: Int) {
    self.bytesMax = bytesMax
    self.folder = folder
    fields = plan.layout.fields
    shardCount = plan.tuning.shardCount
    self.fileCount = fileCount
  }

  func isDue(_ shards: WorkerShards) -> Bool { fault == nil && shards.byteCount > bytesMax }

  /// Writes out all that shards hold, which are empty afterwards.
  mutating func write(_ shards: WorkerShards) {
    do throws(SystemError) {
      let file = try PartialBytes.Temporary(in: folder)
      let writer = PartialWriter(to: file.descriptor, shardCount: shardCount, fields: fields)
      try writer.write([shards])
      try writer.flush()
      runs.append(writer.run(PartialBytes(file), fileCount: fileCount))
    } catch {
      fault = "observations do not fit into memory, and could not be written out to \(folder): \(error)"
    }
  }

  /// Where room is taken unless somebody says otherwise.
  static var defaultFolder: String {
    getenv("TMPDIR").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } ?? "/var/tmp"
  }
}
