import Glibc
import SluiceSystem

/// Shared by all runs that use a folder.
final class FolderLock: Sendable {
  private let descriptor: CInt
  /// Held by the one run that tries to be alone.
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
    // Where file systems know no locks, nothing is cleaned.
    _ = flock(descriptor, LOCK_SH)
  }

  deinit {
    close(descriptor)
    close(cleaning)
  }

  /// Does something while no other run uses the folder; nothing if one does.
  func ifAlone(_ body: () -> Void) {
    // A lock that cannot be changed is lost for a moment, in which no other run may believe to be alone.
    guard flock(cleaning, LOCK_EX | LOCK_NB) == 0 else { return }
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { body() }
    _ = flock(descriptor, LOCK_SH)
    _ = flock(cleaning, LOCK_UN)
  }
}
