/// The memory in which one worker reads and decodes, and what it has learned about the input.
///
/// It is handed down as a whole from the worker to the reader of a file and to the decoder of its blocks.
struct ReadContext: ~Copyable {
  var buffers: WorkerBuffers
  var log = ProblemLog()
  var stats = InputStats()

  /// - Parameter rangeBytes: the capacity of the buffers at first.
  init(rangeBytes: Int = 1 << 20) { buffers = WorkerBuffers(rangeBytes: rangeBytes) }
}
