import Glibc

/// Makes a system call, and repeats it as long as signals interrupt it.
///
/// It must not be used for `close`: on Linux the descriptor is closed even if the call is interrupted.
@discardableResult
package func retried<Result: SignedInteger>(_ call: () -> Result) throws(SystemError) -> Result {
  while true {
    let result = call()
    if result >= 0 { return result }
    let error = SystemError.last
    if error.code != EINTR { throw error }
  }
}

/// Makes a read or write call, and waits for a non-blocking descriptor; others may make standard streams non-blocking.
///
/// - Parameter event: `POLLIN` or `POLLOUT`.
package func transferred(_ descriptor: CInt, _ event: CInt, _ call: () -> Int) throws(SystemError) -> Int {
  while true {
    do throws(SystemError) {
      return try retried(call)
    } catch {
      guard error.code == EAGAIN else { throw error }
      var awaited = pollfd(fd: descriptor, events: Int16(event), revents: 0)
      try retried { poll(&awaited, 1, -1) }
    }
  }
}

/// Writes all bytes.
///
/// - Parameter offset: the offset in the file; nil for the descriptor's position.
package func writeAll(
  _ descriptor: CInt, _ bytes: ArraySlice<UInt8>, at offset: Int? = nil
) throws(SystemError) {
  var done = 0
  while done < bytes.count {
    let written = try transferred(descriptor, POLLOUT) {
      bytes.dropFirst(done).withUnsafeBytes { rest in
        offset.map { pwrite(descriptor, rest.baseAddress, rest.count, off_t($0 + done)) }
          ?? write(descriptor, rest.baseAddress, rest.count)
      }
    }
    // A write of nothing without an error would repeat for ever.
    if written == 0 { throw SystemError(code: EIO) }
    done += written
  }
}

/// Writes all bytes, or as many as the reader wants: a pipe's reader that exits, such as `head`, has seen enough.
package func writeToReader(_ descriptor: CInt, _ bytes: ArraySlice<UInt8>) throws(SystemError) {
  do throws(SystemError) {
    try writeAll(descriptor, bytes)
  } catch {
    if error.code != EPIPE { throw error }
  }
}

/// Closes a written descriptor and reports errors: some file systems report only at close that data was lost.
package func closeWritten(_ descriptor: CInt) throws(SystemError) {
  if close(descriptor) != 0, errno != EINTR { throw .last }
}

/// Makes renames in a directory survive a power failure, if its file system can.
package func syncDirectory(_ path: String) throws(SystemError) {
  let descriptor = try retried { open(path.cPath, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
  defer { close(descriptor) }
  do throws(SystemError) {
    try retried { fsync(descriptor) }
  } catch {
    if error.code != EINVAL { throw error }
  }
}
