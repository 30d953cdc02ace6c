import Glibc
import SluiceSystem

/// Where a file of the folder is written: beside its place, until it is whole. Nothing is left of one that never is.
final class PartialPlace {
  let descriptor: CInt
  private let part: String
  private let path: String?
  private var isCommitted = false

  /// - Parameter name: that it is to have; nil for what this process alone needs.
  init(_ name: String?, in folder: String) throws(SystemError) {
    path = name.map { "\(folder)/\($0)" }
    let part = "\(folder)/\(temporaryName("part"))"
    self.part = part
    descriptor = try retried { open(part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600) }
  }

  deinit {
    close(descriptor)
    if !isCommitted { unlink(part) }
  }

  /// - Parameter keeps: whether it is to have its name; else it is there as long as this process reads it.
  @discardableResult
  func commit(keeps: Bool = true) throws(SystemError) -> PartialBytes {
    guard let path, keeps else {
      isCommitted = true
      return PartialBytes(part, isRemovedAfterUse: true)
    }
    try retried { rename(part, path) }
    isCommitted = true
    return PartialBytes(path)
  }
}
