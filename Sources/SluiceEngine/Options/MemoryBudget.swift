/// The division of a scan's memory among its workers.
enum MemoryBudget {
  /// Decoded blocks and buffers of one thread.
  private static let threadBytes = 16 << 20
  /// Everything that does not grow with the archive or the number of threads.
  private static let processBytes = 32 << 20
  /// A table that grows exists twice while it is copied, and sorting takes memory too.
  private static let bytesPerObservationByte = 3
  /// For limits that are too small for the number of threads.
  private static let workerBytesMin = 1 << 20
  /// A dictionary holds 16 GiB at most. A worker spills long before that.
  private static let workerBytesMax = 8 << 30

  /// Maximum bytes of one worker's observations, if so many threads share a process that may allocate `memoryBytes`.
  static func bytesMaxOfWorker(memoryBytes: Int, threads: Int) -> Int {
    let observationBytes = memoryBytes - threads * threadBytes - processBytes
    return min(workerBytesMax, max(workerBytesMin, observationBytes / (bytesPerObservationByte * threads)))
  }
}

extension ScanOptions {
  /// Maximum bytes of one worker's observations; nil for no limit. More are written to disk.
  var bytesMaxOfWorker: Int? {
    tuning.spillBytes ?? memoryBytes.map { MemoryBudget.bytesMaxOfWorker(memoryBytes: $0, threads: threads) }
  }
}
