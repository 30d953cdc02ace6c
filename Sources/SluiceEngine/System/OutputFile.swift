import Glibc

/// Why a result could not be written.
public struct OutputError: Error, CustomStringConvertible {
  public var path: String
  public var action: String
  var cause: SystemError

  public var description: String { "cannot \(action) \(path): \(cause)" }
}

/// Results on their way to their places: each is written beside its place, and all are renamed into them at the end.
///
/// At any moment there is the old file or the new one, and after a failure only old ones. Files are readable by their
/// owner only, as log content is. A place that is a device or a pipe is written to as it is.
public struct OutputFiles: ~Copyable {
  private var pending: [(temporary: String, path: String)] = []
  private var direct: [(descriptor: CInt, path: String, bytes: [UInt8])] = []

  public init() {}

  deinit {
    for file in pending { unlink(file.temporary) }
    for file in direct where file.descriptor != STDOUT_FILENO { close(file.descriptor) }
  }

  /// - Parameter path: nil for standard output.
  public mutating func write(_ bytes: [UInt8], to path: String?) throws(OutputError) {
    guard let path else {
      direct.append((STDOUT_FILENO, "standard output", bytes))
      return
    }
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      let descriptor = open(path, O_WRONLY | O_CLOEXEC)
      if descriptor < 0 { throw OutputError(path: path, action: "open", cause: .last) }
      direct.append((descriptor, path, bytes))
      return
    }
    let temporary = "\(path).\(getpid()).part"
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    if descriptor < 0 { throw OutputError(path: temporary, action: "create", cause: .last) }
    pending.append((temporary, path))
    defer { close(descriptor) }
    do throws(SystemError) {
      try writeAll(descriptor, bytes)
      if fsync(descriptor) != 0 { throw .last }
    } catch {
      throw OutputError(path: temporary, action: "write", cause: error)
    }
  }

  /// Puts everything into its place.
  public mutating func commit() throws(OutputError) {
    for file in direct {
      do throws(SystemError) { try writeAll(file.descriptor, file.bytes) } catch {
        throw OutputError(path: file.path, action: "write to", cause: error)
      }
    }
    while let file = pending.first {
      if rename(file.temporary, file.path) != 0 {
        throw OutputError(path: file.path, action: "replace", cause: .last)
      }
      pending.removeFirst()
    }
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
