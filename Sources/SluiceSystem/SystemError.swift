import Glibc

/// The error of a system call, described for people.
package struct SystemError: Error, Equatable, CustomStringConvertible {
  package var code: CInt

  package init(code: CInt) { self.code = code }

  /// The error of the last failed call on this thread.
  package static var last: SystemError { SystemError(code: errno) }

  package var description: String { String(cString: strerror(code)) }
}
