import Glibc

/// A file through which the engine gets its input: without a name, and written anew for every input.
struct InputFile {
  let descriptor: CInt

  init() {
    guard let file = tmpfile() else { preconditionFailure("no temporary file") }
    descriptor = fileno(file)
  }

  /// Opens as a regular file, from its first byte.
  var path: String { "/proc/self/fd/\(descriptor)" }

  /// Empties it, for whoever writes to its descriptor.
  func rewind() {
    precondition(ftruncate(descriptor, 0) == 0 && lseek(descriptor, 0, SEEK_SET) == 0)
  }

  func write(_ bytes: [UInt8]) {
    precondition(ftruncate(descriptor, 0) == 0)
    precondition(bytes.isEmpty || pwrite(descriptor, bytes, bytes.count, 0) == bytes.count)
  }
}

/// One for each process; one input at a time.
let inputFile = InputFile()
