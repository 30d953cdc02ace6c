import CKernels

/// What the first and the last bytes of a line say of it, white space at its end aside.
enum LineCompleteness {
  case blank
  /// From `{` to `}` or from `[` to `]`, from the first byte on: a text by itself, wherever it stands.
  case whole
  /// May be part of something that is spread over several lines; what came before it decides.
  case irregular

  /// Of the shortest line that is whole, to the kernels too: an object of two or three bytes is no event, but is found
  /// within some.
  private static let wholeBytesMin = Int(SLUICE_COMPLETE_LINE_BYTES_MIN)

  init(_ line: UnsafeBytes) {
    guard let last = line.lastContent else {
      self = .blank
      return
    }
    let first = line[0]
    let isEnclosed =
      first == UInt8(ascii: "{") && line[last] == UInt8(ascii: "}")
      || first == UInt8(ascii: "[") && line[last] == UInt8(ascii: "]")
    self = isEnclosed && last + 1 >= Self.wholeBytesMin ? .whole : .irregular
  }
}

extension UnsafeBytes {
  private func isSpace(_ index: Int) -> Bool {
    let byte = self[index]
    return byte == 0x20 || byte == 0x09 || byte == 0x0D
  }

  /// Where a line's first byte that is not white space stands, if there is one, at or behind an offset.
  func firstContent(from start: Int = 0) -> Int? {
    var at = start
    while at < count, isSpace(at) { at += 1 }
    return at < count ? at : nil
  }

  /// Where a line's last byte that is not white space stands, if there is one.
  var lastContent: Int? {
    var at = count - 1
    while at >= 0, isSpace(at) { at -= 1 }
    return at >= 0 ? at : nil
  }

  /// Whether a line, which is not whole, begins something that goes on behind it: it holds `{` or `[` alone, or a
  /// bracket, no word behind that, and not its own end.
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

  /// Whether a line is an object with a comma before or behind it, as one within a page.
  var isElement: Bool {
    guard let first = firstContent(), let last = lastContent, last > first else { return false }
    if self[first] == UInt8(ascii: ",") {
      return firstContent(from: first + 1).map { self[$0] == UInt8(ascii: "{") } ?? false
    }
    guard self[first] == UInt8(ascii: "{"), self[last] == UInt8(ascii: ",") else { return false }
    return self[0..<last].lastContent.map { self[$0] == UInt8(ascii: "}") } ?? false
  }
}
