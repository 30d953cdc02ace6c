import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// The marks of a line on every SIMD target, against an oracle that looks at each byte.
@Suite struct JSONCursorTests {
  @Test(arguments: SIMDTarget.allCases.filter(\.isSupported)) func stringsEndWhereEachByteSaysSo(
    simdTarget: SIMDTarget
  ) {
    var rng = SplitMix64(seed: 5)
    var marks = UnsafeBuffer(capacity: 0)
    for round in 0..<TestScale.count(3000) {
      let count = Int.random(in: 0...300, using: &rng)
      let isSparse = rng.oneIn(2)
      let bytes =
        [UInt8(ascii: "\"")]
        + (0..<count).map { _ in
          isSparse && !rng.oneIn(60) ? UInt8(ascii: "a") : UInt8.random(in: 0...255, using: &rng)
        }
      withBytes(bytes) { text in
        let line = JSONCursor(text, marks: &marks, simdTarget: simdTarget)
        let expected = Self.end(of: bytes)
        let found = Result { () throws(JSONWalker.ParseError) in try line.string(0) }
        switch (found, expected) {
        case (.success(let end), .some(let expected)): #expect(end.end == expected, "round \(round)")
        case (.failure, nil): break
        default: Issue.record("round \(round): \(found), not \(String(describing: expected))")
        }
      }
    }
  }

  /// Returns where a string that starts with the first byte ends; nil if it is invalid.
  private static func end(of bytes: [UInt8]) -> Int? {
    var at = 1
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "\""):
        return String(validating: bytes[1..<at], as: UTF8.self) == nil ? nil : at
      case UInt8(ascii: "\\"):
        guard at + 1 < bytes.count else { return nil }
        if bytes[at + 1] == UInt8(ascii: "u") {
          guard at + 5 < bytes.count,
            bytes[at + 2...at + 5].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit && $0 < 0x80 })
          else { return nil }
          at += 6
        } else if Array(#""\/bfnrt"#.utf8).contains(bytes[at + 1]) {
          at += 2
        } else {
          return nil
        }
      case 0..<0x20: return nil
      default: at += 1
      }
    }
    return nil
  }
}
