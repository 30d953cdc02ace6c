import Foundation
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// The usual spelling of a UUID, against Foundation's.
@Suite struct UUIDTests {
  @Test func randomUUIDsReadAsTheirBits() {
    var rng = SplitMix64(seed: 3)
    for _ in 0..<2000 {
      let expected = (high: rng.next(), low: rng.next())
      let bytes = withUnsafeBytes(of: (expected.high.bigEndian, expected.low.bigEndian), Array.init)
      let text = bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)).uuidString }
      let found = Self.parse(text.lowercased())
      #expect(found?.high == expected.high, "\(text)")
      #expect(found?.low == expected.low, "\(text)")
    }
  }

  /// Changes one byte at every offset to every value.
  @Test func everyOtherSpellingIsRefused() {
    let text = Array("09afbe5c-6b43-11f0-9a1e-0242ac120002".utf8)
    for index in text.indices {
      for byte in UInt8.min...UInt8.max {
        var changed = text
        changed[index] = byte
        let isDash = [8, 13, 18, 23].contains(index)
        let isUsual = isDash ? byte == UInt8(ascii: "-") : Array("0123456789abcdef".utf8).contains(byte)
        let isParsed = withBytes(changed) { $0.canonicalUUID != nil }
        if isParsed != isUsual { Issue.record("byte \(byte) at \(index)") }
      }
    }
    #expect(Self.parse("") == nil)
    #expect(Self.parse("09afbe5c-6b43-11f0-9a1e-0242ac12000") == nil)
    #expect(Self.parse("09afbe5c-6b43-11f0-9a1e-0242ac1200021") == nil)
  }

  private static func parse(_ text: String) -> (high: UInt64, low: UInt64)? {
    withBytes(Array(text.utf8)) { $0.canonicalUUID }
  }
}
