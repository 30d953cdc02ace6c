import Glibc

/// The paths of the fields as a tree of keys, laid flat for the walker.
///
/// The memory is written once, here, and lives as long as the tree; walkers hold the tree and read by pointer, as an
/// array in a class costs a retain an access.
final class PathTrie: @unchecked Sendable {
  struct Node {
    /// Children in `edges`, by key.
    var firstEdge = 0
    var edgeCount = 0
    /// Bit n is set if a child's key has n bytes; most keys of an object are refused by it.
    var keyLengths: UInt64 = 0
    /// Child for the first element of an array, or -1.
    var firstElement = -1
    /// Field that ends here, or -1.
    var field = -1
    /// Bits of all fields at or below this node: a repeated key forgets what the one before it said.
    var fieldsBelow: UInt64 = 0
  }

  struct Edge {
    var key: UnsafeBytes
    var node: Int
  }

  private let nodes: UnsafeMutableBufferPointer<Node>
  private let edges: UnsafeMutableBufferPointer<Edge>
  private let keys: UnsafeBuffer

  /// The tree of raw Okta events, rooted at node 0.
  static let raw = PathTrie(paths: Field.allCases.compactMap { field in field.path.map { ($0, field) } })

  init(paths: [(path: [String], field: Field)]) {
    let root = Tree()
    for (path, field) in paths { root.insert(path[...], field) }
    var nodes = [Node()]
    var edges: [(key: [UInt8], node: Int)] = []
    root.lay(at: 0, &nodes, &edges)

    // Keys stand apart by the padding that views promise.
    let stride = UnsafeBytes.padding + (edges.map(\.key.count).max() ?? 0)
    var keys = UnsafeBuffer(capacity: stride * edges.count)
    self.nodes = .allocate(capacity: nodes.count)
    _ = self.nodes.initialize(from: nodes)
    self.edges = .allocate(capacity: edges.count)
    for (i, edge) in edges.enumerated() {
      keys.write(edge.key, at: i * stride)
      let key = keys.view(i * stride..<i * stride + edge.key.count)
      self.edges.initializeElement(at: i, to: Edge(key: key, node: edge.node))
    }
    self.keys = keys
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
  func child(of index: Int, key: UnsafeBytes) -> Int {
    let node = node(index)
    guard key.count < 64, node.pointee.keyLengths & (1 << UInt64(key.count)) != 0 else { return -1 }
    for i in node.pointee.firstEdge..<node.pointee.firstEdge + node.pointee.edgeCount
    where edges[i].key.elementsEqual(key) {
      return edges[i].node
    }
    return -1
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

    func lay(at index: Int, _ nodes: inout [Node], _ edges: inout [(key: [UInt8], node: Int)]) {
      nodes[index].field = field
      if field >= 0 { nodes[index].fieldsBelow |= 1 << UInt64(field) }
      nodes[index].firstEdge = edges.count
      let firstChild = nodes.count
      for (i, child) in children.enumerated() {
        nodes.append(Node())
        if child.key == "0" {
          nodes[index].firstElement = firstChild + i
        } else {
          edges.append((Array(child.key.utf8), firstChild + i))
          nodes[index].edgeCount += 1
          nodes[index].keyLengths |= 1 << UInt64(child.key.utf8.count)
        }
      }
      for (i, child) in children.enumerated() {
        child.tree.lay(at: firstChild + i, &nodes, &edges)
        nodes[index].fieldsBelow |= nodes[firstChild + i].fieldsBelow
      }
    }
  }
}
