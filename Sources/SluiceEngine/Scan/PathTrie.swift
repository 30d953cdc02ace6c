/// The paths of the fields as a tree of keys, laid flat for the walker.
final class PathTrie: Sendable {
  struct Node {
    /// Children in `edges`, by key.
    var edges: Range<Int> = 0..<0
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
    var key: [UInt8]
    var node: Int
  }

  let nodes: [Node]
  let edges: [Edge]

  /// The tree of raw Okta events, rooted at node 0.
  static let raw = PathTrie(paths: Field.allCases.compactMap { field in field.path.map { ($0, field) } })

  init(paths: [(path: [String], field: Field)]) {
    final class Tree {
      var children: [(key: String, tree: Tree)] = []
      var field = -1

      func insert(_ path: ArraySlice<String>, _ field: Field) {
        guard let key = path.first else {
          self.field = field.rawValue
          return
        }
        if !children.contains(where: { $0.key == key }) { children.append((key, Tree())) }
        for child in children where child.key == key { child.tree.insert(path.dropFirst(), field) }
      }
    }
    let root = Tree()
    for (path, field) in paths { root.insert(path[...], field) }

    var nodes = [Node()]
    var edges: [Edge] = []
    func lay(_ tree: Tree, at index: Int) {
      nodes[index].field = tree.field
      if tree.field >= 0 { nodes[index].fieldsBelow |= 1 << UInt64(tree.field) }
      var children: [(Tree, Int)] = []
      let start = edges.count
      for (key, child) in tree.children {
        nodes.append(Node())
        children.append((child, nodes.count - 1))
        if key == "0" {
          nodes[index].firstElement = nodes.count - 1
        } else {
          edges.append(Edge(key: Array(key.utf8), node: nodes.count - 1))
          nodes[index].keyLengths |= 1 << UInt64(key.utf8.count)
        }
      }
      nodes[index].edges = start..<edges.count
      for (child, childIndex) in children {
        lay(child, at: childIndex)
        nodes[index].fieldsBelow |= nodes[childIndex].fieldsBelow
      }
    }
    lay(root, at: 0)
    self.nodes = nodes
    self.edges = edges
  }

  /// The child of `node` for a key, or -1.
  @inline(__always)
  func child(of node: Int, key: UnsafeBytes) -> Int {
    let node = nodes[node]
    guard key.count < 64, node.keyLengths & (1 << UInt64(key.count)) != 0 else { return -1 }
    for i in node.edges where key.elementsEqual(edges[i].key) { return edges[i].node }
    return -1
  }
}
