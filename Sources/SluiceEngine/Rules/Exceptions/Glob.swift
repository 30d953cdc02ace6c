/// A pattern for whole texts: `*` stands for any bytes, also none, `?` for one, all else for itself, byte for byte.
///
/// Matching goes back to the last star alone, so that it costs at most the text times the pattern.
struct Glob: Hashable, Sendable {
  let pattern: String
  private let bytes: [UInt8]

  init(_ pattern: String) {
    self.pattern = pattern
    bytes = Array(pattern.utf8)
  }

  /// Whether it matches every text.
  var isEverything: Bool { !bytes.isEmpty && bytes.allSatisfy { $0 == UInt8(ascii: "*") } }

  func matches(_ text: [UInt8]) -> Bool {
    var (at, inText) = (0, 0)
    /// Behind the last star, and where the text goes on that it does not stand for.
    var star: (next: Int, inText: Int)?
    while inText < text.count {
      if at < bytes.count, bytes[at] == UInt8(ascii: "*") {
        at += 1
        star = (at, inText)
      } else if at < bytes.count, bytes[at] == text[inText] || bytes[at] == UInt8(ascii: "?") {
        at += 1
        inText += 1
      } else if let (next, start) = star {
        // The star stands for one byte more.
        (at, inText) = (next, start + 1)
        star = (next, start + 1)
      } else {
        return false
      }
    }
    return bytes[at...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
