import Glibc
import Synchronization

/// Runs `work` on `count` threads at once, and returns their results in the order in which they ended.
///
/// It creates its own threads, because pools have as many as the machine has cores, and the user chooses the number. If
/// the system refuses a thread, there are fewer threads and fewer results.
///
/// - Throws: the first error of a thread, after all have ended.
package func runWorkers<Value: Sendable, Failure: Error>(
  _ count: Int, _ work: @escaping @Sendable () throws(Failure) -> Value
) throws(Failure) -> [Value] {
  let ended = Monitor([Result<Value, Failure>]())
  runThreads(count) {
    let result = Result(catching: work)
    ended.withLock { $0.append(result) }
  }
  return try values(ended.withLock { $0 })
}

/// Returns the value of `transform` for each index below `count`, in order of index. Threads share the indices.
///
/// - Parameter makeState: creates the state of one thread, which `transform` may change.
/// - Throws: the error of the lowest index that fails. Indices that no thread has claimed by then are skipped.
package func parallelMap<State: ~Copyable, Value: Sendable, Failure: Error>(
  count: Int, threads: Int, state makeState: @escaping @Sendable () -> State,
  _ transform: @escaping @Sendable (inout State, Int) throws(Failure) -> Value
) throws(Failure) -> [Value] {
  if count == 0 { return [] }
  let next = Atomic(0)
  let ended = Monitor([Result<Value, Failure>?](repeating: nil, count: count))
  runThreads(min(threads, count)) {
    var state = makeState()
    while case let index = next.wrappingAdd(1, ordering: .relaxed).oldValue, index < count {
      do throws(Failure) {
        let value = try transform(&state, index)
        ended.withLock { $0[index] = .success(value) }
      } catch {
        ended.withLock { $0[index] = .failure(error) }
        next.store(count, ordering: .relaxed)
      }
    }
  }
  // Indices are claimed in order, so those without a result come after the lowest that failed.
  return try values(ended.withLock { $0 }.compactMap { $0 })
}

package func parallelMap<Value: Sendable, Failure: Error>(
  count: Int, threads: Int, _ transform: @escaping @Sendable (Int) throws(Failure) -> Value
) throws(Failure) -> [Value] {
  try parallelMap(count: count, threads: threads, state: {}) { (_, index) throws(Failure) in
    try transform(index)
  }
}

/// Returns the values of all results, or throws the first error.
private func values<Value, Failure: Error>(_ results: [Result<Value, Failure>]) throws(Failure) -> [Value] {
  try results.map { (result) throws(Failure) in try result.get() }
}

/// Runs `body` on `count` threads at once, of which the caller's is one, and returns when all have ended.
private func runThreads(_ count: Int, _ body: @escaping @Sendable () -> Void) {
  final class Task: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var threads: [pthread_t] = []
  for _ in 1..<count {
    let task = Unmanaged.passRetained(Task(body))
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { argument in
        // The argument is the task passed below.
        Unmanaged<Task>.fromOpaque(argument!).takeRetainedValue().body()
        return nil
      }, task.toOpaque())
    if status == 0 {
      threads.append(thread)
    } else {
      // Fewer threads give the same result, only later.
      task.release()
      break
    }
  }
  body()
  for thread in threads { pthread_join(thread, nil) }
}
