import Glibc
import SluiceSystem

/// A file that is written under a temporary name and renamed once it is complete. An incomplete file is removed.
final class AtomicFile {
  let descriptor: CInt
  private let part: String
  private let path: String?
  private let waits: Bool
  private var isCommitted = false

  /// - Parameters:
  ///   - name: final name; nil for a file that only this process needs.
  ///   - waits: whether opening waits for a free descriptor (``OpenFiles``). While the file is open, its thread must
  ///     not open another such file.
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

  /// Renames the file, or keeps its temporary name.
  ///
  /// - Parameter keeps: whether it gets its final name; otherwise it is removed when this process has read it.
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
