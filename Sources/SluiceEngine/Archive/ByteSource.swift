import Glibc
import SluiceSystem

/// A file or standard input, read from front to back.
///
/// Files are read, not mapped: a file that shrinks while it is mapped kills the reader with SIGBUS. Mapping with a
/// guard against that was measured as well: page faults and the unmapping, which interrupts all threads, cost as much as
/// the copy, and more with small blocks.
///
/// Of a regular file as many bytes are read as it had when it was opened, so that one that grows comes to an end;
/// ``change()`` says whether it is still the same file content.
///
/// Sendable since it is used under its stream's lock only.
final class ByteSource: @unchecked Sendable {
  private let descriptor: CInt
  private let isOwned: Bool
  /// When it was opened; nil for what is no regular file.
  private(set) var opened: FileVersion?
  /// Where in its file the first byte lies.
  private var start = 0
  /// Bytes read so far; the offset of the next one.
  private(set) var offset = 0

  /// - Parameter isHopeless: see ``OpenFiles``.
  init(_ file: ArchiveListing.File, unless isHopeless: () -> Bool = { false }) throws(SystemError) {
    isOwned = file.location != .standardInput
    guard isOwned else {
      descriptor = STDIN_FILENO
      // It may be a file all the same, read from wherever it stands.
      let place = lseek(descriptor, 0, SEEK_CUR)
      var status = stat()
      if place >= 0, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
        opened = FileVersion(status)
        start = Int(place)
      }
      return
    }
    // What was a file when it was listed may be a link or a pipe by now.
    let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | (file.isNamed ? 0 : O_NOFOLLOW)
    descriptor = try OpenFiles.shared.open(unless: isHopeless) { () throws(SystemError) in
      try file.location.withCString { (path) throws(SystemError) in try retried { open(path, flags) } }
    }
    // From here on it is closed by `deinit`, also if this throws.
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

  /// What became of the file since it was opened, for the person who reads it; nil if nothing did.
  func change() throws(SystemError) -> String? {
    guard let opened else { return nil }
    var status = stat()
    try retried { fstat(descriptor, &status) }
    let now = FileVersion(status)
    guard let change = now.change(since: opened) else { return nil }
    return now.size > opened.size ? "\(change); what was added is not used" : change
  }

  /// Reads up to `count` bytes to `buffer` at `position`; 0 at the end.
  func read(into buffer: inout UnsafeBuffer, at position: Int, count: Int) throws(SystemError) -> Int {
    precondition(position + count <= buffer.capacity)
    let n = try transferred(descriptor, POLLIN) {
      Glibc.read(descriptor, buffer.base + position, min(count, max(0, end - offset)))
    }
    offset += n
    return n
  }

  /// Leaves out up to `count` bytes unread, where that is possible.
  ///
  /// - Returns: how many.
  func skip(_ count: Int) throws(SystemError) -> Int {
    guard end < .max, case let skipped = min(count, end - offset), skipped > 0 else { return 0 }
    try retried { lseek(descriptor, off_t(skipped), SEEK_CUR) }
    offset += skipped
    return skipped
  }

  /// How many bytes there are to be read.
  private var end: Int {
    // Files of the kernel's have no size before they are read.
    guard let opened, opened.size > 0 else { return .max }
    return opened.size - start
  }
}

/// What tells whether a file was written to, or is another.
struct FileVersion: Hashable, Sendable {
  var size: Int
  var device: UInt64
  var inode: UInt64
  /// Nanoseconds from 1970, of its content and of its inode.
  var modified: Int64
  var changed: Int64
  /// Hard links to it.
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
    // Whatever a file system says.
    Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }

  /// What became of the file's content, for the person who reads it; nil if nothing did.
  func change(since earlier: FileVersion) -> String? {
    if size < earlier.size { return "it shrank from \(earlier.size) to \(NumberFormat.count(size, "byte"))" }
    if size > earlier.size { return "it grew from \(earlier.size) to \(NumberFormat.count(size, "byte"))" }
    return modified == earlier.modified ? nil : "it was written to"
  }

  /// How two looks at one path tell that its content was not the same, for the person who reads it; nil if they do not.
  ///
  /// Machines number the devices of a shared file system as they mount them: there the inode's own time decides.
  func difference(from other: FileVersion) -> String? {
    if size != other.size { return "it had \(other.size) bytes there and has \(size) here" }
    if modified != other.modified { return "it was written to in between" }
    let isSameFile = inode == other.inode && (device == other.device || changed == other.changed)
    return isSameFile ? nil : "it was replaced in between"
  }
}
