/// A pattern for whole texts: `*` matches any bytes or none, `?` matches one byte, and other bytes match themselves.
///
/// Matching backtracks to the last star only, so it takes at most text length times pattern length steps.
package struct Glob: Hashable, Sendable {
  let pattern: String
  private let bytes: [UInt8]

  init(_ pattern: String) {
    self.pattern = pattern
    bytes = Array(pattern.utf8)
  }

  /// Whether it certainly matches every text.
  var isEverything: Bool { !bytes.isEmpty && bytes.allSatisfy { $0 == UInt8(ascii: "*") } }

  func matches(_ text: [UInt8]) -> Bool {
    var (at, inText) = (0, 0)
    /// The pattern index after the last star, and the text index after the bytes that the star matches.
    var star: (next: Int, inText: Int)?
    while inText < text.count {
      if at < bytes.count, bytes[at] == UInt8(ascii: "*") {
        at += 1
        star = (at, inText)
      } else if at < bytes.count, bytes[at] == text[inText] || bytes[at] == UInt8(ascii: "?") {
        at += 1
        inText += 1
      } else if let (next, start) = star {
        // Let the star match one more byte.
        (at, inText) = (next, start + 1)
        star = (next, start + 1)
      } else {
        return false
      }
    }
    return bytes[at...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
