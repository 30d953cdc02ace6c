import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Keys are found by a hash that lets each stand alone; a look-up is right whatever the key.
@Suite struct PathTrieTests {
  @Test func everyPathIsFoundAndNothingElse() {
    for field in Field.allCases {
      guard let path = field.path else { continue }
      var node = 0
      for key in path where node >= 0 {
        node = key == "0" ? PathTrie.raw.node(node).pointee.firstElement : Self.child(of: node, key)
      }
      #expect(node >= 0 && PathTrie.raw.node(node).pointee.field == field.rawValue, "\(path)")
    }
  }

  @Test func keysThatDifferByOneByteAreOthers() {
    let keys = ["", "a", "id", "actor", "eventTyp", "eventType", "0123456789abcdef", "0123456789abcdefg"]
    let trie = PathTrie(paths: zip(keys, Field.allCases).map { ([$0], $1) })
    for (key, field) in zip(keys, Field.allCases) {
      let node = Self.child(of: 0, key, trie)
      #expect(node >= 0 && trie.node(node).pointee.field == field.rawValue, "\(key)")
      for place in key.utf8.indices {
        var other = Array(key.utf8)
        other[key.utf8.distance(from: key.startIndex, to: place)] ^= 1
        #expect(withBytes(other) { trie.child(of: 0, key: $0) } == -1)
      }
    }
    for key in ["i", "idd", "actors", "0123456789abcdefh", "0123456789abcdefgh", "eventType\0", "\0"] {
      #expect(Self.child(of: 0, key, trie) == -1, "\(key)")
    }
    #expect(Self.child(of: Self.child(of: 0, "id", trie), "id", trie) == -1, "a leaf has no children")
  }

  /// Beginning, end and length are the same: the middle tells them apart, or there is no tree.
  @Test func longKeysAreComparedWhole() {
    let trie = PathTrie(paths: [(["abcdefgh-one-abcdefgh"], .user)])
    #expect(Self.child(of: 0, "abcdefgh-one-abcdefgh", trie) >= 0)
    #expect(Self.child(of: 0, "abcdefgh-two-abcdefgh", trie) == -1)
  }

  private static func child(of node: Int, _ key: String, _ trie: PathTrie = .raw) -> Int {
    withBytes(Array(key.utf8)) { trie.child(of: node, key: $0) }
  }
}
