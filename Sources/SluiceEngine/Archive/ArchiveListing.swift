import Glibc

/// The files of a run: sorted by path, each once, regular files only.
public struct ArchiveListing: Sendable {
  public struct File: Sendable {
    public var path: String
    public var sizeBytes: Int
  }

  public private(set) var files: [File] = []
  /// Paths that could not be listed, with the reason.
  public private(set) var unreadable: [(path: String, message: String)] = []

  /// Directories are descended into without following symbolic links; a path that was named itself may be one.
  public init(paths: [String]) {
    var seen: Set<String> = []
    for path in paths {
      if path == "-" {
        if seen.insert("-").inserted { files.append(File(path: "-", sizeBytes: 0)) }
        continue
      }
      add(path, isNamed: true, &seen)
    }
    files.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  private mutating func add(_ path: String, isNamed: Bool, _ seen: inout Set<String>) {
    var status = stat()
    guard (isNamed ? stat(path, &status) : lstat(path, &status)) == 0 else {
      unreadable.append((path, SystemError.last.description))
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR:
      guard let names = Self.entries(of: path) else {
        unreadable.append((path, SystemError.last.description))
        return
      }
      for name in names { add(path.hasSuffix("/") ? path + name : path + "/" + name, isNamed: false, &seen) }
    case S_IFREG:
      guard seen.insert(Self.resolved(path)).inserted else { return }
      files.append(File(path: path, sizeBytes: Int(status.st_size)))
    default:
      // Inside a directory pipes, sockets, devices and links are passed over; by name they are a mistake.
      if isNamed { unreadable.append((path, "not a regular file or directory")) }
    }
  }

  private static func entries(of path: String) -> [String]? {
    guard let directory = opendir(path) else { return nil }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }
}
