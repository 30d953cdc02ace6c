import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Dictionaries and tables of the shards against the standard library's.
@Suite struct DictionaryTests {
  @Test(arguments: [0, 1, UInt64.max, 0x9E37_79B9]) func numbersOfByteStrings(seed: UInt64) {
    var rng = SplitMix64(seed: seed)
    let dictionary = ByteDictionary(key: HashKey(seed: seed))
    var twin: [[UInt8]: Int] = [:]
    for step in 0..<20_000 {
      let bytes = (0..<rng.pick([0, 1, 2, 2, 40])).map { _ in
        UInt8.random(in: 0...(rng.oneIn(2) ? 3 : 255), using: &rng)
      }
      let expected = twin[bytes] ?? twin.count
      twin[bytes] = expected
      if withBytes(bytes, { dictionary.number(of: $0) }) != expected {
        Issue.record("seed \(seed), step \(step): \(bytes)")
        return
      }
    }
    #expect(dictionary.count == twin.count)
    for (bytes, number) in twin where dictionary[number].array != bytes {
      Issue.record("seed \(seed): \(bytes)")
    }
  }

  @Test func countsByAddressAndRule() {
    var rng = SplitMix64(seed: 7)
    let table = AddressTable(ruleCount: 3, key: HashKey(seed: 5))
    let other = AddressTable(ruleCount: 3, key: HashKey(seed: 5))
    var twin: [IPAddress?: [Int]] = [:]
    for _ in 0..<5000 {
      let address = rng.oneIn(9) ? nil : IPAddress(v4: UInt32.random(in: 0...300, using: &rng))
      let rules = UInt32.random(in: 0...7, using: &rng)
      let target = rng.oneIn(2) ? table : other
      target.count(number(of: address, in: target), rules: rules)
      for rule in 0..<3 where rules & (1 << UInt32(rule)) != 0 {
        twin[address, default: [0, 0, 0]][rule] += 1
      }
    }
    for entry in 0..<other.count { table.add(other, entry, to: table.number(of: other.encoded(entry))) }
    for (address, counts) in twin {
      let entry = number(of: address, in: table)
      #expect(table[entry] == address)
      #expect((0..<3).map { table.observations(of: entry, rule: $0) } == counts)
    }
    #expect(table.count == twin.count, "null and each address once")
  }

  private func number(of address: IPAddress?, in table: AddressTable) -> Int {
    var encoded: [UInt8] = []
    AddressTable.encode(address) { encoded.append($0) }
    return withBytes(encoded) { table.number(of: $0) }
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
