import SluiceSystem

/// A pool of workers that take files from one ``WorkQueue``.
struct WorkerPool {
  let queue: WorkQueue
  let limits: Limits
  let threads: Int

  /// Runs `work` in each worker until the queue is empty, and returns the results, in any order.
  ///
  /// - Throws: the first error of a worker, or ``ScanError/tooMuch(totalBytesMax:)``.
  func run<Value: Sendable>(_ work: @escaping @Sendable () throws(ScanError) -> Value) throws(ScanError)
    -> [Value]
  {
    let results = Result { () throws(ScanError) in try runWorkers(threads, work) }
    if queue.isTooMuch { throw .tooMuch(totalBytesMax: limits.totalBytesMax) }
    let values = try results.get()
    precondition(queue.isFlushed, "lines went missing between ranges")
    return values
  }
}

extension ScanWorker where Sink: ~Copyable {
  /// Runs `threads` workers until nothing is left to read, and returns their outputs.
  ///
  /// - Parameter sink: creates the event sink of one worker.
  static func outputs(
    of queue: WorkQueue, _ plan: ScanPlan, threads: Int, _ sink: @escaping @Sendable () -> Sink
  ) throws(ScanError) -> [Output] {
    try WorkerPool(queue: queue, limits: plan.limits, threads: threads).run {
      var worker = ScanWorker(plan: plan, sink: sink())
      worker.run(queue)
      return worker.output
    }
  }
}
