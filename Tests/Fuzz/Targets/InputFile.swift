import Glibc

/// The file through which the engine gets its input: without a name, and written anew for every input.
///
/// One for each process; one input at a time.
struct InputFile {
  private let descriptor: CInt

  init() {
    guard let file = tmpfile() else { preconditionFailure("no temporary file") }
    descriptor = fileno(file)
  }

  /// Opens as a regular file, from its first byte.
  var path: String { "/proc/self/fd/\(descriptor)" }

  func write(_ bytes: [UInt8]) {
    precondition(ftruncate(descriptor, 0) == 0)
    precondition(bytes.isEmpty || pwrite(descriptor, bytes, bytes.count, 0) == bytes.count)
  }
}

let inputFile = InputFile()
