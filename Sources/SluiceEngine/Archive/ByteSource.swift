import Glibc
import SluiceRecords
import SluiceSystem

/// A file or standard input, read from front to back.
///
/// Files are read, not mapped, because a file that shrinks while it is mapped kills the reader with SIGBUS. Mapping
/// with a guard against that was measured too. Page faults and unmapping, which interrupts all threads, cost as much
/// as the copy, and more with small blocks.
///
/// A regular file is read up to its size when it was opened, so that a growing file comes to an end. ``change()``
/// tells whether its content is still the same.
///
/// A source is Sendable because it is used only under its stream's lock.
final class ByteSource: @unchecked Sendable {
  private let descriptor: CInt
  private let isOwned: Bool
  /// The version of the file when it was opened; nil if it is not a regular file.
  private(set) var opened: FileVersion?
  /// Offset in the file of the source's first byte.
  private var start = 0
  /// Number of bytes read so far, which is the offset of the next one.
  private(set) var offset = 0

  /// - Parameter isHopeless: see ``OpenFiles``.
  init(_ file: ArchiveListing.File, unless isHopeless: () -> Bool = { false }) throws(SystemError) {
    isOwned = file.location != .standardInput
    guard isOwned else {
      descriptor = STDIN_FILENO
      // Standard input may also be a file, which is read from its current offset on.
      let offset = lseek(descriptor, 0, SEEK_CUR)
      var status = stat()
      if offset >= 0, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
        opened = FileVersion(status)
        start = Int(offset)
      }
      return
    }
    // A file in the listing may have become a link or a pipe since then.
    let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | (file.isNamed ? 0 : O_NOFOLLOW)
    descriptor = try OpenFiles.shared.open(unless: isHopeless) { () throws(SystemError) in
      try file.location.withCString { (path) throws(SystemError) in try retried { open(path, flags) } }
    }
    // From here on `deinit` closes it, even if this initializer throws.
    var status = stat()
    try retried { fstat(descriptor, &status) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw SystemError(code: EISDIR)
    default: throw SystemError(code: EINVAL)
    }
    opened = FileVersion(status)
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
  }

  deinit { if isOwned { OpenFiles.shared.close(descriptor) } }

  /// Describes for people how the file has changed since it was opened; nil if it has not.
  func change() throws(SystemError) -> String? {
    guard let opened else { return nil }
    var status = stat()
    try retried { fstat(descriptor, &status) }
    let now = FileVersion(status)
    guard let change = now.change(since: opened) else { return nil }
    return now.size > opened.size ? "\(change); what was added is not used" : change
  }

  /// Reads up to `count` bytes to `buffer` at `position`. Returns their number, which is 0 at the end.
  func read(into buffer: inout UnsafeBuffer, at position: Int, count: Int) throws(SystemError) -> Int {
    precondition(position + count <= buffer.capacity)
    let n = try transferred(descriptor, POLLIN) {
      Glibc.read(descriptor, buffer.base + position, min(count, max(0, end - offset)))
    }
    offset += n
    return n
  }

  /// Skips up to `count` bytes without reading them, where that is possible.
  ///
  /// - Returns: the number of skipped bytes.
  func skip(_ count: Int) throws(SystemError) -> Int {
    guard end < .max, case let skipped = min(count, end - offset), skipped > 0 else { return 0 }
    try retried { lseek(descriptor, off_t(skipped), SEEK_CUR) }
    offset += skipped
    return skipped
  }

  /// Offset of the end of the bytes to read.
  private var end: Int {
    // The kernel's own files have no size before they are read.
    guard let opened, opened.size > 0 else { return .max }
    return opened.size - start
  }
}

/// The version of a file, which shows whether it was written to or replaced.
struct FileVersion: Hashable, Sendable {
  var size: Int
  var device: UInt64
  var inode: UInt64
  /// Nanoseconds from 1970 when the content was modified; `changed` is that of the inode.
  var modified: Int64
  var changed: Int64
  /// Number of hard links to the file.
  var links: Int

  init(size: Int, device: UInt64, inode: UInt64, modified: Int64, changed: Int64, links: Int) {
    self.size = size
    self.device = device
    self.inode = inode
    self.modified = modified
    self.changed = changed
    self.links = links
  }

  init(_ status: stat) {
    self.init(
      size: Int(status.st_size), device: UInt64(status.st_dev), inode: UInt64(status.st_ino),
      modified: Self.nanoseconds(status.st_mtim), changed: Self.nanoseconds(status.st_ctim),
      links: Int(status.st_nlink))
  }

  private static func nanoseconds(_ time: timespec) -> Int64 {
    // A file system may report any time, so this must not overflow.
    Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }

  /// Describes for people how the file's content has changed; nil if it has not.
  func change(since earlier: FileVersion) -> String? {
    if size < earlier.size { return "it shrank from \(earlier.size) to \(NumberFormat.count(size, "byte"))" }
    if size > earlier.size { return "it grew from \(earlier.size) to \(NumberFormat.count(size, "byte"))" }
    return modified == earlier.modified ? nil : "it was written to"
  }

  /// Describes for people how the contents at one path differ between two looks at it; nil if they do not.
  ///
  /// Machines number the devices of a shared file system in the order in which they mount them. There the inode's own
  /// time decides.
  func difference(from other: FileVersion) -> String? {
    if size != other.size { return "it had \(other.size) bytes there and has \(size) here" }
    if modified != other.modified { return "it was written to in between" }
    let isSameFile = inode == other.inode && (device == other.device || changed == other.changed)
    return isSameFile ? nil : "it was replaced in between"
  }
}
