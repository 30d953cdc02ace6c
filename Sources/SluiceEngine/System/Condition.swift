import Glibc
import Synchronization

/// A condition variable beside a `Mutex`, which has none of its own.
///
/// Waiters sleep on a pthread condition; the state itself is looked at under its own mutex. A change of the state
/// is announced by ``broadcast()``, which takes the waiters' lock, so no waiter can miss it between looking and
/// sleeping.
final class Condition: @unchecked Sendable {
  // Allocated once and never moved, as pthread requires.
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    pthread_mutex_init(lock, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(lock)
    condition.deallocate()
    lock.deallocate()
  }

  func wait<State>(_ state: borrowing Mutex<State>, until isReady: (borrowing State) -> Bool) {
    if state.withLock({ isReady($0) }) { return }
    pthread_mutex_lock(lock)
    while !state.withLock({ isReady($0) }) { pthread_cond_wait(condition, lock) }
    pthread_mutex_unlock(lock)
  }

  func broadcast() {
    pthread_mutex_lock(lock)
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(lock)
  }
}
