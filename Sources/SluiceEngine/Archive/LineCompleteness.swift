import CKernels

/// The completeness of a line, as its first and last bytes show. White space at its end does not count.
enum LineCompleteness {
  case blank
  /// A complete line: from `{` to `}` or from `[` to `]`, beginning with its first byte. It is a text by itself
  /// everywhere.
  case complete
  /// A line that may be part of something spread over several lines. The lines before it decide.
  case fragment

  /// Length of the shortest complete line, also for the kernels. An object of two or three bytes is not an event, but
  /// it may be found inside one.
  private static let completeBytesMin = Int(SLUICE_COMPLETE_LINE_BYTES_MIN)

  init(_ line: UnsafeBytes) {
    guard let last = line.lastContent else {
      self = .blank
      return
    }
    let first = line[0]
    let isEnclosed =
      first == UInt8(ascii: "{") && line[last] == UInt8(ascii: "}")
      || first == UInt8(ascii: "[") && line[last] == UInt8(ascii: "]")
    self = isEnclosed && last + 1 >= Self.completeBytesMin ? .complete : .fragment
  }
}

extension UnsafeBytes {
  private func isSpace(_ index: Int) -> Bool {
    let byte = self[index]
    return byte == 0x20 || byte == 0x09 || byte == 0x0D
  }

  /// Returns the offset of a line's first byte that is not white space, at or after an offset; nil if there is none.
  func firstContent(from start: Int = 0) -> Int? {
    var at = start
    while at < count, isSpace(at) { at += 1 }
    return at < count ? at : nil
  }

  /// Offset of a line's last byte that is not white space; nil if there is none.
  var lastContent: Int? {
    var at = count - 1
    while at >= 0, isSpace(at) { at -= 1 }
    return at >= 0 ? at : nil
  }

  /// Whether an incomplete line begins something that continues after it. Such a line contains `{` or `[` alone, or a
  /// bracket that no word follows, without its own end.
  var opensPage: Bool {
    guard let first = firstContent(), let last = lastContent else { return false }
    if first == last { return self[first] == UInt8(ascii: "{") || self[first] == UInt8(ascii: "[") }
    guard self[first] == UInt8(ascii: "["), self[last] != UInt8(ascii: "]"),
      let second = firstContent(from: first + 1)
    else { return false }
    switch self[second] {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      return false
    default: return true
    }
  }

  /// Whether a line is an object with a comma before or after it, like one in a page.
  var isElement: Bool {
    guard let first = firstContent(), let last = lastContent, last > first else { return false }
    if self[first] == UInt8(ascii: ",") {
      return firstContent(from: first + 1).map { self[$0] == UInt8(ascii: "{") } ?? false
    }
    guard self[first] == UInt8(ascii: "{"), self[last] == UInt8(ascii: ",") else { return false }
    return self[0..<last].lastContent.map { self[$0] == UInt8(ascii: "}") } ?? false
  }
}
