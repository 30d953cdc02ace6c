import Glibc

/// State shared by several threads: a lock, and a condition to wait for.
///
/// It uses pthread: `Synchronization.Mutex` has no condition variable, and ThreadSanitizer does not see the order that
/// it establishes.
package final class Monitor<State>: @unchecked Sendable {
  // Allocated once and never moved, as pthread requires.
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let state = UnsafeMutablePointer<State>.allocate(capacity: 1)

  package init(_ state: State) {
    pthread_mutex_init(lock, nil)
    pthread_cond_init(changed, nil)
    self.state.initialize(to: state)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(lock)
    state.deinitialize(count: 1)
    state.deallocate()
    changed.deallocate()
    lock.deallocate()
  }

  package func withLock<Result, Failure: Error>(_ body: (inout State) throws(Failure) -> Result)
    throws(Failure) -> Result
  {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return try body(&state.pointee)
  }

  /// Waits until the state is ready. A thread that makes it ready must then call ``broadcast()``.
  package func wait(until isReady: (borrowing State) -> Bool) {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    while !isReady(state.pointee) { pthread_cond_wait(changed, lock) }
  }

  /// Wakes all waiting threads, so that they check the state again.
  package func broadcast() { pthread_cond_broadcast(changed) }
}
