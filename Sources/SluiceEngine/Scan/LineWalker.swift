/// Walks one line of JSON once, from its first byte to its last, and notes where the wanted fields lie.
///
/// The line must be one whole JSON object (RFC 8259) with nothing but white space around it; everything is checked on
/// the way: structure, numbers, literals, escapes, control characters, UTF-8. A walker that stops early, once it has
/// what it wants, takes damaged lines for good ones.
///
/// Of a key that comes twice in one object the last value counts. A lone surrogate escape is taken as it is. Nesting
/// beyond ``depthMax`` is refused. Nothing is allocated, and no byte is looked at twice but in strings with escapes in
/// them or letters beyond ASCII.
struct LineWalker {
  static let depthMax = 1024

  /// What is wrong with a line, and at which byte of it.
  struct Fault: Error {
    var reason: String
    var message: String
    var offset: Int
  }

  private let trie: PathTrie
  private var line = UnsafeBytes.empty
  private var at = 0
  private var depth = 0
  private(set) var view = EventView()
  /// Of the containers that are being skipped, bit n of the whole is set if the one at depth n is an object.
  private var kinds = InlineArray<16, UInt64>(repeating: 0)

  init(trie: PathTrie) { self.trie = trie }

  /// Reads a line; the result is in ``view`` until the next.
  mutating func walk(_ line: UnsafeBytes) throws(Fault) {
    self.line = line
    at = 0
    depth = 0
    view.clear()
    skipSpace()
    guard at < line.count else { throw fault("json", "the line ends before its event") }
    guard line[at] == UInt8(ascii: "{") else {
      throw fault("not-an-object", "the event is not a JSON object")
    }
    try object(node: 0)
    skipSpace()
    guard at == line.count else { throw fault("trailing", "there are bytes behind the event") }
  }

  private func fault(_ reason: String, _ message: String) -> Fault {
    Fault(reason: reason, message: message, offset: at)
  }

  private func fault(expected: String) -> Fault {
    at < line.count
      ? fault("json", "expected \(expected)") : fault("json", "the line ends where \(expected) should be")
  }

  // MARK: Wanted values

  /// At `{`. The object's wanted members are noted, the others skipped.
  private mutating func object(node: Int) throws(Fault) {
    try descend()
    skipSpace()
    if take(UInt8(ascii: "}")) {
      depth -= 1
      return
    }
    while true {
      let child = try key(node: node)
      if child >= 0 { try value(node: child) } else { try skipValue() }
      skipSpace()
      if take(UInt8(ascii: ",")) {
        skipSpace()
        continue
      }
      guard take(UInt8(ascii: "}")) else { throw fault(expected: "',' or '}'") }
      depth -= 1
      return
    }
  }

  /// At a key. Returns the wanted child for it, or -1, and stops at its value.
  private mutating func key(node: Int) throws(Fault) -> Int {
    guard at < line.count, line[at] == UInt8(ascii: "\"") else { throw fault(expected: "a key") }
    let (range, isEscaped) = try string()
    skipSpace()
    guard take(UInt8(ascii: ":")) else { throw fault(expected: "':'") }
    skipSpace()
    guard isEscaped else { return trie.child(of: node, key: line[range]) }
    // Only a key with an escape in it is spelled out, beside the line.
    var key: [UInt8] = []
    unescape(line[range]) { key.append($0) }
    return withBytes(key) { trie.child(of: node, key: $0) }
  }

  /// At the value of a wanted path.
  private mutating func value(node index: Int) throws(Fault) {
    let node = trie.node(index).pointee
    view.forget(node.fieldsBelow)
    guard at < line.count else { throw fault(expected: "a value") }
    let start = at
    switch line[at] {
    case UInt8(ascii: "\""):
      let (range, isEscaped) = try string()
      if node.field >= 0 { view.set(node.field, range, isEscaped ? .escapedString : .string) }
    case UInt8(ascii: "{"):
      if node.edgeCount == 0 { try skipValue() } else { try object(node: index) }
      if node.field >= 0 { view.set(node.field, start..<at, .object) }
    case UInt8(ascii: "["):
      if node.firstElement < 0 { try skipValue() } else { try array(first: node.firstElement) }
      if node.field >= 0 { view.set(node.field, start..<at, .array) }
    default:
      let type = try scalar()
      if node.field >= 0 { view.set(node.field, start..<at, type) }
    }
  }

  /// At `[` of an array whose first element is wanted.
  private mutating func array(first node: Int) throws(Fault) {
    try descend()
    skipSpace()
    if take(UInt8(ascii: "]")) {
      depth -= 1
      return
    }
    try value(node: node)
    while true {
      skipSpace()
      if take(UInt8(ascii: "]")) {
        depth -= 1
        return
      }
      guard take(UInt8(ascii: ",")) else { throw fault(expected: "',' or ']'") }
      skipSpace()
      try skipValue()
    }
  }

  // MARK: Skipped values

  /// At a value of no interest, which is checked all the same. Nested containers are a loop, not a recursion.
  private mutating func skipValue() throws(Fault) {
    let outer = depth
    while true {
      // At a value.
      guard at < line.count else { throw fault(expected: "a value") }
      switch line[at] {
      case UInt8(ascii: "\""): _ = try string()
      case UInt8(ascii: "{"):
        try descend()
        skipSpace()
        if !take(UInt8(ascii: "}")) {
          setKind(isObject: true)
          try skipKey()
          continue
        }
        depth -= 1
      case UInt8(ascii: "["):
        try descend()
        skipSpace()
        if !take(UInt8(ascii: "]")) {
          setKind(isObject: false)
          continue
        }
        depth -= 1
      default: _ = try scalar()
      }
      // Behind a value: close what ends here, or go on to the next member.
      while true {
        if depth == outer { return }
        skipSpace()
        guard at < line.count else { throw fault(expected: "',' or a closing bracket") }
        let byte = line[at]
        let isObject = isObjectAtDepth
        if byte == UInt8(ascii: ",") {
          at += 1
          skipSpace()
          if isObject { try skipKey() }
          break
        }
        guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
          throw fault(expected: isObject ? "',' or '}'" : "',' or ']'")
        }
        at += 1
        depth -= 1
      }
    }
  }

  private mutating func skipKey() throws(Fault) {
    guard at < line.count, line[at] == UInt8(ascii: "\"") else { throw fault(expected: "a key") }
    _ = try string()
    skipSpace()
    guard take(UInt8(ascii: ":")) else { throw fault(expected: "':'") }
    skipSpace()
  }

  private mutating func descend() throws(Fault) {
    at += 1
    depth += 1
    guard depth < Self.depthMax else {
      throw fault("depth", "the event nests deeper than \(Self.depthMax) levels")
    }
  }

  private mutating func setKind(isObject: Bool) {
    let bit: UInt64 = 1 << UInt64(depth & 63)
    if isObject { kinds[depth >> 6] |= bit } else { kinds[depth >> 6] &= ~bit }
  }

  private var isObjectAtDepth: Bool { kinds[depth >> 6] & (1 << UInt64(depth & 63)) != 0 }

  // MARK: Scalars

  @inline(__always)
  private mutating func skipSpace() {
    while at < line.count {
      let byte = line[at]
      // Everything that is not white space, and most of it at once.
      if byte > 0x20 { return }
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      at += 1
    }
  }

  @inline(__always)
  private mutating func take(_ byte: UInt8) -> Bool {
    guard at < line.count, line[at] == byte else { return false }
    at += 1
    return true
  }

  /// At the opening quote. Returns the range between the quotes and stops behind the closing one.
  @inline(__always)
  private mutating func string() throws(Fault) -> (range: Range<Int>, isEscaped: Bool) {
    at += 1
    let start = at
    var isEscaped = false
    var firstBeyondASCII = -1
    while true {
      let stops = line.stringStops(from: at)
      if stops == 0 {
        at += 16
        // The padding ends no string, so a line that is cut inside one ends here.
        if at >= line.count {
          at = line.count
          throw fault("json", "the line ends inside a string")
        }
        continue
      }
      at += stops.trailingZeroBitCount
      guard at < line.count else {
        at = line.count
        throw fault("json", "the line ends inside a string")
      }
      let byte = line[at]
      if byte == UInt8(ascii: "\"") { break }
      if byte == UInt8(ascii: "\\") {
        isEscaped = true
        try escape()
      } else if byte < 0x20 {
        throw fault("json", "a control character stands bare in a string")
      } else {
        if firstBeyondASCII < 0 { firstBeyondASCII = at }
        // The rest of the run is looked at once, by the check below.
        at += 1
        while at < line.count, line[at] >= 0x80 { at += 1 }
      }
    }
    let range = start..<at
    at += 1
    if firstBeyondASCII >= 0, let bad = line[firstBeyondASCII..<range.upperBound].firstInvalidUTF8() {
      at = firstBeyondASCII + bad
      throw fault("utf8", "a string is not UTF-8")
    }
    return (range, isEscaped)
  }

  /// At a backslash.
  private mutating func escape() throws(Fault) {
    guard at + 1 < line.count else {
      at = line.count
      throw fault("json", "the line ends inside a string")
    }
    switch line[at + 1] {
    case UInt8(ascii: "u"):
      for i in at + 2..<at + 6 {
        guard i < line.count, hexDigit(line[i]) != nil else {
          throw fault("json", "expected four hexadecimal digits")
        }
      }
      at += 6
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      at += 2
    default: throw fault("json", "an escape that JSON does not have")
    }
  }

  /// At a number or literal, or at what is neither.
  private mutating func scalar() throws(Fault) -> EventView.JSONType {
    switch line[at] {
    case UInt8(ascii: "t"):
      try literal("true")
      return .true
    case UInt8(ascii: "f"):
      try literal("false")
      return .false
    case UInt8(ascii: "n"):
      try literal("null")
      return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      try number()
      return .number
    default: throw fault(expected: "a value")
    }
  }

  private mutating func literal(_ name: StaticString) throws(Fault) {
    let count = name.utf8CodeUnitCount
    for i in 0..<count {
      guard at + i < line.count, line[at + i] == name.utf8Start[i] else { throw fault(expected: "\(name)") }
    }
    at += count
  }

  /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
  private mutating func number() throws(Fault) {
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    if take(UInt8(ascii: ".")) { try digits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
  }

  private mutating func digits() throws(Fault) {
    let start = at
    while at < line.count, isDigit(line[at]) { at += 1 }
    guard at > start else { throw fault(expected: "a digit") }
  }
}

@inline(__always)
func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

@inline(__always)
func hexDigit(_ byte: UInt8) -> UInt16? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
  case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
  case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
  default: nil
  }
}
