import Glibc

/// A file through which the engine gets its input. It has no name, and its content is replaced for every input.
struct InputFile {
  let descriptor: CInt

  init() {
    guard let file = tmpfile() else { preconditionFailure("no temporary file") }
    descriptor = fileno(file)
  }

  /// A path that opens as a regular file, from its first byte.
  var path: String { "/proc/self/fd/\(descriptor)" }

  /// Empties the file before another writer uses its descriptor.
  func rewind() {
    precondition(ftruncate(descriptor, 0) == 0 && lseek(descriptor, 0, SEEK_SET) == 0)
  }

  func write(_ bytes: [UInt8]) {
    precondition(ftruncate(descriptor, 0) == 0)
    precondition(bytes.isEmpty || pwrite(descriptor, bytes, bytes.count, 0) == bytes.count)
  }
}

/// One file for each process, which fuzzes one input at a time.
let inputFile = InputFile()
