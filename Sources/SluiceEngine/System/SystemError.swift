import Glibc

/// A system call's failure, for the person who reads it.
struct SystemError: Error, CustomStringConvertible {
  var code: CInt

  static var last: SystemError { SystemError(code: errno) }

  var description: String { String(cString: strerror(code)) }
}
