import Glibc

/// The target of a result, determined from its path before anything is written.
///
/// - Regular files and new names are replaced as a whole. A symbolic link to either is replaced itself, not its target.
/// - `-`, `/dev/stdout`, `/dev/stderr`, `/dev/fd/N`, character devices and pipes are written to directly.
/// - All others are refused: directories, block devices, sockets, and links to anything but a regular file.
struct OutputTarget {
  enum Kind {
    /// An entry of a directory, to be replaced.
    case entry(directory: String, directoryIdentity: FileIdentity, name: Substring)
    /// A descriptor open for writing; the caller must close it.
    case stream(CInt)
  }

  private struct Refusal: Error, CustomStringConvertible { var description: String }

  var path: String
  var kind: Kind
  /// The identity of the existing file; nil if there is none.
  private(set) var existing: FileIdentity?

  /// - Parameter path: the target; nil and `-` for standard output.
  init(_ path: String?) throws(OutputError) {
    let path = path == "-" ? nil : path
    self.path = path ?? "standard output"
    do {
      if let number = path.map(Self.streamNumber) ?? STDOUT_FILENO {
        (kind, existing) = try Self.stream(number)
      } else {
        (kind, existing) = try Self.named(self.path)
      }
    } catch {
      throw OutputError(path: self.path, action: "write to", reason: "\(error)")
    }
  }

  /// Returns whether one result would overwrite the other.
  func isSame(as other: OutputTarget) -> Bool {
    switch (kind, other.kind) {
    case (.stream, .stream): false
    case (.entry(_, let a, let name), .entry(_, let b, let otherName)) where a == b && name == otherName: true
    default: existing != nil && existing == other.existing
    }
  }

  /// Returns the open descriptor that a path names, whatever file system the path is on.
  private static func streamNumber(_ path: String) -> CInt? {
    switch path {
    case "/dev/stdout": STDOUT_FILENO
    case "/dev/stderr": STDERR_FILENO
    default:
      ["/dev/fd/", "/proc/self/fd/"].first { path.hasPrefix($0) }.flatMap { CInt(path.dropFirst($0.count)) }
    }
  }

  private static func stream(_ number: CInt) throws(SystemError) -> (Kind, FileIdentity?) {
    let flags = try retried { fcntl(number, F_GETFL) }
    if flags & O_ACCMODE == O_RDONLY { throw SystemError(code: EBADF) }
    var status = stat()
    try retried { fstat(number, &status) }
    // A duplicate, so that closing it reports errors and leaves the original open.
    return (.stream(try retried { fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) }), FileIdentity(status))
  }

  private static func named(_ path: String) throws -> (Kind, FileIdentity?) {
    var status = stat()
    var exists = true
    do throws(SystemError) {
      try retried { lstat(path.cPath, &status) }
    } catch {
      if error.code != ENOENT { throw error }
      exists = false
    }
    switch exists ? status.st_mode & S_IFMT : S_IFREG {
    case S_IFREG: break
    case S_IFLNK:
      var target = stat()
      // A dangling link is replaced too.
      if (try? retried({ stat(path.cPath, &target) })) != nil, target.st_mode & S_IFMT != S_IFREG {
        throw Refusal(description: "it is a symbolic link to what is not a regular file")
      }
    case S_IFCHR, S_IFIFO:
      let descriptor = try retried { open(path.cPath, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY) }
      return (.stream(descriptor), FileIdentity(status))
    case S_IFDIR: throw SystemError(code: EISDIR)
    default: throw Refusal(description: "it is neither a file, a character device nor a pipe")
    }
    return (try entry(path), exists ? FileIdentity(status) : nil)
  }

  /// - Throws: if the directory does not allow new entries.
  private static func entry(_ path: String) throws(SystemError) -> Kind {
    let slash = path.lastIndex(of: "/")
    let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
    let directory = slash.map { String(path[...$0]) } ?? "./"
    if name.isEmpty { throw SystemError(code: ENOENT) }
    var status = stat()
    try retried { stat(directory.cPath, &status) }
    try retried { faccessat(AT_FDCWD, directory.cPath, W_OK | X_OK, AT_EACCESS) }
    return .entry(directory: directory, directoryIdentity: FileIdentity(status), name: name)
  }
}
