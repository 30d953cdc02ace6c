import Glibc
import SluiceSystem

/// The files that this process has open for a while: those of an archive, and partials while they are read or
/// written.
///
/// A process may have more threads than descriptors. A thread that finds none left waits until another file is
/// closed. A thread that holds one of these files never waits for another, so some thread always continues.
final class OpenFiles: Sendable {
  static let shared = OpenFiles()

  private struct State {
    /// Number of files that are open, or about to be.
    var count = 0
    /// Number of files closed since the process began.
    var closedCount = 0
  }

  private let state = Monitor(State())

  /// Opens a file, which ``close(_:)`` closes.
  ///
  /// - Parameter isHopeless: returns whether files that are open now will not be closed; see ``reconsider()``.
  func open(
    unless isHopeless: () -> Bool = { false }, _ open: () throws(SystemError) -> CInt
  ) throws(SystemError) -> CInt {
    while true {
      let closedCount = state.withLock { state in
        state.count += 1
        return state.closedCount
      }
      do throws(SystemError) {
        return try open()
      } catch {
        let mayBeClosed = state.withLock { state in
          state.count -= 1
          return state.count > 0 || state.closedCount > closedCount
        }
        state.broadcast()
        guard error.code == EMFILE || error.code == ENFILE, mayBeClosed, !isHopeless() else { throw error }
        state.wait { $0.closedCount > closedCount || $0.count == 0 || isHopeless() }
      }
    }
  }

  func close(_ descriptor: CInt) {
    Glibc.close(descriptor)
    state.withLock { state in
      state.count -= 1
      state.closedCount += 1
    }
    state.broadcast()
  }

  /// Makes all waiting threads ask again whether waiting is hopeless.
  func reconsider() {
    // A thread that has just asked is waiting once the lock is free.
    state.withLock { _ in }
    state.broadcast()
  }
}
