/// A parser of Okta's risk verdict, which the log contains in one of two spellings.
///
/// `logOnlySecurityData` is JSON in a string (or an object): `{"risk":{"reasons":"A, B","level":"HIGH"},…}`. `risk`
/// looks like JSON but is not: `{reasons=A, B, level=HIGH}`, in either order. Reasons are a comma-separated list.
///
/// It parses only events that passed a filter, so it may allocate.
struct RiskParser: ~Copyable {
  struct ParsedRisk: Equatable {
    var level: [UInt8]?
    var reasons: [[UInt8]] = []
  }

  private static let trie = PathTrie(paths: [
    (["risk"], .risk), (["risk", "level"], .riskLevel), (["risk", "reasons"], .riskReasons),
  ])

  private var walker: JSONWalker

  init(simdTarget: SIMDTarget = .best) { walker = JSONWalker(trie: Self.trie, simdTarget: simdTarget) }

  /// Parses `logOnlySecurityData`. Returns nil if it has no object `risk`; the caller then tries the other spelling.
  mutating func read(json: UnsafeBytes) -> ParsedRisk? {
    guard (try? walker.walk(json)) != nil, let risk = walker.view[.risk], risk.type == .object else {
      return nil
    }
    return Self.read(level: walker.view[.riskLevel], reasons: walker.view[.riskReasons], in: json)
  }

  /// Parses values that contain the level and the reasons, as in Elastic documents. Reasons are a list in a string,
  /// or several strings in an array.
  static func read(level: EventView.Entry?, reasons: EventView.Entry?, in text: UnsafeBytes) -> ParsedRisk {
    var found = ParsedRisk()
    if let level, level.isString, level.count > 0 { found.level = spelled(text[level.range]) }
    if let reasons, reasons.isString {
      found.add(spelled(text[reasons.range]))
    } else if let reasons, reasons.type == .array {
      for part in strings(of: text[reasons.range]) { found.add(part) }
    }
    return found
  }

  /// Parses `risk`, whose parts are separated by commas. A part `key=…` gives that key a value. Parts without a key
  /// are further reasons if they follow `reasons=…`, and are ignored elsewhere.
  static func read(text: UnsafeBytes) -> ParsedRisk {
    var body = text.trimmed()
    if body.count > 1, body[0] == UInt8(ascii: "{"), body[body.count - 1] == UInt8(ascii: "}") {
      body = body[1..<body.count - 1]
    }
    var found = ParsedRisk()
    var isInReasons = false
    body.forEachPart { part in
      var value = part
      if let equals = part.firstIndex(of: UInt8(ascii: "=")), equals > 0,
        (0..<equals).allSatisfy({ isKeyByte(part[$0]) })
      {
        let key = part[0..<equals]
        value = part[equals + 1..<part.count].trimmed()
        isInReasons = key.elementsEqual("reasons")
        if isInReasons { found.reasons = [] }
        if key.elementsEqual("level") { found.level = value.isEmpty ? nil : value.array }
      }
      if isInReasons, !value.isEmpty { found.reasons.append(value.array) }
    }
    return found
  }

  private static func isKeyByte(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
  }

  private static func spelled(_ text: UnsafeBytes) -> [UInt8] {
    var bytes: [UInt8] = []
    unescape(text) { bytes.append($0) }
    return bytes
  }

  /// Returns the strings that are elements of a walked array.
  private static func strings(of array: UnsafeBytes) -> [[UInt8]] {
    var found: [[UInt8]] = []
    var depth = 0
    var i = 0
    while i < array.count {
      switch array[i] {
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      case UInt8(ascii: "\""):
        let start = i + 1
        i = start
        while array[i] != UInt8(ascii: "\"") { i += array[i] == UInt8(ascii: "\\") ? 2 : 1 }
        if depth == 1 { found.append(spelled(array[start..<i])) }
      default: break
      }
      i += 1
    }
    return found
  }
}

extension RiskParser.ParsedRisk {
  /// Adds the elements of a comma-separated list.
  fileprivate mutating func add(_ list: [UInt8]) {
    withBytes(list) { $0.forEachPart { reasons.append($0.array) } }
  }
}
