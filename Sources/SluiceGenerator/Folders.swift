import Glibc
import SluiceSystem

/// The directories of the output.
enum Folders {
  /// Creates a directory and its parents; an existing one is accepted.
  static func make(_ path: String) throws {
    var made = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      made += "/\(part)"
      do throws(SystemError) {
        try retried { mkdir(made.cPath, 0o755) }
      } catch {
        if error.code != EEXIST { throw GeneratorError.system("cannot create directory \(made)", error) }
      }
    }
  }

  static func checkEmpty(_ path: String) throws {
    var names: [[UInt8]] = []
    do throws(SystemError) {
      try readDirectory(path.cPath, followsLink: true, into: &names)
    } catch {
      throw GeneratorError.system("cannot read \(path)", error)
    }
    if !names.isEmpty { throw GeneratorError.outputNotEmpty(path) }
  }

  /// Renames a directory and makes the new name survive a power failure.
  static func rename(_ path: String, to name: String, in parent: String) throws {
    do throws(SystemError) {
      try retried { Glibc.rename(path.cPath, name.cPath) }
      try syncDirectory(parent)
    } catch {
      throw GeneratorError.system("cannot create \(name)", error)
    }
  }
}
