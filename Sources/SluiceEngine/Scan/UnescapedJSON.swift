/// What a string says, with what is needed to read it as JSON; kept from text to text.
final class UnescapedJSON {
  private var memory = UnsafeBuffer(capacity: 4 << 10)
  private var marks = UnsafeBuffer(capacity: 1 << 10)
  private var text = UnsafeBytes.empty

  func spell(_ string: UnsafeBytes) {
    // What is spelled out is never longer than its spelling.
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
