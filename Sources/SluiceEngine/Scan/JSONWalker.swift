/// Walks one object of a JSON text once, from its first byte to its last, and notes where the wanted values lie.
///
/// Everything is checked on the way (RFC 8259): structure, numbers, literals, escapes, control characters, UTF-8. A
/// walker that stops early, once it has what it wants, takes damaged lines for good ones.
///
/// Of a key that comes twice in one object the last value counts. A lone surrogate escape is taken as it is. Nesting
/// beyond a limit is refused. Nothing is allocated but for keys with escapes in them, and no byte is looked at twice
/// but in strings with escapes or letters beyond ASCII.
///
/// Functions take the offset at which they start and return the one behind what they read: an offset in a register, not
/// in the walker, is a third of the speed.
struct JSONWalker: ~Copyable {
  private let nestingMax: Int
  private let trie: PathTrie
  private(set) var view = EventView()
  private var marks = UnsafeBuffer(capacity: 2 << 10)
  /// Of the containers that are being skipped, bit n of the whole is set if the one at depth n is an object.
  private let kinds: UnsafeFixedArray<UInt64>

  private let simdTarget: SIMDTarget

  init(trie: PathTrie, simdTarget: SIMDTarget = .best, nestingMax: Int = Limits().nestingMax) {
    self.trie = trie
    self.simdTarget = simdTarget
    self.nestingMax = nestingMax
    kinds = UnsafeFixedArray(repeating: 0, count: nestingMax / 64 + 1)
  }

  /// Reads a text that is one object with nothing but white space around it; the result is in ``view`` until the next.
  mutating func walk(_ bytes: UnsafeBytes) throws(Fault) {
    let line = JSONCursor(bytes, marks: &marks, simdTarget: simdTarget)
    var at = line.skipSpace(0)
    guard at < line.count else { throw Fault(.empty, at) }
    guard line[at] == UInt8(ascii: "{") else { throw Fault(.notAnObject, at) }
    at = line.skipSpace(try walkObject(of: line, at: at))
    guard at == line.count else { throw Fault(.trailing, at) }
  }

  /// Reads the object that begins at `{`; the result is in ``view`` until the next.
  ///
  /// - Parameter depth: of containers, with this one.
  /// - Returns: where it ends.
  mutating func walkObject(of line: JSONCursor, at start: Int, depth: Int = 1) throws(Fault) -> Int {
    view.clear()
    return trie.isDotted
      ? try object(line, start, DottedKeys.self, node: 0, depth: depth)
      : try object(line, start, PlainKeys.self, node: 0, depth: depth)
  }

  /// Passes over any value, which is checked all the same. - Returns: where it ends.
  mutating func skip(_ line: JSONCursor, at start: Int, depth: Int) throws(Fault) -> Int {
    try skipValue(line, start, depth: depth)
  }

  /// Makes ``view`` say what another walker saw.
  mutating func adopt(_ other: borrowing JSONWalker) { view.adopt(other.view) }

  // MARK: Wanted values

  /// At `{`. The object's wanted members are noted, the others skipped.
  private mutating func object<Keys: KeyReading>(
    _ line: JSONCursor, _ start: Int, _ keys: Keys.Type, node: Int, depth: Int
  ) throws(Fault) -> Int {
    // Wanted paths are short, but a fault must not depend on what is wanted.
    guard depth <= nestingMax else { throw Fault(.depth, start) }
    var at = line.skipSpace(start &+ 1)
    if line.has(UInt8(ascii: "}"), at) { return at + 1 }
    while true {
      guard line.has(UInt8(ascii: "\""), at) else { throw Fault(.key, at) }
      let key = try line.string(at)
      let child =
        key.isEscaped
        ? escapedChild(of: node, line[at &+ 1..<key.end], keys)
        : Keys.child(of: node, in: trie, line[at &+ 1..<key.end])
      at = try line.skipColon(key.end)
      if child >= 0 {
        at = try value(line, at, keys, node: child, depth: depth)
      } else {
        at = try skipValue(line, at, depth: depth)
      }
      // As a rule there is no white space.
      if line.has(",", "\"", at) {
        at &+= 1
        continue
      }
      at = line.skipSpace(at)
      if line.has(UInt8(ascii: ","), at) {
        at = line.skipSpace(at &+ 1)
        continue
      }
      guard line.has(UInt8(ascii: "}"), at) else { throw Fault(.memberEnd, at) }
      return at + 1
    }
  }

  /// Only a key with an escape in it is spelled out, beside the line.
  @inline(never)
  private func escapedChild<Keys: KeyReading>(of node: Int, _ text: UnsafeBytes, _: Keys.Type) -> Int {
    var key: [UInt8] = []
    unescape(text) { key.append($0) }
    return withBytes(key) { Keys.child(of: node, in: trie, $0) }
  }

  /// At the value of a wanted path.
  private mutating func value<Keys: KeyReading>(
    _ line: JSONCursor, _ at: Int, _ keys: Keys.Type, node index: Int, depth: Int
  ) throws(Fault) -> Int {
    let node = trie.node(index)
    let slot = node.pointee.slot
    view.forget(node.pointee.slotsVoid)
    guard at < line.count else { throw Fault(.value, at) }
    let end: Int
    switch line[at] {
    case UInt8(ascii: "\""):
      let string = try line.string(at)
      if slot >= 0 { view.set(slot, at &+ 1..<string.end, string.isEscaped ? .escapedString : .string) }
      return string.end &+ 1
    case UInt8(ascii: "{"):
      if node.pointee.bucketCount == 0 {
        end = try skipValue(line, at, depth: depth)
      } else {
        end = try object(line, at, keys, node: index, depth: depth + 1)
      }
      if slot >= 0 { view.set(slot, at..<end, .object) }
    case UInt8(ascii: "["):
      if node.pointee.firstElement < 0 {
        end = try skipValue(line, at, depth: depth)
      } else {
        end = try array(line, at, keys, first: node.pointee.firstElement, depth: depth + 1)
      }
      if slot >= 0 { view.set(slot, at..<end, .array) }
    case let byte:
      end = try line.scalar(at)
      if slot >= 0 { view.set(slot, at..<end, .init(firstByte: byte)) }
    }
    return end
  }

  /// At `[` of an array whose first element is wanted.
  private mutating func array<Keys: KeyReading>(
    _ line: JSONCursor, _ start: Int, _ keys: Keys.Type, first node: Int, depth: Int
  ) throws(Fault) -> Int {
    guard depth <= nestingMax else { throw Fault(.depth, start) }
    var at = line.skipSpace(start &+ 1)
    if line.has(UInt8(ascii: "]"), at) { return at + 1 }
    at = line.skipSpace(try value(line, at, keys, node: node, depth: depth))
    while line.has(UInt8(ascii: ","), at) {
      at = line.skipSpace(try skipValue(line, line.skipSpace(at &+ 1), depth: depth))
    }
    guard line.has(UInt8(ascii: "]"), at) else { throw Fault(.elementEnd, at) }
    return at + 1
  }

  // MARK: Skipped values

  /// At a value of no interest, which is checked all the same. Nested containers are a loop, not a recursion.
  private mutating func skipValue(_ line: JSONCursor, _ start: Int, depth outer: Int) throws(Fault) -> Int {
    var at = start
    var depth = outer
    var isObject = false
    while true {
      // At a value.
      guard at < line.count else { throw Fault(.value, at) }
      switch line[at] {
      case UInt8(ascii: "\""): at = try line.string(at).end &+ 1
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        guard depth < nestingMax else { throw Fault(.depth, at) }
        let opensObject = line[at] == UInt8(ascii: "{")
        let first = line.skipSpace(at &+ 1)
        if line.has(opensObject ? UInt8(ascii: "}") : UInt8(ascii: "]"), first) {
          at = first + 1
          break
        }
        depth += 1
        isObject = opensObject
        setKind(depth, isObject: isObject)
        at = isObject ? try line.skipKey(first) : first
        continue
      default: at = try line.scalar(at)
      }
      // Behind a value: close what ends here, or go on to the next member.
      while true {
        if depth == outer { return at }
        if isObject, line.has(",", "\"", at) {
          at = try line.skipKey(at &+ 1)
          break
        }
        at = line.skipSpace(at)
        if line.has(UInt8(ascii: ","), at) {
          at = line.skipSpace(at &+ 1)
          if isObject { at = try line.skipKey(at) }
          break
        }
        guard line.has(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"), at) else {
          throw Fault(isObject ? .memberEnd : .elementEnd, at)
        }
        at += 1
        depth -= 1
        isObject = isObjectAt(depth)
      }
    }
  }

  private func setKind(_ depth: Int, isObject: Bool) {
    let bit: UInt64 = 1 << UInt64(depth & 63)
    let word = kinds[depth >> 6]
    kinds[depth >> 6] = isObject ? word | bit : word & ~bit
  }

  private func isObjectAt(_ depth: Int) -> Bool { kinds[depth >> 6] & (1 << UInt64(depth & 63)) != 0 }
}

/// How the keys of a tree are read; the walker is compiled for each way, so that one does not slow the other.
private protocol KeyReading {
  static func child(of node: Int, in trie: PathTrie, _ key: UnsafeBytes) -> Int
}

private enum PlainKeys: KeyReading {
  @inline(__always)
  static func child(of node: Int, in trie: PathTrie, _ key: UnsafeBytes) -> Int {
    trie.child(of: node, key: key)
  }
}

private enum DottedKeys: KeyReading {
  static func child(of node: Int, in trie: PathTrie, _ key: UnsafeBytes) -> Int {
    trie.dottedChild(of: node, key: key)
  }
}

extension JSONWalker {
  /// What is wrong with a line, and at which byte of it.
  struct Fault: Error, Equatable {
    enum Kind: UInt8 {
      case empty, notAnObject, trailing, depth, wrappers
      case key, colon, value, memberEnd, elementEnd, digit, literal
      case control, escape, hexadecimal, stringEnd, utf8
    }

    var kind: Kind
    var offset: Int
    /// Whether the offset is one of a text that stands in a string of the line, un-escaped.
    var isInText = false

    init(_ kind: Kind, _ offset: Int) {
      self.kind = kind
      self.offset = offset
    }

    /// The name under which the record is counted.
    var reason: String {
      switch kind {
      case .notAnObject: "not-an-object"
      case .trailing: "trailing"
      case .depth: "depth"
      case .wrappers: "shape"
      case .utf8: "utf8"
      default: "json"
      }
    }

    var message: String {
      switch kind {
      case .empty: "the line ends before its event"
      case .notAnObject: "the event is not a JSON object"
      case .trailing: "there are bytes behind the event"
      case .depth: "the event nests deeper than --max-nesting allows"
      case .wrappers: "the event lies within more than \(ShapeRule.wrappersMax) wrappers"
      case .key: "a key should be here"
      case .colon: "a ':' should be here"
      case .value: "a value should be here"
      case .memberEnd: "',' or '}' should be here"
      case .elementEnd: "',' or ']' should be here"
      case .digit: "a digit should be here"
      case .literal: "true, false or null should be here"
      case .control: "a control character stands bare in a string"
      case .escape: "JSON has no such escape"
      case .hexadecimal: "four hexadecimal digits should be here"
      case .stringEnd: "the line ends inside a string"
      case .utf8: "a string is not UTF-8"
      }
    }
  }
}
