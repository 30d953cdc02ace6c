import Glibc

/// The error of a system call, described for people.
public struct SystemError: Error, Equatable, CustomStringConvertible {
  public var code: CInt

  public init(code: CInt) { self.code = code }

  /// The error of the last failed call on this thread.
  public static var last: SystemError { SystemError(code: errno) }

  public var description: String { String(cString: strerror(code)) }
}
