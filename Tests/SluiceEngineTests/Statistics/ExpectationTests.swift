import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Expectations of a job on its archive, at times that the tests choose.
@Suite struct ExpectationTests {
  private static let hour: Int64 = 3_600_000
  /// 2026-01-05T10:00:00Z.
  private static let base: Int64 = 1_767_607_200_000

  private func lines(at times: [Int64]) -> [UInt8] {
    times.enumerated().map { number, time in
      var event = EventBuilder(
        eventType: "policy.evaluate", at: EventTime(milliseconds: Self.base + time))
      event.uuid = .string("uuid-\(number)")
      return event.line
    }.joinedLines()
  }

  /// Returns the shortfalls of a scan at time `now` of events at these times; all times are relative to the base.
  private func shortfalls(
    _ times: [Int64], now: Int64, newest: Int64, _ change: (inout ScanOptions) -> Void = { _ in }
  ) -> [Reason] {
    scanned(lines(at: times), named: "a") { options in
      options.expectation.newestAgeMaxMilliseconds = newest
      options.expectation.now = { EventTime(milliseconds: Self.base + now) }
      change(&options)
    }.stats.shortfalls.map(\.reason)
  }

  /// The last event is in the hour from 10:00 and counts as one of 11:00.
  @Test func theNewestEventsHourDecides() {
    let times: [Int64] = [0, 60_000, 100_000]
    #expect(shortfalls(times, now: 3 * Self.hour, newest: 2 * Self.hour).isEmpty)
    #expect(shortfalls(times, now: 3 * Self.hour + 1, newest: 2 * Self.hour) == [.newest])
    #expect(shortfalls(times, now: 200_000, newest: 1).isEmpty, "of this hour")
  }

  /// No rule matches the events of an archive of many blocks, so they are only sampled.
  @Test(arguments: [1, 4]) func theNewestEventOfAnArchiveIsSeen(threads: Int) {
    let times = (0..<5000).map { Int64($0) * 60_000 }
    let last = times.count / 60
    let now = Int64(last + 10) * Self.hour
    func result(_ age: Int64) -> [Reason] {
      shortfalls(times, now: now, newest: age * Self.hour) {
        $0.threads = threads
        $0.tuning.rangeBytesTarget = 10_000
      }
    }
    #expect(result(9).isEmpty)
    #expect(result(8) == [.newest])
  }

  /// An event from a wrong clock in the future would hide that nothing new arrives.
  @Test func eventsOfTheFutureDoNotMakeAnArchiveYoung() {
    let times: [Int64] = [0, 1000 * Self.hour]
    #expect(shortfalls(times, now: 50 * Self.hour, newest: 26 * Self.hour) == [.newest])
    #expect(shortfalls([1000 * Self.hour], now: 50 * Self.hour, newest: 26 * Self.hour) == [.newest])
  }

  @Test func anArchiveWithoutTimesIsNotYoung() {
    let text = Array(#"{"eventType":"policy.evaluate","uuid":"1"}"#.utf8) + [10]
    let stats = scanned(text, named: "a") { $0.expectation.newestAgeMaxMilliseconds = Self.hour }.stats
    #expect(stats.shortfalls.map(\.reason) == [.newest])
    #expect(!stats.isComplete)
  }

  /// Only events in the time range count. It does not matter at which minute of an hour the range begins.
  @Test func onlyTheTimeAskedForCounts() {
    let times: [Int64] = [0, 5 * Self.hour]
    let (now, newest) = (6 * Self.hour, Self.hour)
    #expect(shortfalls(times, now: now, newest: newest).isEmpty)
    #expect(
      shortfalls(times, now: now, newest: newest) {
        $0.to = EventTime(milliseconds: Self.base + 4 * Self.hour)
      }
        == [.newest])
    #expect(
      shortfalls(times, now: now, newest: newest) {
        $0.from = EventTime(milliseconds: Self.base + 5 * Self.hour - 60_000)
      }.isEmpty)
  }

  @Test func reusedPartialsGiveTheSameAnswer() {
    let (archive, partials) = (TemporaryFolder(), TemporaryFolder())
    archive.write("a", lines(at: [0, 60_000, 2 * Self.hour]))
    var options = ScanOptions(paths: [archive.path])
    options.partials = PartialFolder(partials.path)
    options.expectation.newestAgeMaxMilliseconds = 2 * Self.hour
    for (late, expected) in [(Int64(0), [Reason]()), (1, [.newest])] {
      options.expectation.now = { EventTime(milliseconds: Self.base + 5 * Self.hour + late) }
      for _ in 0..<2 { #expect(scanned(options).stats.shortfalls.map(\.reason) == expected) }
    }
  }

  @Test func messagesSayWhatIsMissing() {
    let result = scanned(lines(at: [0]), named: "a") {
      $0.expectation.newestAgeMaxMilliseconds = 26 * Self.hour
      $0.expectation.now = { EventTime(milliseconds: Self.base + 48 * Self.hour) }
      $0.expectation.fileCountMin = 3
    }
    #expect(
      result.stats.shortfalls.map(\.message) == [
        "1 file read, where --min-files expects 3",
        """
        the newest event seen is from before 2026-01-05T11:00:00.000Z, which is more than 1d2h before the \
        present time (2026-01-07T10:00:00.000Z)
        """,
      ])
    #expect(!result.stats.isComplete)
  }

  @Test func withoutExpectationsOneRecordIsEnough() {
    #expect(scanned(lines(at: [0])).stats.shortfalls.isEmpty)
    #expect(scanned([]).stats.shortfalls.map(\.reason) == [.noRecords])
  }

  @Test func aTimeInWhichNoEventLiesIsIncomplete() {
    func reasons(from: Int64?, to: Int64?) -> [Reason] {
      scanned(lines(at: [0, 60_000]), named: "a") { options in
        options.from = from.map { EventTime(milliseconds: Self.base + $0) }
        options.to = to.map { EventTime(milliseconds: Self.base + $0) }
      }.stats.shortfalls.map(\.reason)
    }
    #expect(reasons(from: nil, to: nil).isEmpty)
    #expect(reasons(from: 60_000, to: nil).isEmpty)
    #expect(reasons(from: nil, to: 1).isEmpty)
    #expect(reasons(from: 60_001, to: nil) == [.noEvents])
    #expect(reasons(from: nil, to: 0) == [.noEvents])
    #expect(reasons(from: 1, to: 60_000) == [.noEvents])
  }

  @Test func emptyFilesDoNotCountAsFiles() {
    let folder = TemporaryFolder()
    folder.write("a.json", lines(at: [0]))
    folder.write("b.json", [])
    var options = ScanOptions(paths: [folder.path])
    options.expectation.fileCountMin = 1
    #expect(scanned(options).stats.shortfalls.isEmpty)
    options.expectation.fileCountMin = 2
    #expect(scanned(options).stats.shortfalls.map(\.reason) == [.minFiles])
  }
}
