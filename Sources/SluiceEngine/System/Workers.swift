import CKernels
import Glibc

/// Runs `body` on `count` threads at once, with their numbers, and returns when all have ended.
///
/// Threads of one's own, since pools have as many as the machine has cores and the number is the user's.
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
        // The argument is the task given below.
        let task = Unmanaged<Task>.fromOpaque(argument!).takeRetainedValue()
        task.body(task.number)
        return nil
      }, task.toOpaque())
    if status == 0 {
      threads.append(thread)
    } else {
      // Fewer threads give the same result later.
      task.release()
      break
    }
  }
  body(0)
  for thread in threads { pthread_join(thread, nil) }
}

/// Processors that this process may use: its affinity and its cgroup's quota, at least 1.
public func availableProcessors() -> Int {
  var count = Int(sluice_affinity_processors())
  if let quota = processorQuota() { count = min(count, max(1, Int(quota.rounded(.up)))) }
  return max(1, count)
}

/// CPU seconds a second that the cgroup grants (version 2, else 1); nil without a limit.
private func processorQuota() -> Double? {
  if let text = firstLine("/sys/fs/cgroup/cpu.max") {
    let parts = text.split(separator: " ")
    if parts.count == 2, let quota = Double(parts[0]), let period = Double(parts[1]), period > 0 {
      return quota / period
    }
  }
  if let quota = firstLine("/sys/fs/cgroup/cpu/cpu.cfs_quota_us").flatMap(Double.init), quota > 0,
    let period = firstLine("/sys/fs/cgroup/cpu/cpu.cfs_period_us").flatMap(Double.init), period > 0
  {
    return quota / period
  }
  return nil
}

private func firstLine(_ path: String) -> String? {
  smallFile(path, bytesMax: 256)?.split(separator: "\n").first.map(String.init)
}
