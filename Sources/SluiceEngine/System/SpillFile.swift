import Glibc
import SluiceSystem

/// A file without a name that takes observations that exceed the memory.
///
/// All workers of a run share it, so one descriptor is enough for any number of spills.
final class SpillFile: Sendable {
  private struct State {
    var descriptor: CInt?
    var byteCount = 0
  }

  /// Folder whose file system provides the space. No name remains in it.
  let folder: String
  private let state = Monitor(State())

  init(in folder: String = defaultFolder) { self.folder = folder }

  deinit { if let descriptor = state.withLock({ $0.descriptor }) { close(descriptor) } }

  /// Returns the descriptor. The first call creates the file.
  @discardableResult
  func opened() throws(SystemError) -> CInt {
    try state.withLock { (state) throws(SystemError) in
      if let descriptor = state.descriptor { return descriptor }
      let path = "\(folder)/\(temporaryName("spill"))"
      let descriptor = try retried {
        open(path.cPath, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
      }
      // The file has no name from here on, so nothing is left of it, however the process ends.
      unlink(path.cPath)
      state.descriptor = descriptor
      return descriptor
    }
  }

  /// Creates the file before threads open other files, if they might take all free descriptors.
  func openIfDescriptorsAreFew(threads: Int) {
    var limit = rlimit()
    // The lowest free descriptor approximates the number of open ones.
    let free = open("/dev/null", O_RDONLY | O_CLOEXEC)
    guard free >= 0 else { return }
    close(free)
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
      limit.rlim_cur < rlim_t(Int(free) + threads + 16)
    else { return }
    // The first spill reports why the file cannot be created.
    _ = try? opened()
  }

  /// Appends bytes. - Returns: their offset.
  func append(_ bytes: [UInt8]) throws(SystemError) -> Int {
    let descriptor = try opened()
    let offset = state.withLock { state in
      defer { state.byteCount += bytes.count }
      return state.byteCount
    }
    try writeAll(descriptor, bytes[...], at: offset)
    return offset
  }

  /// Folder for spill files by default.
  static var defaultFolder: String {
    guard let value = getenv("TMPDIR"), value[0] != 0 else { return "/var/tmp" }
    return String(path: Array(UnsafeRawBufferPointer(start: value, count: strlen(value))))
  }
}
