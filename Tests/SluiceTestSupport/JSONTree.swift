/// A JSON text whose members keep their order, for building events.
public indirect enum JSONTree: Hashable, Sendable {
  case null
  case bool(Bool)
  /// The number in the spelling to be written.
  case number(String)
  case string(String)
  /// Text that is written unchanged, for spellings that no other case gives, such as a lone surrogate escape.
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

  /// Returns an object of the members whose value is not nil.
  public static func members(_ members: KeyValuePairs<String, JSONTree?>) -> JSONTree {
    .object(members.compactMap { key, value in value.map { Member(key, $0) } })
  }
}

extension JSONTree {
  /// Sets the value at a path of names; nil removes it. Other values on the path become objects.
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

  /// The value at a path of names.
  public subscript(path: String...) -> JSONTree? {
    path.reduce(self as JSONTree?) { tree, key in
      guard case .object(let members) = tree else { return nil }
      return members.last { $0.key == key }?.value
    }
  }

  /// The plain spelling: members in order, no white space, only the escapes that JSON requires.
  public var plain: [UInt8] {
    var bytes: [UInt8] = []
    write(to: &bytes)
    return bytes
  }

  private func write(to bytes: inout [UInt8]) {
    switch self {
    case .null: bytes += "null".utf8
    case .bool(let flag): bytes += (flag ? "true" : "false").utf8
    case .number(let spelling), .verbatim(let spelling): bytes += spelling.utf8
    case .string(let text): Self.write(text, to: &bytes)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        element.write(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        Self.write(member.key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        member.value.write(to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private static func write(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0..<0x20: bytes += unicodeEscape(UInt16(byte)).utf8
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  static func unicodeEscape(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }
}
