import Glibc
import SluiceRules

/// The wanted paths of an object as a tree of keys, in a flat layout for the walker.
///
/// A dotted tree also accepts a key with dots for the keys between them, as Elastic writes documents: `a.b` is `b` in
/// `a`.
///
/// The memory is written once, here, and lives as long as the tree. Walkers hold the tree and read by pointer,
/// because an array in a class costs a retain per access.
final class PathTrie: @unchecked Sendable {
  struct Node {
    /// Children in `edges`, each in the bucket given by the hash of its key, with at most one per bucket. The number
    /// of buckets is a power of 2, or 0.
    var firstBucket = 0
    var bucketCount = 0
    var multiplier: UInt64 = 0
    /// Child for the first element of an array, or -1.
    var firstElement = -1
    /// Slot of the view for the value here, or -1.
    var slot = -1
    /// Bits of the slots that a value here clears. A repeated key forgets the values of the earlier one, so these are
    /// all slots at or below this node. In a dotted tree a key may add to another, so it is only this node's slot.
    var clearedSlots: UInt64 = 0
  }

  struct Edge {
    /// No key is equal to that of a free bucket, because no key has its length.
    var key = Key(first: 0, last: 0, count: -1)
    /// The whole key, needed for keys with more bytes than ``Key`` holds.
    var text = UnsafeBytes.empty
    var node = -1
  }

  /// The part of a key that is compared first: its first and last eight bytes, which overlap in keys of less than
  /// sixteen.
  struct Key: Equatable {
    var first: UInt64
    var last: UInt64
    var count: Int

    static let bytesMax = 16

    init(first: UInt64, last: UInt64, count: Int) {
      self.first = first
      self.last = last
      self.count = count
    }

    @inline(__always)
    init(_ bytes: UnsafeBytes) {
      count = bytes.count
      if count >= 8 {
        first = bytes.word64(at: 0)
        last = bytes.word64(at: count &- 8)
      } else {
        // The padding allows one read of eight bytes. The bytes after the key are shifted out.
        first = count == 0 ? 0 : bytes.word64(at: 0) << UInt64(truncatingIfNeeded: 64 &- 8 &* count)
        last = 0
      }
    }

    /// Returns the key's bucket among so many, a power of 2.
    @inline(__always)
    func bucket(_ multiplier: UInt64, of bucketCount: Int) -> Int {
      let mixed = (first ^ last &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(truncatingIfNeeded: count)) &* multiplier
      return Int(truncatingIfNeeded: mixed >> 40) & (bucketCount &- 1)
    }
  }

  private let nodes: UnsafeMutableBufferPointer<Node>
  private let edges: UnsafeMutableBufferPointer<Edge>
  private let texts: UnsafeBuffer

  let isDotted: Bool

  convenience init(paths: [(path: [String], field: Field)]) {
    self.init(slots: paths.map { ($0.path, $0.field.rawValue) })
  }

  init(slots: [(path: [String], slot: Int)], isDotted: Bool = false) {
    self.isDotted = isDotted
    let root = Tree()
    for (path, slot) in slots { root.insert(path[...], slot) }
    var nodes = [Node()]
    var keys: [(node: Int, key: [UInt8], child: Int)] = []
    root.flatten(at: 0, &nodes, &keys, isDotted: isDotted)

    // Keys are separated by the padding that views promise.
    let stride = UnsafeBytes.padding + (keys.map(\.key.count).max() ?? 0)
    var texts = UnsafeBuffer(capacity: stride * keys.count)
    for (i, key) in keys.enumerated() { texts.write(key.key, at: i * stride) }
    var edges: [Edge] = []
    for index in nodes.indices {
      let own = keys.indices.filter { keys[$0].node == index }.map { i in
        let text = texts.view(i * stride..<i * stride + keys[i].key.count)
        return Edge(key: Key(text), text: text, node: keys[i].child)
      }
      let (multiplier, buckets) = Self.hashTable(own)
      nodes[index].firstBucket = edges.count
      nodes[index].bucketCount = buckets.count
      nodes[index].multiplier = multiplier
      edges += buckets
    }
    self.texts = texts
    self.nodes = .allocate(capacity: nodes.count)
    _ = self.nodes.initialize(from: nodes)
    self.edges = .allocate(capacity: edges.count)
    _ = self.edges.initialize(from: edges)
  }

  /// Builds a hash table without collisions, so that a look-up needs one comparison.
  private static func hashTable(_ edges: [Edge]) -> (multiplier: UInt64, buckets: [Edge]) {
    if edges.isEmpty { return (0, []) }
    var count = 1
    while count < 2 * edges.count { count *= 2 }
    var multiplier: UInt64 = 1
    while true {
      // Keys that differ in length or in their first or last bytes separate soon. Other keys never would.
      precondition(count < 1 << 16, "two keys of the same length begin and end alike")
      for _ in 0..<64 {
        multiplier = multiplier &* 0x5851_F42D_4C95_7F2D &+ 0x1405_7B7E_F767_814F | 1
        var buckets = [Edge](repeating: Edge(), count: count)
        var isFree = true
        for edge in edges where isFree {
          let bucket = edge.key.bucket(multiplier, of: count)
          isFree = buckets[bucket].node < 0
          buckets[bucket] = edge
        }
        if isFree { return (multiplier, buckets) }
      }
      count *= 2
    }
  }

  deinit {
    nodes.deallocate()
    edges.deallocate()
  }

  /// - Precondition: the node is one of this tree.
  @inline(__always)
  func node(_ index: Int) -> UnsafePointer<Node> {
    precondition(UInt(bitPattern: index) < UInt(bitPattern: nodes.count))
    return UnsafePointer(nodes.baseAddress! + index)  // There is always a root.
  }

  /// Returns the child of a node for a key, or -1.
  @inline(__always)
  func child(of index: Int, key bytes: UnsafeBytes) -> Int {
    let node = node(index)
    if node.pointee.bucketCount == 0 { return -1 }
    let key = Key(bytes)
    let index = node.pointee.firstBucket &+ key.bucket(node.pointee.multiplier, of: node.pointee.bucketCount)
    precondition(UInt(bitPattern: index) < UInt(bitPattern: edges.count))
    let edge = edges.baseAddress! + index  // There is at least this edge.
    guard edge.pointee.key == key else { return -1 }
    return key.count <= Key.bytesMax || edge.pointee.text.elementsEqual(bytes) ? edge.pointee.node : -1
  }

  /// Returns the child in a dotted tree for a key that consists of several, or -1.
  @inline(never)
  func dottedChild(of index: Int, key: UnsafeBytes) -> Int {
    var node = index
    var start = 0
    for i in 0...key.count where i == key.count || key[i] == UInt8(ascii: ".") {
      node = child(of: node, key: key[start..<i])
      if node < 0 { return -1 }
      start = i + 1
    }
    return node
  }

  private final class Tree {
    private var children: [(key: String, tree: Tree)] = []
    private var slot = -1

    func insert(_ path: ArraySlice<String>, _ slot: Int) {
      guard let key = path.first else {
        self.slot = slot
        return
      }
      if !children.contains(where: { $0.key == key }) { children.append((key, Tree())) }
      for child in children where child.key == key { child.tree.insert(path.dropFirst(), slot) }
    }

    func flatten(
      at index: Int, _ nodes: inout [Node], _ keys: inout [(node: Int, key: [UInt8], child: Int)],
      isDotted: Bool
    ) {
      nodes[index].slot = slot
      if slot >= 0 { nodes[index].clearedSlots |= 1 << UInt64(slot) }
      let firstChild = nodes.count
      for (i, child) in children.enumerated() {
        nodes.append(Node())
        if child.key == "0" {
          nodes[index].firstElement = firstChild + i
        } else {
          keys.append((index, Array(child.key.utf8), firstChild + i))
        }
      }
      for (i, child) in children.enumerated() {
        child.tree.flatten(at: firstChild + i, &nodes, &keys, isDotted: isDotted)
        if !isDotted { nodes[index].clearedSlots |= nodes[firstChild + i].clearedSlots }
      }
    }
  }
}
