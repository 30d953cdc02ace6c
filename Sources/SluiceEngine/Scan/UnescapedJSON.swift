/// The unescaped text of a string, and the memory needed to read it as JSON, which is reused for the next text.
final class UnescapedJSON {
  private var memory = UnsafeBuffer(capacity: 4 << 10)
  private var marks = UnsafeBuffer(capacity: 1 << 10)
  private var text = UnsafeBytes.empty

  func spell(_ string: UnsafeBytes) {
    // Unescaped text is never longer than escaped text.
    memory.reserve(string.count, keeping: 0)
    text = memory.fill(at: 0) { put in unescape(string, put) }
  }

  var beginsLikeJSON: Bool {
    for i in 0..<text.count where text.isBeyondSpace(i) {
      return text[i] == UInt8(ascii: "{") || text[i] == UInt8(ascii: "[")
    }
    return false
  }

  func line(_ simdTarget: SIMDTarget) -> JSONCursor {
    JSONCursor(text, marks: &marks, simdTarget: simdTarget)
  }
}
