import CKernels
import Glibc

/// Runs `body` on `count` threads at once, with their numbers, and returns when all have ended.
///
/// It creates its own threads, because pools have as many as the machine has cores, and the user chooses the number.
func runWorkers(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  if count == 1 { return body(0) }
  final class Task: Sendable {
    let number: Int
    let body: @Sendable (Int) -> Void
    init(_ number: Int, _ body: @escaping @Sendable (Int) -> Void) {
      self.number = number
      self.body = body
    }
  }
  var threads: [pthread_t] = []
  for number in 1..<count {
    let task = Unmanaged.passRetained(Task(number, body))
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { argument in
        // The argument is the task passed below.
        let task = Unmanaged<Task>.fromOpaque(argument!).takeRetainedValue()
        task.body(task.number)
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
  body(0)
  for thread in threads { pthread_join(thread, nil) }
}

/// Returns the number of processors that this process may use: its affinity and its control groups' quota, at least
/// 1.
package func availableProcessors() -> Int {
  var count = Int(sluice_affinity_processors())
  if let quota = ControlGroup().processorsMax { count = min(count, max(1, Int(quota.rounded(.up)))) }
  return max(1, count)
}
