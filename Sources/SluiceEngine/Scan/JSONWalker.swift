import SluiceRecords

/// A walker that reads one object of a JSON text once, from its first byte to its last, and notes the ranges of the
/// wanted values.
///
/// It checks everything on the way (RFC 8259): structure, numbers, literals, escapes, control characters, UTF-8. A
/// walker that stopped early, once it had the wanted values, would accept damaged lines.
///
/// If a key comes twice in one object, the last value counts. A lone surrogate escape is accepted. Nesting beyond a
/// limit is refused. Only keys with escapes allocate memory. Only strings with escapes or non-ASCII characters are
/// read twice.
///
/// Functions take the offset at which they start and return the offset after the bytes that they read. An offset in a
/// register, not in the walker, accounts for a third of the speed.
struct JSONWalker: ~Copyable {
  private let nestingMax: Int
  private let trie: PathTrie
  private(set) var view = EventView()
  private var marks = UnsafeBuffer(capacity: 2 << 10)
  /// Bits of the containers that are being skipped: bit n is set if the container at depth n is an object.
  private let kinds: UnsafeFixedArray<UInt64>

  private let simdTarget: SIMDTarget

  init(trie: PathTrie, simdTarget: SIMDTarget = .best, nestingMax: Int = Limits().nestingMax) {
    self.trie = trie
    self.simdTarget = simdTarget
    self.nestingMax = nestingMax
    kinds = UnsafeFixedArray(repeating: 0, count: nestingMax / 64 + 1)
  }

  /// Walks a text that is one object with only white space around it. The result is in ``view`` until the next call.
  mutating func walk(_ bytes: UnsafeBytes) throws(ParseError) {
    let line = JSONCursor(bytes, marks: &marks, simdTarget: simdTarget)
    var at = line.skipSpace(0)
    guard at < line.count else { throw ParseError(.empty, at) }
    guard line[at] == UInt8(ascii: "{") else { throw ParseError(.notAnObject, at) }
    at = line.skipSpace(try walkObject(of: line, at: at))
    guard at == line.count else { throw ParseError(.trailing, at) }
  }

  /// Walks the object that begins at `{`. The result is in ``view`` until the next call.
  ///
  /// - Parameter depth: the number of containers, including this one.
  /// - Returns: the offset of its end.
  mutating func walkObject(of line: JSONCursor, at start: Int, depth: Int = 1) throws(ParseError) -> Int {
    view.clear()
    return trie.isDotted
      ? try object(line, start, DottedKeys.self, node: 0, depth: depth)
      : try object(line, start, PlainKeys.self, node: 0, depth: depth)
  }

  /// Skips any value, which is checked all the same. - Returns: the offset of its end.
  mutating func skip(_ line: JSONCursor, at start: Int, depth: Int) throws(ParseError) -> Int {
    try skipValue(line, start, depth: depth)
  }

  /// Copies the view of another walker.
  mutating func adopt(_ other: borrowing JSONWalker) { view.adopt(other.view) }

  // MARK: Wanted values

  /// Walks an object from its `{` on. Wanted members are noted, and others are skipped.
  private mutating func object<Keys: KeyReading>(
    _ line: JSONCursor, _ start: Int, _ keys: Keys.Type, node: Int, depth: Int
  ) throws(ParseError) -> Int {
    // Wanted paths are short, but errors must not depend on the wanted paths.
    guard depth <= nestingMax else { throw ParseError(.depth, start) }
    var at = line.skipSpace(start &+ 1)
    if line.has(UInt8(ascii: "}"), at) { return at + 1 }
    while true {
      guard line.has(UInt8(ascii: "\""), at) else { throw ParseError(.key, at) }
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
      // Usually there is no white space.
      if line.has(",", "\"", at) {
        at &+= 1
        continue
      }
      at = line.skipSpace(at)
      if line.has(UInt8(ascii: ","), at) {
        at = line.skipSpace(at &+ 1)
        continue
      }
      guard line.has(UInt8(ascii: "}"), at) else { throw ParseError(.memberEnd, at) }
      return at + 1
    }
  }

  /// Returns the child for a key with an escape. Only such keys are unescaped, outside the line.
  @inline(never)
  private func escapedChild<Keys: KeyReading>(of node: Int, _ text: UnsafeBytes, _: Keys.Type) -> Int {
    var key: [UInt8] = []
    unescape(text) { key.append($0) }
    return withBytes(key) { Keys.child(of: node, in: trie, $0) }
  }

  /// Reads the value of a wanted path.
  private mutating func value<Keys: KeyReading>(
    _ line: JSONCursor, _ at: Int, _ keys: Keys.Type, node index: Int, depth: Int
  ) throws(ParseError) -> Int {
    let node = trie.node(index)
    let slot = node.pointee.slot
    view.forget(node.pointee.clearedSlots)
    guard at < line.count else { throw ParseError(.value, at) }
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

  /// Walks an array from its `[` on. Its first element is wanted.
  private mutating func array<Keys: KeyReading>(
    _ line: JSONCursor, _ start: Int, _ keys: Keys.Type, first node: Int, depth: Int
  ) throws(ParseError) -> Int {
    guard depth <= nestingMax else { throw ParseError(.depth, start) }
    var at = line.skipSpace(start &+ 1)
    if line.has(UInt8(ascii: "]"), at) { return at + 1 }
    at = line.skipSpace(try value(line, at, keys, node: node, depth: depth))
    while line.has(UInt8(ascii: ","), at) {
      at = line.skipSpace(try skipValue(line, line.skipSpace(at &+ 1), depth: depth))
    }
    guard line.has(UInt8(ascii: "]"), at) else { throw ParseError(.elementEnd, at) }
    return at + 1
  }

  // MARK: Skipped values

  /// Skips an unwanted value, which is checked all the same. A loop, not a recursion, handles nested containers.
  private mutating func skipValue(_ line: JSONCursor, _ start: Int, depth outer: Int) throws(ParseError)
    -> Int
  {
    var at = start
    var depth = outer
    var isObject = false
    while true {
      // A value begins here.
      guard at < line.count else { throw ParseError(.value, at) }
      switch line[at] {
      case UInt8(ascii: "\""): at = try line.string(at).end &+ 1
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        guard depth < nestingMax else { throw ParseError(.depth, at) }
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
      // After a value: close the containers that end here, or continue with the next member.
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
          throw ParseError(isObject ? .memberEnd : .elementEnd, at)
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

/// A way of reading the keys of a tree. The walker is compiled for each, so that one does not slow down the other.
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
  /// An error in a line, and its offset in the line.
  struct ParseError: Error, Equatable {
    enum Kind: UInt8 {
      case empty, notAnObject, trailing, depth, wrappers
      case key, colon, value, memberEnd, elementEnd, digit, literal
      case control, escape, hexadecimal, stringEnd, utf8
    }

    var kind: Kind
    var offset: Int
    /// Whether the offset counts in an unescaped text from a string of the line.
    var isInText = false

    init(_ kind: Kind, _ offset: Int) {
      self.kind = kind
      self.offset = offset
    }

    /// The reason under which the record is rejected.
    var reason: Reason {
      switch kind {
      case .notAnObject: .notAnObject
      case .trailing: .trailing
      case .depth: .depth
      case .wrappers: .shape
      case .utf8: .utf8
      default: .json
      }
    }

    var message: String {
      switch kind {
      case .empty: "the line ends before its event"
      case .notAnObject: "the event is not a JSON object"
      case .trailing: "there are bytes after the event"
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
