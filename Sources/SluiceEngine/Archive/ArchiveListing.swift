import Glibc

/// The files of a run: sorted by path, each once, regular files only.
///
/// Paths are bytes, as the file system has them: they need not be UTF-8, and two that Swift's strings equate are two.
public struct ArchiveListing: Sendable {
  public struct Path: Hashable, Comparable, Sendable {
    public var bytes: [UInt8]

    public init(_ string: String) { bytes = Array(string.utf8) }

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// For messages and figures; bytes that are not UTF-8 are repaired.
    public var name: String { String(decoding: bytes, as: UTF8.self) }

    public static func < (a: Self, b: Self) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }

    func withCString<R>(_ body: (UnsafePointer<CChar>) -> R) -> R {
      (bytes + [0]).withUnsafeBufferPointer { bytes in
        // There is the terminator at least.
        bytes.withMemoryRebound(to: CChar.self) { body($0.baseAddress!) }
      }
    }

    fileprivate func appending(_ name: [UInt8]) -> Path {
      let slash = UInt8(ascii: "/")
      return Path(bytes: bytes.last == slash ? bytes + name : bytes + [slash] + name)
    }
  }

  public struct File: Sendable {
    public var location: Path
    public var sizeBytes: Int

    public var path: String { location.name }
  }

  public private(set) var files: [File] = []
  /// Paths that could not be listed, with the reason; sorted.
  public private(set) var unreadable: [(path: String, message: String)] = []

  public private(set) var linksPassedOver = 0

  /// Directories are descended into without following symbolic links; a path that was named itself may be one.
  public init(paths: [String]) {
    var found: [(file: File, resolved: [UInt8])] = []
    var failed: [(path: Path, message: String)] = []
    for path in Set(paths.map { Path($0) }) {
      if path == Path("-") {
        found.append((File(location: path, sizeBytes: 0), path.bytes))
      } else {
        Self.list(path, isNamed: true, &found, &failed, &linksPassedOver)
      }
    }
    // One file may have been reached by several paths; it goes by the shortest of them.
    var seen: Set<[UInt8]> = []
    files = found.sorted { a, b in
      let (a, b) = (a.file.location, b.file.location)
      return a.bytes.count != b.bytes.count ? a.bytes.count < b.bytes.count : a < b
    }
    .filter { seen.insert($0.resolved).inserted }.map(\.file).sorted { $0.location < $1.location }
    unreadable = failed.sorted { $0.path < $1.path }.map { ($0.path.name, $0.message) }
  }

  private static func list(
    _ path: Path, isNamed: Bool, _ found: inout [(file: File, resolved: [UInt8])],
    _ failed: inout [(path: Path, message: String)], _ links: inout Int
  ) {
    var status = stat()
    guard path.withCString({ isNamed ? stat($0, &status) : lstat($0, &status) }) == 0 else {
      failed.append((path, SystemError.last.description))
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR:
      guard let names = entries(of: path) else {
        failed.append((path, SystemError.last.description))
        return
      }
      for name in names { list(path.appending(name), isNamed: false, &found, &failed, &links) }
    case S_IFREG:
      found.append((File(location: path, sizeBytes: Int(status.st_size)), resolved(path)))
    case S_IFLNK: links += 1
    default:
      // Inside a directory pipes, sockets and devices are passed over; by name they are a mistake.
      if isNamed { failed.append((path, "not a regular file or directory")) }
    }
  }

  private static func entries(of path: Path) -> [[UInt8]]? {
    guard let directory = path.withCString({ opendir($0) }) else { return nil }
    defer { closedir(directory) }
    var names: [[UInt8]] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
    }
    return names
  }

  private static func resolved(_ path: Path) -> [UInt8] {
    guard let real = path.withCString({ realpath($0, nil) }) else { return path.bytes }
    defer { free(real) }
    return Array(UnsafeRawBufferPointer(start: real, count: strlen(real)))
  }
}
