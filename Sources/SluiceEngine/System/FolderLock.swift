import Glibc
import SluiceSystem

/// A lock on a folder, shared by all runs that use the folder.
final class FolderLock: Sendable {
  private let descriptor: CInt
  /// Descriptor of a second lock, held only by the run that checks whether it is alone.
  private let cleaning: CInt

  init(_ folder: String) throws(SystemError) {
    if mkdir(folder.cPath, 0o700) != 0, errno != EEXIST { throw .last }
    func opened(_ name: String) throws(SystemError) -> CInt {
      try retried { open("\(folder)/\(name)".cPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }
    }
    descriptor = try opened("lock")
    do throws(SystemError) {
      cleaning = try opened("lock-cleaning")
    } catch {
      close(descriptor)
      throw error
    }
    // On file systems without locks, nothing is cleaned.
    _ = flock(descriptor, LOCK_SH)
  }

  deinit {
    close(descriptor)
    close(cleaning)
  }

  /// Calls `body` if no other run uses the folder, and keeps other runs out meanwhile.
  func ifAlone(_ body: () -> Void) {
    // A failed conversion drops the shared lock for a moment. The second lock keeps other runs from seeing themselves
    // alone then.
    guard flock(cleaning, LOCK_EX | LOCK_NB) == 0 else { return }
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { body() }
    _ = flock(descriptor, LOCK_SH)
    _ = flock(cleaning, LOCK_UN)
  }
}
