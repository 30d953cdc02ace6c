import Foundation
import SluiceRecords
import SluiceTestSupport
import Testing

/// Times as every output writes them.
@Suite struct EventTimeTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
    (1_767_607_200_000, "2026-01-05T10:00:00.000Z"),
    (951_782_400_000, "2000-02-29T00:00:00.000Z"), (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
    (-2_203_891_200_000, "1900-03-01T00:00:00.000Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"), (7, "1970-01-01T00:00:00.007Z"),
  ])
  func timesAreWrittenInISO8601(milliseconds: Int64, expected: String) {
    #expect(EventTime(milliseconds: milliseconds).description == expected)
  }

  @Test func agreesWithFoundation() {
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    for seed: UInt64 in 1...2000 {
      var rng = SplitMix64(seed: seed)
      // Times begin in 1900, because Foundation's calendar may differ before.
      let seconds = Int64.random(in: -2_208_988_800..<253_402_300_800, using: &rng)
      let text = EventTime(milliseconds: seconds * 1000).description
      let expected = Date(timeIntervalSince1970: Double(seconds)).formatted(style)
      if text != expected { Issue.record("seed \(seed): \(text), not \(expected)") }
    }
  }

  @Test func daysFollowEachOther() {
    var next = EventTime.daysSinceEpoch(year: 1896, month: 1, day: 1)
    for year in 1896...2104 {
      let isLeap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0
      for (month, days) in zip(1..., [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
        for day in 1...days {
          if EventTime.daysSinceEpoch(year: year, month: month, day: day) != next {
            Issue.record("\(year)-\(month)-\(day)")
          }
          let date = EventTime(milliseconds: Int64(next) * 86_400_000 + 86_399_999).date
          if date != (year, month, day) { Issue.record("\(date), not \(year)-\(month)-\(day)") }
          next += 1
        }
      }
    }
  }
}
