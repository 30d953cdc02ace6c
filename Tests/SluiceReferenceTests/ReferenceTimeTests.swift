import SluiceRecords
import SluiceReference
import SluiceTestSupport
import Testing

@Suite struct ReferenceTimeTests {
  static let usable: [(String, Int64)] = [
    ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.001Z", 1), ("1969-12-31T23:59:59.999Z", -1),
    ("2026-01-05T10:00:00.000Z", 1_767_607_200_000), ("2026-01-05t10:00:00z", 1_767_607_200_000),
    ("2026-01-05 10:00:00", 1_767_607_200_000), ("2026-01-05T10:00:00.1", 1_767_607_200_100),
    ("2026-01-05T10:00:00.12", 1_767_607_200_120), ("2026-01-05T10:00:00.1239999", 1_767_607_200_123),
    ("2026-01-05T10:00:00.999999999Z", 1_767_607_200_999), ("2026-01-05T11:00:00+01:00", 1_767_607_200_000),
    ("2026-01-05T04:30:00.000-0530", 1_767_607_200_000), ("2026-01-05T10:00:00-00:00", 1_767_607_200_000),
    ("2024-02-29T00:00:00Z", 1_709_164_800_000), ("2000-02-29T00:00:00Z", 951_782_400_000),
    ("2020-11-25 21:27:03.496000000", 1_606_339_623_496), ("0000-01-01T00:00:00Z", -62_167_219_200_000),
    ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
  ]

  @Test(arguments: usable) func everySpellingReadsAsItsTime(_ spelling: String, _ milliseconds: Int64) {
    #expect(referenceTime(LogText(spelling))?.milliseconds == milliseconds)
  }

  @Test(arguments: [
    "", "null", "2026", "2026-01-05", "2026-01-05T", "2026-01-05T10", "2026-01-05T10:00", "2026-01-05T10:00Z",
    "2026-01-05T10:00:00.", "2026-01-05T10:00:00.Z", "2026-01-05T10:00:00,5Z", "2026-01-05T10:00:60Z",
    "2026-01-05T10:60:00Z", "2026-01-05T24:00:00Z", "2026-00-05T10:00:00Z", "2026-13-05T10:00:00Z",
    "2026-01-00T10:00:00Z", "2026-01-32T10:00:00Z", "2026-02-29T10:00:00Z", "1900-02-29T10:00:00Z",
    "2026-04-31T10:00:00Z", "26-01-05T10:00:00Z", "12026-01-05T10:00:00Z", "+2026-01-05T10:00:00Z",
    "2026-1-5T10:00:00Z", "2026/01/05T10:00:00Z", "2026-01-05_10:00:00Z", "2026-01-05  10:00:00Z",
    " 2026-01-05T10:00:00Z", "2026-01-05T10:00:00Z ", "2026-01-05T10:00:00 Z", "2026-01-05T10:00:00ZZ",
    "2026-01-05T10:00:00+01", "2026-01-05T10:00:00+1:00", "2026-01-05T10:00:00+24:00",
    "2026-01-05T10:00:00+01:60",
    "2026-01-05T10:00:00+01:00Z", "20260105T100000Z", "1767607200000", "2026-01-05T10:00:0\u{664}Z",
    "2026-01-05T10:00:00Z\u{0}",
  ]) func malformedTimesAreRefused(_ spelling: String) {
    #expect(referenceTime(LogText(spelling)) == nil)
  }

  /// Compares with the writer of times, which counts days in another way.
  @Test func readsWhatIsWrittenAndEverySpellingOfIt() {
    var rng = SplitMix64(seed: 1)
    for _ in 0..<TestScale.count(5000, atLeast: 500) {
      let time = EventTime(
        milliseconds: Int64.random(in: -62_000_000_000_000...253_000_000_000_000, using: &rng))
      #expect(referenceTime(LogText(time.description)) == time)
      let spelling = randomSpelling(of: time, using: &rng)
      #expect(referenceTime(LogText(spelling)) == time, "\(spelling)")
    }
  }
}
