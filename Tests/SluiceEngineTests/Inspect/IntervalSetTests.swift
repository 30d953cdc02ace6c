import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Expects the gaps between the sorted times.
@Suite struct IntervalSetTests {
  private func expectGaps(_ times: [Int64], _ gap: Int64, parts: Int = 1, _ comment: Comment) {
    var all = IntervalSet(gapMilliseconds: gap)
    for part in 0..<parts {
      var stretches = IntervalSet(gapMilliseconds: gap)
      for (index, time) in times.enumerated() where index % parts == part {
        stretches.add(EventTime(milliseconds: time))
      }
      if part % 2 == 0 { stretches.finish() }
      all.add(stretches)
    }
    all.finish()
    let sorted = times.sorted()
    let expected = zip(sorted, sorted.dropFirst()).filter { $1 - $0 > gap }
    #expect(all.gaps?.map(\.from.milliseconds) == expected.map(\.0), comment)
    #expect(all.gaps?.map(\.to.milliseconds) == expected.map(\.1), comment)
    #expect(all.firstTime?.milliseconds == sorted.first, comment)
    #expect(all.lastTime?.milliseconds == sorted.last, comment)
  }

  @Test func gapsOfRandomTimesAreThoseOfTheSortedTimes() {
    for seed: UInt64 in 0..<300 {
      var rng = SplitMix64(seed: seed)
      let count = Int.random(in: 0...60, using: &rng)
      let times = (0..<count).map { _ in Int64.random(in: -500...500, using: &rng) }
      expectGaps(
        times, Int64.random(in: 1...60, using: &rng), parts: Int.random(in: 1...4, using: &rng), "\(seed)")
    }
  }

  /// More times than are merged at once: in order, backwards and shuffled.
  @Test func gapsOfManyTimesAreFoundInAnyOrder() {
    var rng = SplitMix64(seed: 5)
    var times: [Int64] = []
    for _ in 0..<30_000 { times.append((times.last ?? 0) + Int64.random(in: 1...120, using: &rng)) }
    for gap: Int64 in [1, 60, 100, 119, 120] {
      expectGaps(times, gap, "in order, \(gap)")
      expectGaps(times.reversed(), gap, "backwards, \(gap)")
      expectGaps(times.shuffled(using: &rng), gap, parts: 3, "shuffled, \(gap)")
    }
  }

  @Test func aPauseAsLongAsTheGapIsNoGap() {
    expectGaps([0, 1000], 1000, "as long")
    expectGaps([0, 1001], 1000, "longer")
    expectGaps([-253_000_000_000_000, 253_000_000_000_000], 3660 * 86_400_000, "all there is")
  }

  /// An attacker who writes into the log chooses its times.
  @Test func tooManyGapsAreNotKept() {
    var stretches = IntervalSet(gapMilliseconds: 1)
    let count = Int64(IntervalSet.countMax)
    for index in 0..<count { stretches.add(EventTime(milliseconds: 2 * index)) }
    stretches.finish()
    #expect(stretches.gaps?.count == Int(count) - 1)
    stretches.add(EventTime(milliseconds: 2 * count))
    stretches.finish()
    #expect(stretches.gaps == nil)
    var other = IntervalSet(gapMilliseconds: 1)
    other.add(EventTime(milliseconds: -9))
    other.add(stretches)
    other.finish()
    #expect(other.gaps == nil)
    #expect(other.firstTime?.milliseconds == -9)
    #expect(other.lastTime?.milliseconds == 2 * count)
  }
}
