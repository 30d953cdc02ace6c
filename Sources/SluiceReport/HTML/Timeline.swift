import SluiceEngine
import SluiceRecords

/// Episodes over the whole time range, one lane per rule.
struct Timeline {
  private let shown: [Episode]
  private let suppressed: [Episode]
  private let coverage: Coverage
  private let rules: [String]
  private static let hour: Int64 = 3_600_000

  init(_ result: ScanResult, shown: [Episode]) {
    self.shown = shown
    suppressed = Episode.grouped(result.detections.filter { $0.suppressed != nil })
    coverage = result.stats.coverage
    rules = result.stats.detections.map(\.rule)
  }

  /// The chart's data; nil if there is nothing to draw.
  var object: ReportObject? {
    let all = shown + suppressed
    guard let first = ([coverage.from] + all.map(\.firstSeen)).compactMap({ $0 }).min(),
      let last = ([coverage.to] + all.map(\.lastSeen)).compactMap({ $0 }).max()
    else { return nil }
    let bars = Bars(from: first, to: last, unit: Self.hour)
    var gaps = bars
    // Mark only bins of which all hours are empty, so that no bin with an event is called empty.
    for (from, to) in coverage.empty {
      var index = bars.bin(of: from)
      while index < bars.counts.count {
        let start = bars.start.milliseconds + Int64(index) * bars.binLength
        if start >= from.milliseconds, start + bars.binLength > to.milliseconds { break }
        if start >= from.milliseconds { gaps.add(1, at: EventTime(milliseconds: start)) }
        index += 1
      }
    }
    return [
      "from": ReportText.minute(first), "to": ReportText.minute(last), "width": bars.counts.count,
      "height": Bars.height, "gaps": gaps.path(highest: 1, isSolid: true), "hasGaps": !gaps.isEmpty,
      "bin": ReportText.count(Int(bars.binLength / Self.hour), "hour"),
      "lanes": rules.enumerated().map { lane($1, number: $0, bars) },
    ]
  }

  private func lane(_ rule: String, number: Int, _ empty: Bars) -> ReportObject {
    let own = shown.filter { $0.rule.id == rule }
    let hidden = suppressed.filter { $0.rule.id == rule }
    let compromising = own.filter { $0.compromisedCount ?? 0 > 0 }
    var (all, bad) = (empty, empty)
    var (both, known) = (empty, empty)
    for episode in own { all.addSpan(episode.firstSeen, episode.lastSeen) }
    for episode in compromising { bad.addSpan(episode.firstSeen, episode.lastSeen) }
    for episode in hidden { known.addSpan(episode.firstSeen, episode.lastSeen) }
    for episode in own + hidden { both.addSpan(episode.firstSeen, episode.lastSeen) }
    let highest = both.highest
    var text = "\(ReportText.count(own.count, "episode"))"
    if !compromising.isEmpty { text += ", \(ReportText.number(compromising.count)) with compromised users" }
    if !hidden.isEmpty { text += ", \(ReportText.number(hidden.count)) more covered by exceptions" }
    if !own.isEmpty {
      text +=
        """
        ; first \(ReportText.minute(own[0].firstSeen)), most at once from \(ReportText.minute(all.peak)): \
        \(ReportText.number(all.highest))
        """
    }
    return [
      "number": number, "rule": rule, "text": text, "bars": all.path(highest: highest),
      "bad": bad.path(highest: highest), "known": known.path(highest: highest), "isEmpty": both.isEmpty,
    ]
  }
}
