@testable import SluiceEngine
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// The perfect hash of keys. Each key has its own entry, and a lookup is correct for any key.
@Suite struct PathTrieTests {
  @Test(arguments: [FieldTable.raw, .lowercase, .elastic]) func everyPathIsFound(table: FieldTable) {
    let trie: PathTrie =
      switch table {
      case .raw: ShapeTries.all.raw
      case .lowercase: ShapeTries.all.lowercase
      case .elastic: ShapeTries.all.elastic
      }
    for field in Field.allCases {
      for (number, path) in table.paths(of: field).enumerated() {
        var node = 0
        for key in path where node >= 0 {
          node = key == "0" ? trie.node(node).pointee.firstElement : Self.child(of: node, key, trie)
        }
        let slot = number == 0 ? field.rawValue : FieldTable.elasticOtherSlots[field.rawValue][number - 1]
        let found = node < 0 ? nil : trie.node(node).pointee.slot
        #expect(found == slot, "\(path)")
      }
    }
  }

  @Test func everyMarkIsFound() {
    for (path, slot) in ShapeMarker.slots {
      let node = path.reduce(0) { Self.child(of: $0, $1) }
      let found = node < 0 ? nil : ShapeTries.all.raw.node(node).pointee.slot
      #expect(found == slot, "\(path)")
    }
  }

  /// Slots are distinct, and those of markers begin after all slots of fields.
  @Test func noSlotIsUsedTwice() {
    for slots in [
      FieldTable.elastic.slots(of: Set(Field.allCases)).map(\.slot),
      FieldTable.raw.slots(of: Set(Field.allCases)).map(\.slot) + ShapeMarker.allCases.map(\.rawValue),
    ] {
      #expect(Set(slots).count == slots.count)
      #expect(slots.allSatisfy { $0 < EventView.slotCount })
    }
    #expect(ShapeMarker.allCases.allSatisfy { $0.rawValue >= FieldTable.fieldSlots })
  }

  @Test func dottedKeysLeadWhereTheirPartsLead() {
    let trie = PathTrie(slots: [(["aa", "bbb", "cc"], 1), (["aa", "dd"], 2)], isDotted: true)
    func slot(_ keys: String...) -> Int? {
      let node = keys.reduce(0) { node, key in
        node < 0 ? node : withBytes(Array(key.utf8)) { trie.dottedChild(of: node, key: $0) }
      }
      return node < 0 ? nil : trie.node(node).pointee.slot
    }
    #expect(slot("aa.bbb.cc") == 1)
    #expect(slot("aa", "bbb.cc") == 1)
    #expect(slot("aa.bbb", "cc") == 1)
    #expect(slot("aa", "bbb", "cc") == 1)
    #expect(slot("aa.dd") == 2)
    #expect(slot("aa", "dd") == 2)
    #expect(slot("aa.bbb") == -1)
    for key in ["", ".", "aa.", ".aa", "aa..bbb", "aa.bbb.cc.", "aa.bbb.cc.dd", "aa.x", "aabbb", "bbb"] {
      #expect(slot(key) == nil, "\(key)")
    }
  }

  @Test func keysThatDifferByOneByteAreOthers() {
    let keys = ["", "a", "id", "actor", "eventTyp", "eventType", "0123456789abcdef", "0123456789abcdefg"]
    let trie = PathTrie(paths: zip(keys, Field.allCases).map { ([$0], $1) })
    for (key, field) in zip(keys, Field.allCases) {
      let node = Self.child(of: 0, key, trie)
      let found = node < 0 ? nil : trie.node(node).pointee.slot
      #expect(found == field.rawValue, "\(key)")
      for index in key.utf8.indices {
        var other = Array(key.utf8)
        other[key.utf8.distance(from: key.startIndex, to: index)] ^= 1
        #expect(withBytes(other) { trie.child(of: 0, key: $0) } == -1)
      }
    }
    for key in ["i", "idd", "actors", "0123456789abcdefh", "0123456789abcdefgh", "eventType\0", "\0"] {
      #expect(Self.child(of: 0, key, trie) == -1, "\(key)")
    }
    #expect(Self.child(of: Self.child(of: 0, "id", trie), "id", trie) == -1, "a leaf has no children")
  }

  /// The start, the end and the length are equal, so only the middle differs.
  @Test func longKeysAreComparedWhole() {
    let trie = PathTrie(paths: [(["abcdefgh-one-abcdefgh"], .user)])
    #expect(Self.child(of: 0, "abcdefgh-one-abcdefgh", trie) >= 0)
    #expect(Self.child(of: 0, "abcdefgh-two-abcdefgh", trie) == -1)
  }

  private static func child(of node: Int, _ key: String, _ trie: PathTrie = ShapeTries.all.raw) -> Int {
    withBytes(Array(key.utf8)) { trie.child(of: node, key: $0) }
  }
}
