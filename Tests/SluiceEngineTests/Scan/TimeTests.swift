import SluiceRecords
import SluiceReference
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Times of the log: the documented spellings by table, and the oracle's reading of random text.
@Suite struct TimeTests {
  private func milliseconds(_ text: String) -> Int64? {
    withBytes(Array(text.utf8)) { EventTime($0)?.milliseconds }
  }

  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.001Z", 1), ("1969-12-31T23:59:59.999Z", -1),
    ("2026-01-02T03:04:05.678Z", 1_767_323_045_678), ("2026-01-02t03:04:05.678z", 1_767_323_045_678),
    ("2022-12-14 19:16:32.015", 1_671_045_392_015), ("2026-01-02T03:04:05", 1_767_323_045_000),
    ("2026-01-02T03:04:05.6789Z", 1_767_323_045_678), ("2026-01-02T03:04:05.999999999Z", 1_767_323_045_999),
    ("2026-01-02T03:04:05.6Z", 1_767_323_045_600), ("2026-01-02T03:04:05.67", 1_767_323_045_670),
    ("2026-01-02T05:04:05.678+02:00", 1_767_323_045_678), ("2026-01-02T05:04:05.678+0200", 1_767_323_045_678),
    ("2026-01-01T21:34:05.678-05:30", 1_767_323_045_678), ("2024-02-29T00:00:00Z", 1_709_164_800_000),
    ("2000-02-29T00:00:00Z", 951_782_400_000),
    ("2026-01-02T03:04:05.000000000000000000000000001Z", 1_767_323_045_000),
  ])
  func everySpellingReadsAsItsTime(text: String, expected: Int64) { #expect(milliseconds(text) == expected) }

  @Test(arguments: [
    "", "null", "2026-01-05", "2026-02-30T10:00:00Z", "2025-02-29T10:00:00Z", "1900-02-29T10:00:00Z",
    "2026-01-05T10:61:00Z", "2026-01-05T10:60:00Z", "2026-01-05T10:00:60Z", "2026-01-05T24:00:00Z",
    "2026-01-05T10:00Z", "2026-01-05T10:00:00.Z", "2026-01-05T10:00:00.", " 2026-01-05T10:00:00Z",
    "2026-01-05T10:00:00Z ", "2026-01-05  10:00:00Z", "2026-01-05\t10:00:00Z", "2026-13-05T10:00:00Z",
    "2026-00-05T10:00:00Z", "2026-01-00T10:00:00Z", "2026-04-31T10:00:00Z", "2026-1-5T10:00:00Z",
    "2026-01-05T10:00:00ZZ", "2026-01-05T10:00:00+02", "2026-01-05T10:00:00+2:00",
    "2026-01-05T10:00:00+24:00",
    "2026-01-05T10:00:00+02:60", "2026-01-05T10:00:00+02:00Z", "2026-01-05T10:00:00 Z",
    "2026-01-05T10:00:00,5Z", "20260105T100000Z", "+2026-01-05T10:00:00Z", "12026-01-05T10:00:00Z",
    "2026-01-05T10:00:00\u{2212}02:00", "1767607200000", "2026-01-05X10:00:00Z",
  ])
  func malformedTimesAreRefused(text: String) { #expect(milliseconds(text) == nil) }

  @Test func agreesWithTheReferenceOnSpellings() {
    for seed in TestScale.seeds(3000, atLeast: 500) {
      var rng = SplitMix64(seed: seed)
      let time = EventTime(milliseconds: .random(in: -62_000_000_000_000...253_000_000_000_000, using: &rng))
      var text = Array(randomSpelling(of: time, using: &rng).utf8)
      #expect(withBytes(text) { EventTime($0) } == time, "seed \(seed): \(LogText(text))")
      for _ in 0..<Int.random(in: 1...3, using: &rng) where !text.isEmpty {
        let index = Int.random(in: 0..<text.count, using: &rng)
        switch Int.random(in: 0..<3, using: &rng) {
        case 0: text.remove(at: index)
        case 1: text.insert(rng.pick(Array("0123456789:-+.TtZz ".utf8)), at: index)
        default: text[index] = rng.pick(Array("0123456789:-+.TtZz ".utf8))
        }
      }
      let found = withBytes(text) { EventTime($0) }
      if found != referenceTime(LogText(text)) { Issue.record("seed \(seed): \(LogText(text))") }
    }
  }

  /// A time that was read is written in a form that reads back as the same moment.
  @Test func everyReadableTimeReadsBack() {
    for text in [
      "0001-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "0100-03-01T12:00:00Z",
    ] {
      let time = milliseconds(text).map(EventTime.init(milliseconds:))
      #expect(time.flatMap { milliseconds($0.description) } == time?.milliseconds, "\(text)")
    }
  }

  @Test func timesBeyondFourDigitsOfAYearAreRefused() {
    for text in ["0000-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"] {
      #expect(milliseconds(text) == nil, "\(text)")
    }
  }

  @Test(
    arguments: [
      ("2026-01-05", 1_767_571_200_000), ("2026-01-05T10:00:00Z", 1_767_607_200_000), ("2026-02-30", nil),
      ("yesterday", nil), ("", nil),
    ] as [(String, Int64?)])
  func usersMayGiveADateOrATime(text: String, expected: Int64?) {
    #expect(EventTime(userText: text)?.milliseconds == expected)
  }
}
