import Glibc
import SluiceRecords
import SluiceSystem

/// A file, or a byte range of a file, that a partial covers.
struct PartialSource: Hashable, Sendable {
  var path: ArchiveListing.Path
  /// Version of the file when it was opened; nil if it is not a regular file.
  var status: FileVersion?
  /// Range of the compressed bytes, as on disk; nil for the whole file.
  var range: Range<Int>?
  /// XXH3-128 of the file's bytes, if it was computed.
  var content: [UInt8]?

  func write(to bytes: inout ByteWriter) {
    bytes.counted(path.bytes)
    bytes.varint(status?.size ?? 0)
    bytes.varint(status?.device ?? 0)
    bytes.varint(status?.inode ?? 0)
    bytes.varint(status?.links ?? 0)
    bytes.zigzag(status?.modified ?? 0)
    bytes.zigzag(status?.changed ?? 0)
    bytes.varint(range?.lowerBound ?? 0)
    bytes.varint(range?.upperBound ?? 0)
    bytes.counted(content ?? [])
  }

  init(path: ArchiveListing.Path, status: FileVersion?, range: Range<Int>? = nil, content: [UInt8]? = nil) {
    self.path = path
    self.status = status
    self.range = range
    self.content = content
  }

  init(from reader: inout ByteReader) throws(PartialError) {
    path = ArchiveListing.Path(bytes: try reader.counted().array)
    let size = try reader.number()
    let (device, inode) = (try reader.varint(), try reader.varint())
    let links = try reader.number()
    let (modified, changed) = (try reader.zigzag(), try reader.zigzag())
    status =
      links > 0
      ? FileVersion(
        size: size, device: device, inode: inode, modified: modified, changed: changed, links: links) : nil
    let (first, end) = (try reader.number(), try reader.number())
    guard first < end || end == 0 else { throw PartialError("a range of a source ends before it begins") }
    range = end > 0 ? first..<end : nil
    let content = try reader.counted().array
    self.content = content.isEmpty ? nil : content
  }

  /// Whether the source is standard input, which is different in each run.
  var isStandardInput: Bool { path == .standardInput }

  /// Name for messages.
  var name: String { path.name + (range.map { ", bytes \($0.lowerBound) to \($0.upperBound)" } ?? "") }

  /// Returns whether two sources have bytes in common.
  func overlaps(_ other: PartialSource) -> Bool {
    guard path.withoutDots == other.path.withoutDots else { return false }
    guard let range, let otherRange = other.range else { return true }
    return range.overlaps(otherRange)
  }
}

extension ArchiveListing.Path {
  /// Present version of the file; nil if there is no regular file at the path.
  var status: FileVersion? {
    var status = stat()
    let result = withCString { stat($0, &status) }
    return result == 0 && status.st_mode & S_IFMT == S_IFREG ? FileVersion(status) : nil
  }

  var isAbsolute: Bool { bytes.first == UInt8(ascii: "/") }

  /// Returns the absolute path. - Parameter folder: folder to which a relative path refers.
  func absolute(in folder: ArchiveListing.Path) -> ArchiveListing.Path {
    isAbsolute ? self : folder.appending(bytes)
  }

  /// Path without `.` and `..`, resolved as text, without following symbolic links.
  var normalised: ArchiveListing.Path {
    ArchiveListing.Path(bytes: Array(withoutDots.joined(separator: [UInt8(ascii: "/")])))
  }

  /// Working directory, to which relative paths refer; nil if it no longer has a path.
  static var workingFolder: ArchiveListing.Path? {
    guard let path = getcwd(nil, 0) else { return nil }
    defer { free(path) }
    return ArchiveListing.Path(bytes: Array(UnsafeRawBufferPointer(start: path, count: strlen(path))))
  }

  /// Components of the path, with `.` and `..` resolved as text. Paths with equal components count as one file.
  var withoutDots: [[UInt8]] {
    var parts: [[UInt8]] = bytes.first == UInt8(ascii: "/") ? [[]] : []
    for part in bytes.split(separator: UInt8(ascii: "/")).map({ Array($0) }) {
      if part == Array(".".utf8) { continue }
      if part == Array("..".utf8), let last = parts.last, !last.isEmpty, last != part {
        parts.removeLast()
      } else {
        parts.append(part)
      }
    }
    return parts
  }
}
