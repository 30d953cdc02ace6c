import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// The hours that a scan reports as empty, against the times of all events.
@Suite struct CoverageTests {
  private static let hour: Int64 = 3_600_000
  private static let base = EventTime(milliseconds: 1_767_607_200_000)

  /// Returns an event that no rule matches. Its size leaves many events in a segment and several in a block.
  private func event(at milliseconds: Int64, number: Int = 0, padding: Int = 300) -> EventBuilder {
    var event = EventBuilder(
      eventType: "policy.evaluate", at: EventTime(milliseconds: Self.base.milliseconds + milliseconds))
    event.uuid = .string("uuid-\(number)")
    event.userAgent = .string(String(repeating: "x", count: padding))
    return event
  }

  private func text(_ coverage: Coverage) -> [String] {
    ["\(coverage.from.map(\.description) ?? "-") \(coverage.to.map(\.description) ?? "-")"]
      + coverage.empty.map { "\($0.from) \($0.to)" }
  }

  /// Returns the covered hours of all times. The time range is cut at full hours.
  private func naive(_ times: [Int64], from: Int64? = nil, to: Int64? = nil) -> [String] {
    func name(_ time: Int64) -> String { EventTime(milliseconds: time).description }
    func floor(_ time: Int64) -> Int64 {
      (time >= 0 ? time / Self.hour : -((-time + Self.hour - 1) / Self.hour)) * Self.hour
    }
    let inside = times.map { $0 + Self.base.milliseconds }.filter { $0 >= from ?? .min && $0 < to ?? .max }
    guard let start = from ?? inside.min().map(floor),
      let end = to ?? inside.max().map({ floor($0) + Self.hour }),
      start < end
    else { return ["- -"] }
    var borders = [start]
    while let last = borders.last, last < end { borders.append(min(end, floor(last) + Self.hour)) }
    var lines = ["\(name(start)) \(name(end))"]
    var emptyStart: Int64?
    for (lower, upper) in zip(borders, borders.dropFirst()) {
      if inside.contains(where: { $0 >= lower && $0 < upper }) {
        if let first = emptyStart { lines.append("\(name(first)) \(name(lower))") }
        emptyStart = nil
      } else {
        emptyStart = emptyStart ?? lower
      }
    }
    if let first = emptyStart { lines.append("\(name(first)) \(name(end))") }
    return lines
  }

  private func covered(_ lines: [[UInt8]], _ change: (inout ScanOptions) -> Void = { _ in }) -> [String] {
    text(scanned(lines.joinedLines(), named: "a", change).stats.coverage)
  }

  /// Returns ordered times with gaps of some hours and single events in otherwise empty hours.
  private func orderedTimes(_ seed: UInt64, count: Int) -> [Int64] {
    var rng = SplitMix64(seed: seed)
    var time = Int64.random(in: -30...30, using: &rng) * Self.hour
    return (0..<count).map { _ in
      time +=
        rng.oneIn(40)
        ? Int64.random(in: 1...5, using: &rng) * Self.hour : Int64.random(in: 0...90_000, using: &rng)
      // Some times are just before full hours or at them.
      if rng.oneIn(50) { time += Self.hour - 1 - ((time % Self.hour) + Self.hour) % Self.hour }
      return time
    }
  }

  @Test func coverageOfOrderedArchivesIsExact() {
    for seed: UInt64 in 1...12 {
      let times = orderedTimes(seed, count: 600)
      let lines = times.map { event(at: $0, padding: Int(seed) * 40).line }
      let expected = naive(times)
      #expect(expected.count > 3)
      for range in [100, 5000, 1 << 20] {
        #expect(covered(lines) { $0.tuning.rangeBytesTarget = range } == expected, "seed \(seed), \(range)")
      }
    }
  }

  /// Puts one event into an hour of its own, anywhere in the middle of a long, ordered segment.
  @Test func aSingleEventInAnEmptyHourIsSeen() {
    for place in [1, 2, 500, 1000, 1777, 1998] {
      let times = (0..<2000).map { index -> Int64 in
        index < place ? Int64(index) : index == place ? 5 * Self.hour : 9 * Self.hour + Int64(index)
      }
      #expect(covered(times.map { event(at: $0, padding: 0).line }) == naive(times), "\(place)")
    }
  }

  /// The codec, the threads and the ranges do not matter.
  @Test(arguments: archiveForms.map(\.name)) func everyArchiveFormGivesTheSameCoverage(name: String) throws {
    let form = try #require(archiveForms.first { $0.name == name })
    let times = orderedTimes(99, count: TestScale.count(900, atLeast: 300))
    let bytes = form.encode(times.map { event(at: $0).line }.joinedLines())
    for (threads, range) in [(1, 1 << 20), (3, 5000), (4, 70_000)] {
      let stats = scanned(bytes) {
        $0.threads = threads
        $0.tuning.rangeBytesTarget = range
      }.stats
      #expect(text(stats.coverage) == naive(times), "\(threads) threads, \(range)")
    }
  }

  @Test(arguments: ShipperFormat.allCases) func everyEventShapeGivesTheSameCoverage(form: ShipperFormat) {
    var rng = SplitMix64(seed: 7)
    let times = orderedTimes(7, count: 200)
    let lines = form.lines(times.map { event(at: $0).tree }, using: &rng)
    for range in [3000, 1 << 20] {
      #expect(covered(lines) { $0.tuning.rangeBytesTarget = range } == naive(times))
    }
  }

  @Test func mixedShapesAndSpellingsGiveTheSameCoverage() {
    var rng = SplitMix64(seed: 8)
    let times = orderedTimes(8, count: 300)
    let lines = times.flatMap { time -> [[UInt8]] in
      var builder = event(at: time)
      builder.published = .string(
        randomSpelling(of: EventTime(milliseconds: Self.base.milliseconds + time), using: &rng))
      return rng.pick(ShipperFormat.allCases).lines([builder.tree], using: &rng)
    }
    #expect(covered(lines) == naive(times))
  }

  @Test(arguments: PageForm.all) func pagesGiveTheSameCoverage(form: PageForm) {
    let times = orderedTimes(9, count: 60)
    let stats = scanned(form.write(times.map { event(at: $0).line }), named: "a").stats
    #expect(text(stats.coverage) == naive(times))
  }

  // MARK: Archives that are in no order

  /// In a shuffled archive, adjacent lines are seldom in adjacent hours, so nearly all are sampled. The result is
  /// exact, whatever the threads, the blocks and the ranges.
  @Test(arguments: [0, 2, 3, 9]) func coverageOfShuffledArchivesIsExact(form: Int) {
    for seed: UInt64 in 1...3 {
      var rng = SplitMix64(seed: seed)
      // Some hours have many events, and each has some.
      let hours = (0..<60).flatMap { hour in
        Array(repeating: Int64(hour), count: hour % 7 == 3 ? 0 : Int.random(in: 4...12, using: &rng))
      }
      let times = hours.map { $0 * Self.hour + Int64.random(in: 0..<Self.hour, using: &rng) }
      let lines = times.shuffled(using: &rng).map { event(at: $0, padding: 900).line }
      let bytes = LZ4Forms.all[form].encode(lines.joinedLines())
      for (threads, range) in [(1, 1 << 20), (4, 1 << 20), (2, 1)] {
        let stats = scanned(bytes) {
          $0.threads = threads
          $0.tuning.rangeBytesTarget = range
        }.stats
        #expect(text(stats.coverage) == naive(times), "seed \(seed), \(threads) threads, \(range)")
      }
    }
  }

  /// Whatever the order, the number of threads does not change the result.
  @Test func coverageDoesNotDependOnTheThreads() {
    for seed: UInt64 in 1...4 {
      let lines = RandomCorpus(seed: seed).events.map { event -> [UInt8] in
        var event = event
        event.eventType = "policy.evaluate"
        event.userAgent = .string(String(repeating: "y", count: 3000))
        return event.line
      }
      let bytes = LZ4Forms.all[4].encode(lines.joinedLines())
      let found = Set(
        [1, 2, 5].map { threads in text(scanned(bytes) { $0.threads = threads }.stats.coverage) })
      #expect(found.count == 1)
    }
  }

  /// Hours reported as empty may hold events only where lines are out of order; this is the guarantee.
  @Test func anEventOutOfOrderIsSeenIfItsLineIsRead() {
    // The event is in the middle of a segment whose sampled lines are all in one hour.
    let hidden = (0..<100).map { $0 == 40 ? 5 * Self.hour : Int64($0) }
    let lines = hidden.map { event(at: $0).line }
    #expect(covered(lines) == naive(Array(repeating: 0, count: 1)))
    // A strict scan reads every line, and candidates are read in any scan.
    #expect(covered(lines) { $0.isStrict = true } == naive(hidden))
    var locked = lines
    var lock = event(at: 5 * Self.hour)
    lock.eventType = "user.account.lock"
    locked[40] = lock.line
    #expect(covered(locked) == naive(hidden))
  }

  /// If sampled lines show that a segment is out of order, all its lines are sampled.
  @Test func disorderThatShowsMakesEveryLineCount() {
    let times = (0..<100).map { $0 == 40 ? 5 * Self.hour : $0 == 50 ? -3 * Self.hour : Int64($0) }
    #expect(covered(times.map { event(at: $0).line }) == naive(times))
  }

  /// A time in another member of an event is not the event's time.
  @Test func otherTimesInAnEventDoNotCount() {
    var odd = event(at: 0)
    odd.set("debugContext.debugData.published", to: "2026-01-05T15:00:00.000Z")
    var damaged = event(at: 7 * Self.hour).line
    damaged.removeLast(2)
    damaged.append(UInt8(ascii: "}"))
    #expect(covered([event(at: 0).line, odd.line, damaged, odd.line, event(at: 1).line]) == naive([0]))
    // Text that only begins like a time is no time either, also in an event that a rule may match.
    var untimed = event(at: 7 * Self.hour)
    untimed.published = "2026-01-05T17:99:00.000Z"
    untimed.reason = "LOCKED_OUT"
    let lines = [event(at: 0).line, damaged, untimed.line, damaged, untimed.line, event(at: 1).line]
    #expect(covered(lines) == naive([0]))
  }

  // MARK: The span

  @Test func coverageIsCutToFromAndTo() {
    let times: [Int64] = [0, 1, 5 * Self.hour, 9 * Self.hour - 1]
    let lines = times.map { event(at: $0).line }
    let start = Self.base.milliseconds
    for (from, to) in [
      (start - 1, start + 9 * Self.hour), (start + 1, start + 7 * Self.hour + 1),
      (start - 7 * Self.hour, nil),
      (nil, start + 20 * Self.hour), (start + 10, start + 20), (start + 90 * Self.hour, nil),
      (start + 90 * Self.hour, start + 95 * Self.hour),
    ] as [(Int64?, Int64?)] {
      let found = covered(lines) {
        $0.from = from.map(EventTime.init(milliseconds:))
        $0.to = to.map(EventTime.init(milliseconds:))
      }
      #expect(found == naive(times, from: from, to: to))
    }
  }

  /// If the time range begins or ends within an hour, only the part of that hour in the range counts.
  @Test func partsOfHoursCountAtTheEndsOfTheRange() {
    let minute: Int64 = 60_000
    let half = EventTime(milliseconds: Self.base.milliseconds + 30 * minute)
    func parts(_ times: [Int64], to: EventTime? = nil) -> [String] {
      covered(times.map { event(at: $0 * minute).line }) { ($0.from, $0.to) = (half, to) }
    }
    #expect(parts([10, 40, 70]) == ["2026-01-05T10:30:00.000Z 2026-01-05T12:00:00.000Z"])
    #expect(
      parts([10, 29, 70]) == [
        "2026-01-05T10:30:00.000Z 2026-01-05T12:00:00.000Z",
        "2026-01-05T10:30:00.000Z 2026-01-05T11:00:00.000Z",
      ])
    let to = EventTime(milliseconds: half.milliseconds + 15 * minute)
    #expect(parts([30, 50], to: to) == ["2026-01-05T10:30:00.000Z 2026-01-05T10:45:00.000Z"])
    #expect(
      parts([29, 45], to: to) == [
        "2026-01-05T10:30:00.000Z 2026-01-05T10:45:00.000Z",
        "2026-01-05T10:30:00.000Z 2026-01-05T10:45:00.000Z",
      ])
  }

  /// A single event in that part is found among many events outside it.
  @Test func coverageOfRandomRangesIsExact() {
    for seed: UInt64 in 1...20 {
      var rng = SplitMix64(seed: seed)
      let times = orderedTimes(seed, count: 400)
      let lines = times.map { event(at: $0, padding: 40).line }
      let at = rng.pick(times) + Self.base.milliseconds
      let from = rng.oneIn(5) ? nil : at + Int64.random(in: -2...2, using: &rng)
      let to = rng.oneIn(3) ? nil : at + Int64.random(in: 1...20 * Self.hour, using: &rng)
      for range in [3000, 1 << 20] {
        let found = covered(lines) {
          ($0.from, $0.to) = (
            from.map { EventTime(milliseconds: $0) }, to.map { EventTime(milliseconds: $0) }
          )
          $0.tuning.rangeBytesTarget = range
        }
        #expect(found == naive(times, from: from, to: to), "seed \(seed)")
      }
    }
  }

  @Test func eventsAtHourBordersAndLongAgoAreCovered() {
    for times: [Int64] in [
      [0], [Self.hour - 1, Self.hour], [Self.hour - 1, 2 * Self.hour], [-Self.hour, 0],
      [-500_000 * Self.hour - 1, -500_000 * Self.hour, -499_998 * Self.hour],
    ] {
      #expect(covered(times.map { event(at: $0).line }) == naive(times))
    }
    #expect(covered([]) == ["- -"])
    #expect(covered([Array("{\"eventType\":\"x\",\"uuid\":\"u\"}".utf8)]) == ["- -"])
  }

  /// An attacker who writes into the log chooses its times.
  @Test func hoursAreKeptUpToALimit() {
    var first = CoveredHours()
    for hour in 0..<CoveredHours.countMax { first.note(2 * hour) }
    var second = CoveredHours()
    second.note(0)
    var merged = first
    merged.merge(second)
    #expect(!merged.areTooMany)
    #expect(Coverage(merged).emptyHourCount == CoveredHours.countMax - 1)
    second.note(1)
    merged.merge(second)
    #expect(merged.areTooMany)
    second.merge(first)
    #expect(second.areTooMany)
    first.note(1)
    #expect(first.areTooMany)
    #expect(first.hours.isEmpty)
    #expect(Coverage(first).text?.description.contains("not known") == true)
    #expect(Coverage(first).from == nil)
  }

  @Test func theTextListsHoursWithoutEvents() {
    func line(_ hours: [Int]) -> String? {
      var seen = CoveredHours()
      for hour in hours { seen.note(490_000 + hour) }
      return Coverage(seen).text?.description
    }
    #expect(line([]) == nil)
    #expect(line([1, 2]) == "Hours without any event seen: 0 of 2.")
    // Hours are counted from 490,000 hours after the start of 1970.
    #expect(
      line([1, 2, 5, 20])
        == "Hours without any event seen: 16 of 20: 2025-11-24 19:00 to 21:00, 2025-11-24 22:00 to 2025-11-25 12:00."
    )
    var seen = CoveredHours(
      from: EventTime(milliseconds: 490_000 * Self.hour + 1_815_250),
      to: EventTime(milliseconds: 490_002 * Self.hour + 15_000))
    #expect(
      Coverage(seen).text?.description
        == "Hours without any event seen: 3 of 3: 2025-11-24 16:30:15.250 to 18:00:15.")
    seen.note(490_002)
    #expect(
      Coverage(seen).text?.description
        == "Hours without any event seen: 2 of 3: 2025-11-24 16:30:15.250 to 17:00, 2025-11-24 18:00 to 18:00:15."
    )
    #expect(line((0..<20).map { 2 * $0 })?.hasSuffix(", and 9 more stretches.") == true)
  }
}
