import Glibc

/// A system call's failure, for the person who reads it.
public struct SystemError: Error, Equatable, CustomStringConvertible {
  public var code: CInt

  public init(code: CInt) { self.code = code }

  /// Of the call that failed last on this thread.
  public static var last: SystemError { SystemError(code: errno) }

  public var description: String { String(cString: strerror(code)) }
}
