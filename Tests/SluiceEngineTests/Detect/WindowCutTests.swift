@testable import SluiceEngine
import SluiceRecords
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// Windows against an oracle that tries every possible start.
@Suite struct WindowCutTests {
  struct Cut: Equatable {
    var rows: Range<Int>
    var start: Int64
    var end: Int64
  }

  private func cut(_ window: Window, _ times: [Int64], floor: Int, from: Int64? = nil, to: Int64? = nil)
    -> [Cut]
  {
    var found: [Cut] = []
    window.cut(
      times.map(EventTime.init), floor: floor, range: (from.map(EventTime.init), to.map(EventTime.init))
    ) { found.append(Cut(rows: $0, start: $1.milliseconds, end: $2.milliseconds)) }
    return found
  }

  /// Tries every multiple of the slide; a window holds the times in `[start, start + length)`.
  private func hoppingOracle(_ length: Int64, _ slide: Int64, _ times: [Int64], floor: Int) -> [Cut] {
    guard let first = times.first, let last = times.last else { return [] }
    return ((first - length) / slide - 2...last / slide + 2).compactMap { number in
      let start = number * slide
      let rows = times.indices.filter { times[$0] >= start && times[$0] < start + length }
      guard let low = rows.first, let high = rows.last, rows.count >= floor else { return nil }
      return Cut(rows: low..<high + 1, start: start, end: start + length)
    }
  }

  private func times(_ rng: inout SplitMix64, span: Int64) -> [Int64] {
    let origin: Int64 = rng.pick([0, -span / 2, -1000, 1_767_607_200_000 % 10_000])
    return (0..<rng.pick([0, 1, 2, 5, 30])).map { _ in
      let time = origin + Int64.random(in: 0...span, using: &rng)
      return rng.oneIn(3) ? time / 10 * 10 : time
    }.sorted()
  }

  @Test func hoppingWindowsAgreeWithTheirOracle() {
    for seed in TestScale.seeds(3000) {
      var rng = SplitMix64(seed: seed)
      let slide: Int64 = rng.pick([1, 5, 10, 7])
      let length: Int64 = rng.pick([slide, slide * 3, slide + 1, max(1, slide - 1), slide * 2 + 1])
      let times = times(&rng, span: rng.pick([20, 100, 800] as [Int64]))
      let floor = rng.pick([1, 1, 2, 4])
      let found = cut(.hopping(length: length, slide: slide), times, floor: floor)
      if found != hoppingOracle(length, slide, times, floor: floor) {
        Issue.record("seed \(seed): length \(length), slide \(slide), \(times): \(found)")
        return
      }
    }
  }

  @Test func hoppingWindowsIncludeTheirStartAndExcludeTheirEnd() {
    let minute: Int64 = 60_000
    let window = Window.hopping(length: 15 * minute, slide: 5 * minute)
    #expect(cut(window, [0], floor: 1).map(\.start) == [-10 * minute, -5 * minute, 0])
    #expect(cut(window, [-1], floor: 1).map(\.start) == [-15 * minute, -10 * minute, -5 * minute])
    #expect(cut(window, [0, 15 * minute], floor: 2).isEmpty)
    #expect(cut(window, [0, 15 * minute - 1], floor: 2).map(\.start) == [0])
    // A gap of years is skipped.
    let year: Int64 = 365 * 86_400_000
    #expect(cut(window, [0, 9000 * year], floor: 1).count == 6)
  }

  /// Walks from event to event according to the definition of a session in the rule's text.
  private func sessionOracle(_ keepAlive: Int64, _ maximum: Int64, _ times: [Int64], floor: Int) -> [Cut] {
    var sessions: [[Int]] = []
    for (i, time) in times.enumerated() {
      if let session = sessions.last, time <= times[session.last!] + keepAlive,
        time <= times[session[0]] + maximum
      {
        sessions[sessions.count - 1].append(i)
      } else {
        sessions.append([i])
      }
    }
    return sessions.filter { $0.count >= floor }.map {
      Cut(rows: $0[0]..<$0[0] + $0.count, start: times[$0[0]], end: times[$0.last!])
    }
  }

  @Test func sessionsAgreeWithTheirOracle() {
    for seed in TestScale.seeds(3000) {
      var rng = SplitMix64(seed: seed)
      let keepAlive: Int64 = rng.pick([0, 1, 10, 30])
      let maximum: Int64 = rng.pick([0, 10, 30, 240])
      let times = times(&rng, span: rng.pick([20, 100, 800] as [Int64]))
      let floor = rng.pick([1, 1, 2, 4])
      let found = cut(.session(keepAlive: keepAlive, maximum: maximum), times, floor: floor)
      if found != sessionOracle(keepAlive, maximum, times, floor: floor) {
        Issue.record("seed \(seed): keep-alive \(keepAlive), maximum \(maximum), \(times): \(found)")
        return
      }
    }
  }

  @Test func sessionsIncludeEventsExactlyAtTheirLimits() {
    let hour: Int64 = 3_600_000
    let window = Window.session(keepAlive: hour, maximum: 24 * hour)
    #expect(cut(window, [0, hour], floor: 1).count == 1, "exactly 1 h after the last still belongs to it")
    #expect(cut(window, [0, hour + 1], floor: 1).count == 2)
    let hourly = (0...25).map { $0 * hour }
    #expect(
      cut(window, hourly, floor: 1).map(\.rows) == [0..<25, 25..<26], "exactly 24 h after the first too")
    #expect(cut(window, [], floor: 1).isEmpty)
  }

  @Test func aWholeWindowSpansTheRangeOrElseTheEvents() {
    #expect(cut(.whole, [3, 9], floor: 1) == [Cut(rows: 0..<2, start: 3, end: 9)])
    #expect(cut(.whole, [3, 9], floor: 1, from: 0, to: 20) == [Cut(rows: 0..<2, start: 0, end: 20)])
    #expect(cut(.whole, [3, 9], floor: 1, from: 0) == [Cut(rows: 0..<2, start: 3, end: 9)])
    #expect(cut(.whole, [3, 9], floor: 3).isEmpty)
    #expect(cut(.whole, [], floor: 0).isEmpty)
  }
}
