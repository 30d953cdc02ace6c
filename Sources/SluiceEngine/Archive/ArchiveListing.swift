import Glibc
import SluiceRecords
import SluiceSystem

/// The files of an archive: regular files only, sorted by path, each once.
///
/// Paths are bytes, as in the file system. They need not be UTF-8, and paths that are equal as Swift strings may
/// differ.
package struct ArchiveListing: Sendable {
  package struct Path: Hashable, Comparable, Sendable {
    package var bytes: [UInt8]

    static let standardInput = Path("-")

    /// - Parameter text: a path in the form that `String(path:)` returns.
    package init(_ text: String) { bytes = text.pathBytes }

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// The path as text for messages and records. No other path has the same text.
    package var name: String { String(path: bytes) }

    package static func < (a: Self, b: Self) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }

    func withCString<R, E: Error>(_ body: (UnsafePointer<CChar>) throws(E) -> R) throws(E) -> R {
      let terminated = (bytes + [0]).map { CChar(bitPattern: $0) }
      return try terminated.withUnsafeBufferPointer { (characters) throws(E) in
        try body(characters.baseAddress!)  // It contains at least the terminator.
      }
    }

    /// Returns why a given path cannot be used. For a path that does not exist, it adds what may have been meant.
    func message(_ error: SystemError) -> String {
      guard error.code == ENOENT else { return error.description }
      let scheme = name.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
      if !scheme.isEmpty, name.dropFirst(scheme.count).hasPrefix("://") {
        return "\(error); URLs are not read: copy the files here, or pipe their content to 'sluice scan -'"
      }
      if name.contains(where: { "*?[{".contains($0) }) {
        return
          "\(error); the shell expands patterns, unless they stand in quotes or match nothing: leave out the quotes, or name the folder"
      }
      return error.description
    }

    func appending(_ name: [UInt8]) -> Path {
      let slash = UInt8(ascii: "/")
      return Path(bytes: bytes.last == slash ? bytes + name : bytes + [slash] + name)
    }
  }

  package struct File: Sendable {
    package var location: Path
    package var sizeBytes: Int
    /// Whether the path was given, not found in a directory. Only a given path may be a symbolic link.
    var isNamed = true
    /// nil for standard input.
    package var identity: FileIdentity?

    package var path: String { location.name }
  }

  package private(set) var files: [File] = []
  /// Number of regular files without any bytes.
  var emptyFiles: Int { files.count { $0.identity != nil && $0.sizeBytes == 0 } }
  /// Paths that could not be listed, and given folders that contain no file; sorted.
  package private(set) var problems: [Problem] = []
  /// All folders, whether they could be read or not.
  package private(set) var folders: Set<FileIdentity> = []

  package private(set) var skipped = Skipped()

  /// Entries of directories that are not read.
  package struct Skipped: NamedCounts, Sendable {
    package var symbolicLinks = 0
    /// Pipes, sockets and devices.
    package var specialFiles = 0

    package static let counts: [(name: String, path: CountPath)] = [
      ("symbolic_links", \.symbolicLinks), ("special_files", \.specialFiles),
    ]
  }

  /// Whether one of the files is standard input, which can be read only once.
  var readsStandardInput: Bool { files.contains { $0.location == .standardInput } }

  /// Creates a listing of certain files.
  init(files: [File]) { self.files = files }

  /// Lists paths. Directories are searched without following symbolic links, but a given path may be one.
  package init(paths: [String]) {
    var found = ListedFiles()
    for path in Set(paths.map { Path($0) }) {
      if path == .standardInput {
        found.files.append((File(location: path, sizeBytes: 0), path.bytes))
      } else {
        found.listAll(path)
      }
    }
    // Several paths may lead to one file. It gets the shortest of them.
    var seen: Set<[UInt8]> = []
    files = found.files.sorted { a, b in
      let (a, b) = (a.file.location, b.file.location)
      return a.bytes.count != b.bytes.count ? a.bytes.count < b.bytes.count : a < b
    }
    .filter { seen.insert($0.resolved).inserted }.map(\.file).sorted { $0.location < $1.location }
    problems = found.failed.sorted { $0.path < $1.path }.map {
      Problem(file: $0.path.name, offset: 0, reason: $0.reason.word, message: $0.message)
    }
    folders = found.folders
    skipped = found.skipped
  }
}

/// The files found under the paths of a run, in no order.
private struct ListedFiles {
  var files: [(file: ArchiveListing.File, resolved: [UInt8])] = []
  var failed: [(path: ArchiveListing.Path, reason: Reason, message: String)] = []
  var folders: Set<FileIdentity> = []
  var skipped = ArchiveListing.Skipped()
  /// Entries of directories that have not been examined yet.
  private var waiting: [ArchiveListing.Path] = []

  /// Lists a path and everything below it. A folder that contains no file is a failure, because something may not
  /// have been mounted there.
  mutating func listAll(_ path: ArchiveListing.Path) {
    let before = (files: files.count, failed: failed.count, skipped: skipped)
    list(path, isNamed: true)
    // A loop works for any depth of directories.
    while let path = waiting.popLast() { list(path, isNamed: false) }
    guard files.count == before.files, failed.count == before.failed else { return }
    let others = [
      (skipped.symbolicLinks - before.skipped.symbolicLinks, "symbolic link", "symbolic links"),
      (
        skipped.specialFiles - before.skipped.specialFiles, "pipe, socket or device",
        "pipes, sockets and devices"
      ),
    ]
    let passedOver = others.filter { $0.0 > 0 }.map { NumberFormat.count($0, $1, $2) }.joined(
      separator: " and ")
    failed.append(
      (
        path, .noFiles,
        passedOver.isEmpty
          ? "no file lies in this folder or below it; is it mounted?"
          : "no file lies in this folder or below it, only \(passedOver), which sluice passes over; name what is to be read"
      ))
  }

  private mutating func list(_ path: ArchiveListing.Path, isNamed: Bool) {
    do throws(SystemError) {
      var status = stat()
      try path.withCString { (path) throws(SystemError) in
        _ = try retried { isNamed ? stat(path, &status) : lstat(path, &status) }
      }
      switch status.st_mode & S_IFMT {
      case S_IFDIR:
        folders.insert(FileIdentity(status))
        var names: [[UInt8]] = []
        // Names that were read before a failure are listed all the same.
        defer { waiting += names.map(path.appending) }
        try path.withCString { (path) throws(SystemError) in
          try readDirectory(path, followsLink: isNamed, into: &names)
        }
      case S_IFREG:
        let file = ArchiveListing.File(
          location: path, sizeBytes: Int(status.st_size), isNamed: isNamed, identity: FileIdentity(status))
        files.append((file, try resolved(path)))
      case S_IFLNK: skipped.symbolicLinks += 1
      default:
        // Inside a directory these are skipped. A given path of this kind is a mistake.
        if isNamed {
          failed.append((path, .unreadable, "not a regular file or directory"))
        } else {
          skipped.specialFiles += 1
        }
      }
    } catch {
      failed.append((path, .unreadable, isNamed ? path.message(error) : error.description))
    }
  }

  private func resolved(_ path: ArchiveListing.Path) throws(SystemError) -> [UInt8] {
    var real: UnsafeMutablePointer<CChar>?
    do throws(SystemError) {
      try path.withCString { (path) throws(SystemError) in
        _ = try retried {
          real = realpath(path, nil)
          return real == nil ? -1 : 0
        }
      }
    } catch {
      // An open file may exist only under its number, as in /dev/fd.
      if error.code != ENOENT { throw error }
    }
    guard let real else { return path.bytes }
    defer { free(real) }
    return Array(UnsafeRawBufferPointer(start: real, count: strlen(real)))
  }
}
