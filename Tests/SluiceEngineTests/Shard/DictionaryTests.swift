import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// The dictionaries of shards, against the standard library's.
@Suite struct DictionaryTests {
  @Test(arguments: [0, 1, UInt64.max, 0x9E37_79B9]) func byteStringsAreNumberedLikeTheOracle(seed: UInt64) {
    var rng = SplitMix64(seed: seed)
    let dictionary = ByteDictionary(key: HashKey(seed: seed))
    var oracle: [[UInt8]: Int] = [:]
    for step in 0..<TestScale.count(20_000, atLeast: 5_000) {
      let bytes = (0..<rng.pick([0, 1, 2, 2, 40])).map { _ in
        UInt8.random(in: 0...(rng.oneIn(2) ? 3 : 255), using: &rng)
      }
      let expected = oracle[bytes] ?? oracle.count
      oracle[bytes] = expected
      if withBytes(bytes, { dictionary.number(of: $0) }) != expected {
        Issue.record("seed \(seed), step \(step): \(bytes)")
        return
      }
    }
    #expect(dictionary.count == oracle.count)
    for (bytes, number) in oracle where dictionary[number].array != bytes {
      Issue.record("seed \(seed): \(bytes)")
    }
  }

  /// Attackers cannot write log lines that collide, because each run has another key.
  @Test func keysAreNotKnownBeforehand() {
    #expect(Set((0..<10).map { _ in HashKey(Tuning()).seed }).count == 10)
  }

  @Test func facetsKeepNullApartFromText() {
    var buffer = UnsafeBuffer(capacity: 0)
    withBytes(Array("abc".utf8)) { text in
      var end = 0
      for field in [nil, text, nil, text[0..<1], nil] { end = FacetBytes.append(field, to: &buffer, at: end) }
      let bytes = buffer.view(0..<end)
      let fields = (0..<5).map { FacetBytes.field($0, of: bytes)?.string }
      #expect(fields == [nil, "abc", nil, "a", nil])
    }
  }
}
