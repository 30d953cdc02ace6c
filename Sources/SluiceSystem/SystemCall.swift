import Glibc

/// Makes a system call, and makes it again as long as signals interrupt it.
///
/// Not for `close`: on Linux the descriptor is gone even if that is interrupted.
@discardableResult
public func retried<Result: SignedInteger>(_ call: () -> Result) throws(SystemError) -> Result {
  while true {
    let result = call()
    if result >= 0 { return result }
    let error = SystemError.last
    if error.code != EINTR { throw error }
  }
}

/// Reads or writes; waits for a descriptor that does not wait by itself, as standard streams may be set by others.
///
/// - Parameter event: `POLLIN` or `POLLOUT`.
public func transferred(_ descriptor: CInt, _ event: CInt, _ call: () -> Int) throws(SystemError) -> Int {
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
/// - Parameter offset: their place in the file; nil for wherever the descriptor stands.
public func writeAll(
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
    // Nothing written and no error: it would go on so for ever.
    if written == 0 { throw SystemError(code: EIO) }
    done += written
  }
}

/// Writes all bytes, or as many as are wanted: a pipe's reader that goes away, such as `head`, has seen
/// enough.
public func writeToReader(_ descriptor: CInt, _ bytes: ArraySlice<UInt8>) throws(SystemError) {
  do throws(SystemError) {
    try writeAll(descriptor, bytes)
  } catch {
    if error.code != EPIPE { throw error }
  }
}

/// Closes a descriptor whose content matters: some file systems say only now that it could not be kept.
public func closeWritten(_ descriptor: CInt) throws(SystemError) {
  if close(descriptor) != 0, errno != EINTR { throw .last }
}

/// Makes sure that what was renamed in a directory stays so after a power failure, where its file system can.
public func syncDirectory(_ path: String) throws(SystemError) {
  let descriptor = try retried { open(path.cPath, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
  defer { close(descriptor) }
  do throws(SystemError) {
    try retried { fsync(descriptor) }
  } catch {
    if error.code != EINVAL { throw error }
  }
}
