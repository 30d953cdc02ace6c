import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceEngine

@Suite struct TimeIndexTests {
  private static let hour: Int64 = 3_600_000

  /// Compares the time index with an oracle that tests the overlap of the ranges' ends.
  @Test func agreesWithItsOracle() {
    var rng = SplitMix64(seed: 1)
    for _ in 0..<500 {
      var spans: [Int: HourRange?] = [:]
      for file in 0..<Int.random(in: 0...8, using: &rng) {
        let first = Int.random(in: -20...20, using: &rng)
        spans[file] =
          rng.oneIn(6) ? .some(nil) : HourRange(first: first, last: first + rng.pick([0, 0, 1, 7]))
      }
      let index = TimeIndex(FileTimeRanges(files: spans.mapValues { FileTimeRanges.File($0) }))
      let edge = Int64.random(in: -20...20, using: &rng) * Self.hour + rng.pick([-1, 0, 1, 1000])
      let range =
        EventTime(milliseconds: edge)...EventTime(milliseconds: edge + rng.pick([0, 1, 5 * Self.hour]))
      let expected = spans.filter { _, span in
        guard let span else { return true }
        let start = Int64(span.first - 1) * Self.hour
        let end = Int64(span.last + 2) * Self.hour
        return start <= range.upperBound.milliseconds && range.lowerBound.milliseconds < end
      }.keys.sorted()
      #expect(index.files([range]) == expected)
      #expect(index.count(range) == expected.count)
      #expect(index.files([]).isEmpty)
    }
  }

  @Test func severalRangesAreTheirUnion() {
    let times = FileTimeRanges(
      files: Dictionary(
        uniqueKeysWithValues: (0..<100).map { ($0, FileTimeRanges.File(HourRange(first: $0, last: $0))) }))
    let index = TimeIndex(times)
    let ranges = [3, 40, 41, 90].map { hour in
      EventTime(milliseconds: hour * Self.hour)...EventTime(milliseconds: hour * Self.hour + 5)
    }
    #expect(index.files(ranges) == Set(ranges.flatMap { index.files([$0]) }).sorted())
    // The slack reaches one hour back, and the hour before that ends a millisecond too early.
    #expect(index.files([ranges[0]]) == [2, 3, 4])
  }

  /// A sliding range holds the same rows as a search from the start, in whichever direction it moves.
  @Test func slidingRowsAgreeWithTheirOracle() {
    var rng = SplitMix64(seed: 2)
    for _ in 0..<300 {
      let times = (0..<Int.random(in: 0...30, using: &rng)).map { _ in
        EventTime(milliseconds: Int64.random(in: 0...40, using: &rng))
      }.sorted()
      var rows = SlidingRowRange(times)
      var inside: Set<Int> = []
      for _ in 0..<10 {
        let start = Int64.random(in: -5...45, using: &rng)
        let end = start + Int64.random(in: 0...20, using: &rng)
        let (left, come) = rows.move(to: EventTime(milliseconds: start)...EventTime(milliseconds: end))
        for row in left.joined() { #expect(inside.remove(row) != nil) }
        for row in come.joined() { #expect(inside.insert(row).inserted) }
        #expect(inside == Set(times.indices.filter { (start...end).contains(times[$0].milliseconds) }))
      }
    }
  }
}
