import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceReport

/// Bins of charts.
@Suite struct BarsTests {
  private static let minute: Int64 = 60_000

  private func time(_ milliseconds: Int64) -> EventTime { EventTime(milliseconds: milliseconds) }

  @Test func everyEventFallsIntoABin() {
    for seed: UInt64 in 1...50 {
      var rng = SplitMix64(seed: seed)
      let from = Int64.random(in: -1_000_000_000...1_000_000_000, using: &rng)
      let to = from + Int64.random(in: 0...10_000_000_000, using: &rng)
      var bars = Bars(from: time(from), to: time(to), unit: Self.minute)
      #expect((1...Bars.binCountMax).contains(bars.counts.count))
      #expect(bars.binLength % Self.minute == 0)
      #expect(from + bars.binLength * Int64(bars.counts.count) >= to, "the bins reach the end")
      for _ in 0..<100 { bars.add(1, at: time(Int64.random(in: from...to, using: &rng))) }
      #expect(bars.counts.reduce(0, +) == 100)
    }
  }

  @Test func barsAreDrawnAsOnePath() {
    var bars = Bars(from: time(0), to: time(4 * Self.minute), unit: Self.minute)
    #expect(bars.isEmpty)
    #expect(bars.path(highest: 1).isEmpty)
    bars.add(10, at: time(0))
    bars.addSpan(time(2 * Self.minute), time(3 * Self.minute + 1))
    #expect(bars.counts == [10, 0, 1, 1])
    #expect(bars.highest == 10)
    #expect(bars.peak == time(0))
    #expect(bars.path(highest: 10) == "M0 40v-40h.9v40zM2 40v-4h.9v4zM3 40v-4h.9v4z")
    #expect(bars.path(highest: 1000).contains("M2 40v-3h.9v3z"), "none is too low to be seen")
  }

  @Test func theWholeCalendarFitsTheBins() {
    let last = time(253_402_300_799_999)
    var bars = Bars(from: time(-62_167_219_200_000), to: last, unit: Self.minute)
    bars.add(1, at: last)
    #expect(bars.counts.count <= Bars.binCountMax)
    #expect(bars.counts.last == 1)
  }
}

/// Numbers and lists as the page shows them.
@Suite struct ReportTextTests {
  @Test func numbersAreGroupedByThousands() {
    for (number, text) in [
      (0, "0"), (999, "999"), (1000, "1,000"), (12_345, "12,345"), (1_000_007, "1,000,007"),
      (-1234, "-1,234"),
    ] {
      #expect(ReportText.number(number) == text)
    }
    #expect(ReportText.number(.min) == "-9,223,372,036,854,775,808")
  }

  @Test func timesAreWrittenToTheSecondOrMinute() {
    let time = EventTime(milliseconds: 1_767_607_207_999)
    #expect(ReportText.second(time) == "2026-01-05 10:00:07")
    #expect(ReportText.minute(time) == "2026-01-05 10:00")
  }
}
