import Glibc
import SluiceSystem

/// A file without a name that takes what does not fit into memory. All workers of a run share it, so that however often
/// something is written out one descriptor is enough.
final class SpillFile: Sendable {
  private struct State {
    var descriptor: CInt?
    var byteCount = 0
  }

  /// In which it takes its room; nothing is left there.
  let folder: String
  private let state = Monitor(State())

  init(in folder: String = defaultFolder) { self.folder = folder }

  deinit { if let descriptor = state.withLock({ $0.descriptor }) { close(descriptor) } }

  /// Its descriptor; the file is made when it is needed first.
  @discardableResult
  func opened() throws(SystemError) -> CInt {
    try state.withLock { (state) throws(SystemError) in
      if let descriptor = state.descriptor { return descriptor }
      let path = "\(folder)/\(temporaryName("spill"))"
      let descriptor = try retried {
        open(path.cPath, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
      }
      // Nothing is left of it, however the process ends.
      unlink(path.cPath)
      state.descriptor = descriptor
      return descriptor
    }
  }

  /// Makes the file before so many threads open others, if these might take all descriptors there are.
  func openIfDescriptorsAreFew(threads: Int) {
    var limit = rlimit()
    // The least number that is free tells about how many are taken.
    let free = open("/dev/null", O_RDONLY | O_CLOEXEC)
    guard free >= 0 else { return }
    close(free)
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
      limit.rlim_cur < rlim_t(Int(free) + threads + 16)
    else { return }
    // Whoever needs it says why it cannot be made.
    _ = try? opened()
  }

  /// Writes bytes behind those before. - Returns: their offset.
  func append(_ bytes: [UInt8]) throws(SystemError) -> Int {
    let descriptor = try opened()
    let offset = state.withLock { state in
      defer { state.byteCount += bytes.count }
      return state.byteCount
    }
    try writeAll(descriptor, bytes[...], at: offset)
    return offset
  }

  /// Where room is taken unless somebody says otherwise.
  static var defaultFolder: String {
    guard let value = getenv("TMPDIR"), value[0] != 0 else { return "/var/tmp" }
    return String(path: Array(UnsafeRawBufferPointer(start: value, count: strlen(value))))
  }
}
