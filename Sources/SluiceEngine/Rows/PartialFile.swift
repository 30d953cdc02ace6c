import Glibc
import SluiceSystem

/// A file of partials that is read by offset. ``PartialReader`` reads the partials, and ``RowReader`` their rows.
///
/// A file with a path is opened for each read, because there may be more files than a process may have open.
struct PartialFile: Sendable {
  /// A file that is removed after its last reader. It is not held open, because there may be many.
  private final class Removal: Sendable {
    private let path: String

    init(_ path: String) { self.path = path }

    deinit { unlink(path.cPath) }
  }

  /// Path for messages. It is also the location, unless the file is a spill file.
  let path: String
  /// Last component of the path.
  var name: String { path.split(separator: "/").last.map(String.init) ?? path }
  private let location: ArchiveListing.Path
  private let spillFile: SpillFile?
  private let removal: Removal?

  init(_ path: String, isRemovedAfterUse: Bool = false) {
    self.path = path
    removal = isRemovedAfterUse ? Removal(path) : nil
    location = ArchiveListing.Path(path)
    spillFile = nil
  }

  init(_ file: SpillFile) {
    path = "the temporary file of observations"
    location = ArchiveListing.Path("")
    removal = nil
    spillFile = file
  }

  /// Maximum decoded bytes of a row frame: 256 KiB, and one more row whose texts are as long as lines may be.
  private static let rowBytesMax = 1 << 30

  /// Reads up to `count` bytes to the beginning of a buffer. - Returns: the number of bytes read.
  func read(_ count: Int, at offset: Int, into buffer: inout UnsafeBuffer) throws(PartialError) -> Int {
    do throws(SystemError) {
      if let spillFile { return try Self.read(spillFile.opened(), count, at: offset, into: &buffer) }
      let descriptor = try OpenFiles.shared.open { () throws(SystemError) in
        try location.withCString { (path) throws(SystemError) in
          try retried { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        }
      }
      defer { OpenFiles.shared.close(descriptor) }
      return try Self.read(descriptor, count, at: offset, into: &buffer)
    } catch {
      throw PartialError("cannot be read: \(location.message(error))", offset: offset, file: path)
    }
  }

  private static func read(
    _ descriptor: CInt, _ count: Int, at offset: Int, into buffer: inout UnsafeBuffer
  ) throws(SystemError) -> Int {
    var status = stat()
    try retried { fstat(descriptor, &status) }
    // A pipe cannot be read by offset, and opening one may block forever.
    guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError(code: ESPIPE) }
    buffer.reserve(count, keeping: 0)
    var done = 0
    while done < count {
      let n = try transferred(descriptor, POLLIN) {
        pread(descriptor, buffer.base + done, count - done, off_t(offset + done))
      }
      if n == 0 { break }
      done += n
    }
    return done
  }

  /// Decodes the payload of a frame and its continuation frames to the beginning of a buffer. - Returns: its length.
  func payload(_ frame: RowFrame, into payload: inout UnsafeBuffer) throws(PartialError) -> Int {
    var stored = UnsafeBuffer(capacity: frame.byteCount)
    guard try read(frame.byteCount, at: frame.offset, into: &stored) == frame.byteCount else {
      throw PartialError("it was cut since it was read before")
    }
    var count = 0
    var at = 0
    while at < frame.byteCount {
      let header = try PartialFrame(
        header: stored.view(at..<min(frame.byteCount, at + PartialFrame.headerBytes)))
      guard header.byteCount <= frame.byteCount - at else {
        throw PartialError("it was changed since it was read before")
      }
      let bytes = stored.view(at..<at + header.byteCount)
      try header.verify(bytes)
      count = try header.decode(bytes, into: &payload, at: count)
      guard count <= Self.rowBytesMax else { throw PartialError("it decodes to more than rows can take") }
      at += header.byteCount
    }
    return count
  }
}
