import SluiceRecords
import SluiceRules

/// A flattened predicate, for testing many events: no node is an object, and no text is an array.
///
/// A node's parts follow it. Its `next` is the index of the node after all its parts.
final class PredicateProgram: @unchecked Sendable {  // Written once, in `init`.
  fileprivate enum Operation {
    case isEqual, hasPrefix, contains, lists, exists, isTrue, all, any, not
  }

  fileprivate struct Node {
    var operation: Operation
    var field = Field.eventType
    var text = UnsafeBytes.empty
    var next = 0
  }

  let predicate: Predicate
  private let nodes: UnsafeMutableBufferPointer<Node>
  private let texts: UnsafeBuffer

  init(_ predicate: Predicate) {
    self.predicate = predicate
    var nodes: [Node] = []
    var texts: [(node: Int, text: [UInt8])] = []
    Self.flatten(predicate, &nodes, &texts)
    let stride = UnsafeBytes.padding + (texts.map(\.text.count).max() ?? 0)
    var memory = UnsafeBuffer(capacity: stride * texts.count)
    for (i, (node, text)) in texts.enumerated() {
      memory.write(text, at: i * stride)
      nodes[node].text = memory.view(i * stride..<i * stride + text.count)
    }
    self.nodes = .allocate(capacity: nodes.count)
    _ = self.nodes.initialize(from: nodes)
    self.texts = memory
  }

  deinit { nodes.deallocate() }

  private static func flatten(
    _ predicate: Predicate, _ nodes: inout [Node], _ texts: inout [(node: Int, text: [UInt8])]
  ) {
    let index = nodes.count
    func leaf(_ operation: Operation, _ field: Field, _ text: LogText? = nil) {
      nodes.append(Node(operation: operation, field: field))
      if let text { texts.append((index, text.bytes)) }
    }
    func branch(_ operation: Operation, _ parts: [Predicate]) {
      nodes.append(Node(operation: operation))
      for part in parts { flatten(part, &nodes, &texts) }
    }
    switch predicate {
    case .isEqual(let field, let text): leaf(.isEqual, field, text)
    case .isOne(let field, let options): branch(.any, options.map { .isEqual(field, $0) })
    case .hasPrefix(let field, let text): leaf(.hasPrefix, field, text)
    case .contains(let field, let text): leaf(.contains, field, text)
    case .lists(let field, let text): leaf(.lists, field, text)
    case .exists(let field): leaf(.exists, field)
    case .isTrue(let field): leaf(.isTrue, field)
    case .all(let parts): branch(.all, parts)
    case .any(let parts): branch(.any, parts)
    case .not(let part): branch(.not, [part])
    }
    nodes[index].next = nodes.count
  }

  /// - Parameter value: a field's unescaped value; nil for null.
  @inline(__always)
  func holds(_ value: (Field) -> UnsafeBytes?) -> Bool { unsafeView.holds(value) }

  var unsafeView: UnsafeView { UnsafeView(nodes: UnsafeBufferPointer(nodes)) }

  /// The program without its owner, which must outlive the view.
  struct UnsafeView {
    fileprivate let nodes: UnsafeBufferPointer<Node>

    @inline(__always)
    func holds(_ value: (Field) -> UnsafeBytes?) -> Bool { holds(at: 0, value) }
  }
}

extension PredicateProgram.UnsafeView {
  fileprivate func holds(at index: Int, _ value: (Field) -> UnsafeBytes?) -> Bool {
    let node = nodes[index]
    switch node.operation {
    case .isEqual: return value(node.field)?.elementsEqual(node.text) ?? false
    case .hasPrefix: return value(node.field)?.starts(with: node.text) ?? false
    case .contains: return value(node.field)?.contains(node.text) ?? false
    case .lists: return value(node.field)?.lists(node.text) ?? false
    case .exists: return value(node.field) != nil
    case .isTrue: return value(node.field)?.isTrue ?? false
    case .all, .any, .not:
      var part = index + 1
      while part < node.next {
        let partHolds = holds(at: part, value)
        if node.operation == .not { return !partHolds }
        if partHolds == (node.operation == .any) { return partHolds }
        part = nodes[part].next
      }
      return node.operation == .all
    }
  }
}

extension UnsafeBytes {
  /// Returns whether an element of a comma-separated list equals the text.
  fileprivate func lists(_ text: UnsafeBytes) -> Bool {
    var found = false
    forEachPart { if $0.elementsEqual(text) { found = true } }
    return found
  }

  /// Whether the bytes are `true` in upper or lower case.
  var isTrue: Bool {
    count == 4 && self[0] | 0x20 == UInt8(ascii: "t") && self[1] | 0x20 == UInt8(ascii: "r")
      && self[2] | 0x20 == UInt8(ascii: "u") && self[3] | 0x20 == UInt8(ascii: "e")
  }
}
