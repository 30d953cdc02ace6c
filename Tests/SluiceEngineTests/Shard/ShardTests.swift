import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// The content of a worker's shards, and the order in which they are merged.
@Suite struct ShardTests {
  @Test func keepsEveryObservationInOrder() {
    var shard = Shard()
    let count = 100_000  // Many pages, of all sizes.
    for number in 0..<count { shard.append(observation(time: Int64(number), nil)) }
    var times: [Int64] = []
    shard.forEach { times.append($0.time.milliseconds) }
    #expect(times == (0..<Int64(count)).map { $0 })
    #expect(shard.count == count)
  }

  @Test func nullComesFirstAndIsNotTheZeroAddress() {
    let zero = IPAddress(high: 0, low: 0)
    #expect(observation(time: 0, nil).address == nil)
    #expect(observation(time: 0, zero).address == zero)
    #expect(!observation(time: 0, nil).hasAddress(of: observation(time: 0, zero)))
    #expect(Observation.inOrder(observation(time: 9, nil), observation(time: 0, zero)))
    #expect(!Observation.inOrder(observation(time: 0, zero), observation(time: 9, nil)))
  }

  /// Compares with the order of the records, field by field.
  @Test func orderIsByAddressTimeAndUUID() {
    var rng = SplitMix64(seed: 11)
    let rows = (0..<400).map { _ in
      observation(
        time: Int64.random(in: 0...2, using: &rng),
        rng.oneIn(4)
          ? nil : IPAddress(high: .random(in: 0...1, using: &rng), low: .random(in: 0...2, using: &rng)),
        uuid: (.random(in: 0...1, using: &rng), .random(in: 0...2, using: &rng)))
    }
    for a in rows {
      for b in rows.prefix(50) {
        let expected: Bool
        if a.address != b.address {
          expected = IPAddress.inOrder(a.address, b.address)
        } else if a.time != b.time {
          expected = a.time < b.time
        } else {
          expected = [a.uuid.high, a.uuid.low].lexicographicallyPrecedes([b.uuid.high, b.uuid.low])
        }
        #expect(Observation.inOrder(a, b) == expected)
      }
    }
  }

  @Test func rulesAndKindsDoNotTouchEachOther() {
    var row = Observation(
      time: EventTime(milliseconds: 0), uuid: (0, 0), uuidKind: .text, facets: .zero, address: nil, rules: 5)
    row.rules = 1 << 28
    #expect(row.rules == 1 << 28)
    #expect(row.uuidKind == .text)
    #expect(row.address == nil)
    #expect(MemoryLayout<Observation>.stride == 64)
  }

  private func observation(
    time: Int64, _ address: IPAddress?, uuid: (UInt64, UInt64) = (0, 0)
  ) -> Observation {
    Observation(
      time: EventTime(milliseconds: time), uuid: uuid, uuidKind: .canonical, facets: .zero, address: address,
      rules: 1)
  }
}
