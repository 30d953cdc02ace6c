import Glibc

/// A file or standard input, read from front to back.
///
/// Files are read, not mapped: a file that shrinks while it is mapped kills the reader with SIGBUS. Mapping with a
/// guard against that was measured as well: page faults and the unmapping, which interrupts all threads, cost as much as
/// the copy, and more with small blocks.
///
/// Sendable since it is used under its stream's lock only.
final class ByteSource: @unchecked Sendable {
  private let descriptor: CInt
  private let isOwned: Bool
  /// Bytes read so far; the offset of the next one.
  private(set) var offset = 0

  /// - Parameter path: `-` for standard input.
  init(path: ArchiveListing.Path) throws(SystemError) {
    var status = stat()
    let isStandardInput = path == ArchiveListing.Path("-")
    if isStandardInput {
      descriptor = STDIN_FILENO
      isOwned = false
    } else {
      descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
      if descriptor < 0 { throw .last }
      isOwned = true
    }
    let isRegular = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    if isOwned {
      if isRegular {
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
      } else {
        close(descriptor)
        throw SystemError(code: status.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL)
      }
    }
  }

  deinit { if isOwned { close(descriptor) } }

  /// Reads up to `count` bytes to `buffer` at `position`; 0 at the end.
  func read(into buffer: inout UnsafeBuffer, at position: Int, count: Int) throws(SystemError) -> Int {
    precondition(position + count <= buffer.capacity)
    while true {
      let n = Glibc.read(descriptor, buffer.base + position, count)
      if n >= 0 {
        offset += n
        return n
      }
      if errno != EINTR { throw .last }
    }
  }
}
