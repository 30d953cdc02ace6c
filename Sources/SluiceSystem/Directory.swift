import Glibc

/// Appends the names in a directory to `names`, as bytes and without `.` and `..`.
///
/// After an error, `names` includes the names read before it.
///
/// - Parameter followsLink: whether the path itself may be a symbolic link.
package func readDirectory(
  _ path: UnsafePointer<CChar>, followsLink: Bool, into names: inout [[UInt8]]
) throws(SystemError) {
  let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (followsLink ? 0 : O_NOFOLLOW)
  let descriptor = try retried { open(path, flags) }
  guard let directory = fdopendir(descriptor) else {
    let error = SystemError.last
    close(descriptor)
    throw error
  }
  defer { closedir(directory) }
  while true {
    // Only errno distinguishes the end of the directory from an error.
    errno = 0
    guard let entry = readdir(directory) else {
      let error = SystemError.last
      switch error.code {
      case 0: return
      case EINTR: continue
      default: throw error
      }
    }
    let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
    if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
  }
}
