import Glibc
import SluiceSystem

/// Where a file of the folder is written: beside its place, until it is whole. Nothing is left of one that never is.
final class AtomicFile {
  let descriptor: CInt
  private let part: String
  private let path: String?
  private let waits: Bool
  private var isCommitted = false

  /// - Parameters:
  ///   - name: that it is to have; nil for what this process alone needs.
  ///   - waits: whether it is one of ``OpenFiles``: while it is open, no other is opened.
  init(_ name: String?, in folder: String, waits: Bool = false) throws(SystemError) {
    self.waits = waits
    path = name.map { "\(folder)/\($0)" }
    let part = "\(folder)/\(temporaryName("part"))"
    self.part = part
    func opened() throws(SystemError) -> CInt {
      try retried { open(part.cPath, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600) }
    }
    descriptor = waits ? try OpenFiles.shared.open(opened) : try opened()
  }

  deinit {
    if waits { OpenFiles.shared.close(descriptor) } else { close(descriptor) }
    if !isCommitted { unlink(part.cPath) }
  }

  /// - Parameter keeps: whether it is to have its name; else it is there as long as this process reads it.
  @discardableResult
  func commit(keeps: Bool = true) throws(SystemError) -> PartialFile {
    guard let path, keeps else {
      isCommitted = true
      return PartialFile(part, isRemovedAfterUse: true)
    }
    try retried { rename(part.cPath, path.cPath) }
    isCommitted = true
    return PartialFile(path)
  }
}
