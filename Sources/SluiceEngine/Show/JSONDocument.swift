/// A complete JSON text as values, for detection records, of which more is needed than fields.
///
/// It holds all of the text in memory and accepts at most ``depthMax`` levels. The last of equal keys counts.
indirect enum JSONDocument {
  case null, bool(Bool)
  /// Number as it is spelled.
  case number(String)
  /// Unescaped text.
  case text([UInt8])
  case list([JSONDocument])
  case object([(key: [UInt8], value: JSONDocument)])

  private static let depthMax = 64

  /// - Parameter bytes: one value, with only white space around it.
  init(_ bytes: [UInt8]) throws(JSONWalker.ParseError) {
    var marks = UnsafeBuffer(capacity: 64)
    var memory = UnsafeBuffer(capacity: bytes.count)
    memory.reserve(bytes.count, keeping: 0)
    memory.write(bytes, at: 0)
    let line = JSONCursor(memory.view(0..<bytes.count), marks: &marks, simdTarget: .best)
    var at = line.skipSpace(0)
    self = try Self.value(line, &at, depth: 0)
    at = line.skipSpace(at)
    guard at == line.count else { throw JSONWalker.ParseError(.trailing, at) }
  }

  subscript(key: String) -> JSONDocument? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.key.elementsEqual(key.utf8) }?.value
  }

  var text: [UInt8]? { if case .text(let text) = self { text } else { nil } }

  var string: String? { text.map { String(decoding: $0, as: UTF8.self) } }

  var integer: Int? { if case .number(let number) = self { Int(number) } else { nil } }

  var list: [JSONDocument]? { if case .list(let list) = self { list } else { nil } }

  var isNull: Bool { if case .null = self { true } else { false } }

  private static func value(_ line: JSONCursor, _ at: inout Int, depth: Int) throws(JSONWalker.ParseError)
    -> JSONDocument
  {
    guard at < line.count else { throw JSONWalker.ParseError(.value, at) }
    guard depth < depthMax else { throw JSONWalker.ParseError(.depth, at) }
    switch line[at] {
    case UInt8(ascii: "\""): return .text(try text(line, &at))
    case UInt8(ascii: "{"):
      var members: [(key: [UInt8], value: JSONDocument)] = []
      try elements(line, &at, close: UInt8(ascii: "}"), .memberEnd) { (at) throws(JSONWalker.ParseError) in
        guard line.has(UInt8(ascii: "\""), at) else { throw JSONWalker.ParseError(.key, at) }
        let key = try text(line, &at)
        at = try line.skipColon(at - 1)
        members.append((key, try value(line, &at, depth: depth + 1)))
      }
      return .object(members)
    case UInt8(ascii: "["):
      var list: [JSONDocument] = []
      try elements(line, &at, close: UInt8(ascii: "]"), .elementEnd) { (at) throws(JSONWalker.ParseError) in
        list.append(try value(line, &at, depth: depth + 1))
      }
      return .list(list)
    case let byte:
      let start = at
      at = try line.scalar(at)
      return switch EventView.JSONType(firstByte: byte) {
      case .true: .bool(true)
      case .false: .bool(false)
      case .null: .null
      default: .number(line[start..<at].string)
      }
    }
  }

  /// Reads a string from its opening quote.
  private static func text(_ line: JSONCursor, _ at: inout Int) throws(JSONWalker.ParseError) -> [UInt8] {
    let end = try line.string(at).end
    var text: [UInt8] = []
    unescape(line[at + 1..<end]) { text.append($0) }
    at = end + 1
    return text
  }

  /// Reads a list or an object from its opening bracket. `element` reads the part between two commas.
  private static func elements(
    _ line: JSONCursor, _ at: inout Int, close: UInt8, _ error: JSONWalker.ParseError.Kind,
    _ element: (inout Int) throws(JSONWalker.ParseError) -> Void
  ) throws(JSONWalker.ParseError) {
    at = line.skipSpace(at + 1)
    if line.has(close, at) {
      at += 1
      return
    }
    while true {
      try element(&at)
      at = line.skipSpace(at)
      if line.has(close, at) {
        at += 1
        return
      }
      guard line.has(UInt8(ascii: ","), at) else { throw JSONWalker.ParseError(error, at) }
      at = line.skipSpace(at + 1)
    }
  }
}
