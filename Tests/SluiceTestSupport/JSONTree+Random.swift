/// How freely a random spelling departs from the plain one.
public struct SpellingFreedom: Sendable {
  public var shufflesKeys = true
  /// Whether there are blanks, tabs and carriage returns between tokens; newlines never, so that the text stays one
  /// line.
  public var whiteSpace = true
  /// One in this many characters is escaped without need; 0 for none.
  public var escapes = 0
  /// One in this many objects holds a key twice, the first time with another value; 0 for none.
  public var repeatedKeys = 0

  public init() {}
}

extension JSONTree {
  /// Returns one of the many spellings of the same JSON text.
  ///
  /// The correct value of a repeated key comes last, because the last one counts.
  public func spelled(_ freedom: SpellingFreedom, using rng: inout SplitMix64) -> [UInt8] {
    func space(_ rng: inout SplitMix64) -> [UInt8] {
      guard freedom.whiteSpace, rng.oneIn(8) else { return [] }
      return Array(rng.pick([" ", "  ", "\t", " \r"]).utf8)
    }
    func commaList(_ elements: [[UInt8]], open: String, close: String, _ rng: inout SplitMix64) -> [UInt8] {
      var bytes = Array(open.utf8) + space(&rng)
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes += Array(",".utf8) + space(&rng) }
        bytes += element + space(&rng)
      }
      return bytes + Array(close.utf8)
    }

    switch self {
    case .null, .bool, .number, .verbatim: return plain
    case .string(let text): return Self.spelled(text, freedom, using: &rng)
    case .array(let elements):
      return commaList(elements.map { $0.spelled(freedom, using: &rng) }, open: "[", close: "]", &rng)
    case .object(var members):
      if freedom.shufflesKeys { members.shuffle(using: &rng) }
      if freedom.repeatedKeys > 0, rng.oneIn(freedom.repeatedKeys), let last = members.last {
        let stale: JSONTree = rng.pick([.null, "stale", .object([]), 7, .object([Member(last.key, "stale")])])
        members.insert(Member(last.key, stale), at: Int.random(in: 0..<members.count, using: &rng))
      }
      let texts = members.map { member in
        Self.spelled(member.key, freedom, using: &rng) + space(&rng) + Array(":".utf8) + space(&rng)
          + member.value.spelled(freedom, using: &rng)
      }
      return commaList(texts, open: "{", close: "}", &rng)
    }
  }

  /// Returns a string with random escapes: `\uXXXX` in either case, short escapes, surrogate pairs; otherwise raw
  /// UTF-8.
  private static func spelled(_ text: String, _ freedom: SpellingFreedom, using rng: inout SplitMix64)
    -> [UInt8]
  {
    var spelling = "\""
    for scalar in text.unicodeScalars {
      let mustEscape = scalar == "\"" || scalar == "\\" || scalar < " "
      let escaped = mustEscape || freedom.escapes > 0 && rng.oneIn(freedom.escapes)
      if !escaped {
        spelling.unicodeScalars.append(scalar)
      } else if let short = shortEscapes[scalar], rng.oneIn(2) {
        spelling += short
      } else {
        for unit in UTF16.encode(scalar)! {
          let escape = unicodeEscape(unit)
          spelling += rng.oneIn(2) ? escape : "\\u" + escape.dropFirst(2).uppercased()
        }
      }
    }
    return Array((spelling + "\"").utf8)
  }

  private static let shortEscapes: [Unicode.Scalar: String] = [
    "\"": #"\""#, "\\": #"\\"#, "/": #"\/"#, "\u{8}": #"\b"#, "\u{C}": #"\f"#, "\n": #"\n"#, "\r": #"\r"#,
    "\t": #"\t"#,
  ]
}
