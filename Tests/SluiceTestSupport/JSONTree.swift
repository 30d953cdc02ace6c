/// A JSON text whose members keep their order, for building events.
public indirect enum JSONTree: Hashable, Sendable {
  case null
  case bool(Bool)
  /// The number as it is to be spelled.
  case number(String)
  case string(String)
  /// Written as it is: for spellings that no other case gives, such as a lone surrogate escape.
  case verbatim(String)
  case array([JSONTree])
  case object([Member])

  public struct Member: Hashable, Sendable {
    public var key: String
    public var value: JSONTree

    public init(_ key: String, _ value: JSONTree) {
      self.key = key
      self.value = value
    }
  }
}

extension JSONTree: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int) { self = .number(String(value)) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }

  /// An object of the members whose value is not nil.
  public static func members(_ members: KeyValuePairs<String, JSONTree?>) -> JSONTree {
    .object(members.compactMap { key, value in value.map { Member(key, $0) } })
  }
}

extension JSONTree {
  /// Sets what lies at a path of names; nil takes it away. What is no object on the way becomes one.
  public mutating func set(_ path: [String], to value: JSONTree?) {
    guard let key = path.first else { return }
    var members: [Member] = if case .object(let members) = self { members } else { [] }
    let index = members.firstIndex { $0.key == key }
    var member = index.map { members[$0].value }
    if path.count == 1 {
      member = value
    } else {
      var inner = member ?? .object([])
      inner.set(Array(path.dropFirst()), to: value)
      member = inner
    }
    switch (index, member) {
    case (let index?, let member?): members[index].value = member
    case (let index?, nil): members.remove(at: index)
    case (nil, let member?): members.append(Member(key, member))
    case (nil, nil): break
    }
    self = .object(members)
  }

  /// The one plain spelling: members in order, no white space, only the escapes that JSON asks for.
  public var plain: [UInt8] {
    switch self {
    case .null: return Array("null".utf8)
    case .bool(let flag): return Array((flag ? "true" : "false").utf8)
    case .number(let spelling), .verbatim(let spelling): return Array(spelling.utf8)
    case .string(let text): return Self.plain(text)
    case .array(let elements):
      return Array("[".utf8) + elements.map(\.plain).joined(separator: ",".utf8) + Array("]".utf8)
    case .object(let members):
      let texts = members.map { Self.plain($0.key) + Array(":".utf8) + $0.value.plain }
      return Array("{".utf8) + texts.joined(separator: ",".utf8) + Array("}".utf8)
    }
  }

  private static func plain(_ text: String) -> [UInt8] {
    var bytes = Array("\"".utf8)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": bytes += Array("\\".utf8) + Array(scalar.utf8)
      case "\u{0}"..<" ": bytes += Array(unicodeEscape(UInt16(scalar.value)).utf8)
      default: bytes += Array(scalar.utf8)
      }
    }
    return bytes + Array("\"".utf8)
  }

  static func unicodeEscape(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }
}
