import Glibc

/// Why a result could not be written.
public struct OutputError: Error, CustomStringConvertible {
  public var path: String
  public var action: String
  var cause: SystemError

  public var description: String { "cannot \(action) \(path): \(cause)" }
}

/// Writes a file beside its place and renames it into it: at any moment there is the old file or the new one.
///
/// Readable by its owner only, as log content is.
public func writeFile(_ path: String, _ bytes: [UInt8]) throws(OutputError) {
  let temporary = "\(path).\(getpid()).part"
  unlink(temporary)
  let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
  if descriptor < 0 { throw OutputError(path: temporary, action: "create", cause: .last) }
  do throws(SystemError) {
    try writeAll(descriptor, bytes)
    if fsync(descriptor) != 0 { throw .last }
  } catch {
    close(descriptor)
    unlink(temporary)
    throw OutputError(path: temporary, action: "write", cause: error)
  }
  close(descriptor)
  if rename(temporary, path) != 0 {
    let cause = SystemError.last
    unlink(temporary)
    throw OutputError(path: path, action: "replace", cause: cause)
  }
}

public func writeToStandardOutput(_ bytes: [UInt8]) throws(OutputError) {
  do throws(SystemError) { try writeAll(STDOUT_FILENO, bytes) } catch {
    throw OutputError(path: "standard output", action: "write to", cause: error)
  }
}

private func writeAll(_ descriptor: CInt, _ bytes: [UInt8]) throws(SystemError) {
  var rest = bytes[...]
  while !rest.isEmpty {
    let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if written >= 0 {
      rest = rest.dropFirst(written)
    } else if errno != EINTR {
      throw .last
    }
  }
}
