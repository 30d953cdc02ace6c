@testable import SluiceEngine

/// Returns whether a walker accepts a line.
func walks(_ line: [UInt8]) -> Bool {
  var walker = JSONWalker(trie: ShapeTries.all.raw)
  return withBytes(line) { (try? walker.walk($0)) != nil }
}

/// Returns lines with a text as a value that no rule uses, and as one that a rule uses: an object, a string and an
/// element of an array.
func embedded(_ text: [UInt8]) -> [[UInt8]] {
  let places: [String] = [
    #"{"x": "#, #"{"actor":"#, #"{"outcome":{"reason":"#, #"{"request":{"ipChain":["#,
  ]
  return places.map { open in
    let close = open.reversed().map { $0 == "{" ? "}" : $0 == "[" ? "]" : "" }.joined()
    return Array(open.utf8) + text + Array(close.utf8)
  }
}
