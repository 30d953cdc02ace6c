import Glibc

/// Directories and small files of the output.
enum Folders {
  /// Makes a directory and those above it; one that exists is fine.
  static func make(_ path: String) throws {
    var made = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      made += "/\(part)"
      if mkdir(made, 0o755) != 0, errno != EEXIST {
        throw GeneratorError.system("cannot create directory \(made)", errno)
      }
    }
  }

  static func checkEmpty(_ path: String) throws {
    guard let directory = opendir(path) else { throw GeneratorError.system("cannot read \(path)", errno) }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { throw GeneratorError.outputNotEmpty(path) }
    }
  }

  /// Writes a whole file beside its place and renames it.
  static func write(_ bytes: [UInt8], to path: String) throws {
    let temporary = path + ".partial"
    guard let file = fopen(temporary, "we") else {
      throw GeneratorError.system("cannot create \(temporary)", errno)
    }
    let written = fwrite(bytes, 1, bytes.count, file)
    let failure = errno
    guard fclose(file) == 0, written == bytes.count else {
      unlink(temporary)
      throw GeneratorError.system("cannot write \(path)", failure)
    }
    guard rename(temporary, path) == 0 else { throw GeneratorError.system("cannot write \(path)", errno) }
  }
}
