import Glibc
import SluiceSystem

/// Where a partial is written: beside its place in the folder.
final class PartialPlace {
  let descriptor: CInt
  private let part: String
  private let path: String?

  /// - Parameter name: that it is to have; nil for what this process alone needs.
  init(_ name: String?, in folder: String) throws(SystemError) {
    path = name.map { "\(folder)/\($0)" }
    let part = "\(folder)/\(PartialStore.temporaryName())"
    self.part = part
    descriptor = try retried { open(part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600) }
  }

  deinit { close(descriptor) }

  /// - Parameter keeps: whether it is to have its name; else it is there as long as this process reads it.
  func commit(keeps: Bool) throws(SystemError) -> PartialBytes {
    guard let path, keeps else { return PartialBytes(part, isRemovedAfterUse: true) }
    try retried { rename(part, path) }
    return PartialBytes(path)
  }
}
