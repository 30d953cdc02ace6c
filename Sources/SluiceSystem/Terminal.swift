import Glibc

/// Properties of a stream that may be a terminal.
package enum Terminal {
  package static func isTerminal(_ descriptor: CInt) -> Bool { isatty(descriptor) == 1 }

  /// Returns the columns of a terminal, from the terminal or else from `COLUMNS`; nil if neither is known or it is no
  /// terminal.
  package static func width(_ descriptor: CInt) -> Int? {
    guard isTerminal(descriptor) else { return nil }
    var size = winsize()
    if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
    return variable("COLUMNS").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
  }

  /// Returns whether to use colours: on capable terminals, unless `NO_COLOR` (https://no-color.org) is set and not
  /// empty.
  package static func hasColours(_ descriptor: CInt) -> Bool {
    (variable("NO_COLOR") ?? "").isEmpty && knowsEscapes(descriptor)
  }

  /// Returns whether it is a terminal that interprets escape sequences.
  package static func knowsEscapes(_ descriptor: CInt) -> Bool {
    isTerminal(descriptor) && variable("TERM") != "dumb"
  }

  private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
