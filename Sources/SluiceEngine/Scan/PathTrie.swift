import Glibc

/// The paths of the fields as a tree of keys, laid flat for the walker.
///
/// The memory is written once, here, and lives as long as the tree; walkers hold the tree and read by pointer, as an
/// array in a class costs a retain an access.
final class PathTrie: @unchecked Sendable {
  struct Node {
    /// Children in `edges`, each at the place that the hash of its key says; no two at one. As many places as a power of 2, or none.
    var firstPlace = 0
    var placeCount = 0
    var multiplier: UInt64 = 0
    /// Child for the first element of an array, or -1.
    var firstElement = -1
    /// Field that ends here, or -1.
    var field = -1
    /// Bits of all fields at or below this node: a repeated key forgets what the one before it said.
    var fieldsBelow: UInt64 = 0
  }

  struct Edge {
    /// Nothing equals the key of a free place: its length is that of no key.
    var key = Key(first: 0, last: 0, count: -1)
    /// All of the key, for those of more bytes than ``Key`` holds.
    var text = UnsafeBytes.empty
    var node = -1
  }

  /// What keys are told apart by: their first and last eight bytes, which overlap in those of less than sixteen.
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
        // The padding lets this be read in one, and what is not the key's shifted out.
        first = count == 0 ? 0 : bytes.word64(at: 0) << UInt64(truncatingIfNeeded: 64 &- 8 &* count)
        last = 0
      }
    }

    /// Place among `places`, a power of 2.
    @inline(__always)
    func place(_ multiplier: UInt64, of places: Int) -> Int {
      let mixed = (first ^ last &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(truncatingIfNeeded: count)) &* multiplier
      return Int(truncatingIfNeeded: mixed >> 40) & (places &- 1)
    }
  }

  private let nodes: UnsafeMutableBufferPointer<Node>
  private let edges: UnsafeMutableBufferPointer<Edge>
  private let texts: UnsafeBuffer

  /// The tree of raw Okta events, rooted at node 0.
  static let raw = PathTrie(fields: Set(Field.allCases))

  /// The tree of raw Okta events for some fields: what nobody asks for is passed over with all below it.
  convenience init(fields: Set<Field>) {
    self.init(
      paths: Field.allCases.compactMap { field in
        fields.contains(field) ? field.path.map { ($0, field) } : nil
      })
  }

  init(paths: [(path: [String], field: Field)]) {
    let root = Tree()
    for (path, field) in paths { root.insert(path[...], field) }
    var nodes = [Node()]
    var keys: [(node: Int, key: [UInt8], child: Int)] = []
    root.lay(at: 0, &nodes, &keys)

    // Keys stand apart by the padding that views promise.
    let stride = UnsafeBytes.padding + (keys.map(\.key.count).max() ?? 0)
    var texts = UnsafeBuffer(capacity: stride * keys.count)
    for (i, key) in keys.enumerated() { texts.write(key.key, at: i * stride) }
    var edges: [Edge] = []
    for index in nodes.indices {
      let own = keys.indices.filter { keys[$0].node == index }.map { i in
        let text = texts.view(i * stride..<i * stride + keys[i].key.count)
        return Edge(key: Key(text), text: text, node: keys[i].child)
      }
      let (multiplier, places) = Self.places(own)
      nodes[index].firstPlace = edges.count
      nodes[index].placeCount = places.count
      nodes[index].multiplier = multiplier
      edges += places
    }
    self.texts = texts
    self.nodes = .allocate(capacity: nodes.count)
    _ = self.nodes.initialize(from: nodes)
    self.edges = .allocate(capacity: edges.count)
    _ = self.edges.initialize(from: edges)
  }

  /// Lays edges so that each stands where the hash of its key says, and a look-up compares once.
  private static func places(_ edges: [Edge]) -> (multiplier: UInt64, places: [Edge]) {
    if edges.isEmpty { return (0, []) }
    var count = 1
    while count < 2 * edges.count { count *= 2 }
    var multiplier: UInt64 = 1
    while true {
      // Keys that differ in length or in their first or last bytes part before long; those that do not never would.
      precondition(count < 1 << 16, "two keys of the same length begin and end alike")
      for _ in 0..<64 {
        multiplier = multiplier &* 0x5851_F42D_4C95_7F2D &+ 0x1405_7B7E_F767_814F | 1
        var places = [Edge](repeating: Edge(), count: count)
        var isFree = true
        for edge in edges where isFree {
          let place = edge.key.place(multiplier, of: count)
          isFree = places[place].node < 0
          places[place] = edge
        }
        if isFree { return (multiplier, places) }
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
    return UnsafePointer(nodes.baseAddress! + index)  // There is a root always.
  }

  /// The child of a node for a key, or -1.
  @inline(__always)
  func child(of index: Int, key bytes: UnsafeBytes) -> Int {
    let node = node(index)
    if node.pointee.placeCount == 0 { return -1 }
    let key = Key(bytes)
    let place = node.pointee.firstPlace &+ key.place(node.pointee.multiplier, of: node.pointee.placeCount)
    precondition(UInt(bitPattern: place) < UInt(bitPattern: edges.count))
    let edge = edges.baseAddress! + place  // There is an edge at least, this one.
    guard edge.pointee.key == key else { return -1 }
    return key.count <= Key.bytesMax || edge.pointee.text.elementsEqual(bytes) ? edge.pointee.node : -1
  }

  private final class Tree {
    private var children: [(key: String, tree: Tree)] = []
    private var field = -1

    func insert(_ path: ArraySlice<String>, _ field: Field) {
      guard let key = path.first else {
        self.field = field.rawValue
        return
      }
      if !children.contains(where: { $0.key == key }) { children.append((key, Tree())) }
      for child in children where child.key == key { child.tree.insert(path.dropFirst(), field) }
    }

    func lay(
      at index: Int, _ nodes: inout [Node], _ keys: inout [(node: Int, key: [UInt8], child: Int)]
    ) {
      nodes[index].field = field
      if field >= 0 { nodes[index].fieldsBelow |= 1 << UInt64(field) }
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
        child.tree.lay(at: firstChild + i, &nodes, &keys)
        nodes[index].fieldsBelow |= nodes[firstChild + i].fieldsBelow
      }
    }
  }
}
