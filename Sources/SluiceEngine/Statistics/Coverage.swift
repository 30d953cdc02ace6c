import SluiceRecords

/// The hours of the scanned time in which no event was seen.
///
/// It extends from the UTC hour of the first event to the UTC hour of the last. With `--from` and `--to` it is the time
/// between them. A partial hour at either end counts as an hour. ``TimeSampler`` says which events are seen.
package struct Coverage: Sendable {
  private let seen: CoveredHours
  /// The range of hour numbers; nil if no event was seen or there are too many hours to store.
  private let span: Range<Int>?
  /// Maximal ranges of consecutive hours without an event, ascending.
  private let emptyHours: [Range<Int>]
  /// Whether the hours with events are too many to store, so that the empty hours are unknown.
  package let areTooMany: Bool

  init(_ seen: CoveredHours) {
    self.seen = seen
    let hours = seen.hours.sorted()
    areTooMany = seen.areTooMany
    let from = seen.from ?? hours.first
    let to = seen.to ?? hours.last.map { $0 + 1 }
    guard !seen.areTooMany, let from, let to, from < to else {
      span = nil
      emptyHours = []
      return
    }
    span = from..<to
    var empty: [Range<Int>] = []
    var next = from
    for hour in hours {
      if next < hour { empty.append(next..<hour) }
      next = hour + 1
    }
    if next < to { empty.append(next..<to) }
    emptyHours = empty
  }

  /// The start of the first hour, and in `to` the end of the last.
  package var from: EventTime? { span.map { seen.start(of: $0.lowerBound) } }
  package var to: EventTime? { span.map { seen.start(of: $0.upperBound) } }
  package var hourCount: Int { span?.count ?? 0 }
  package var emptyHourCount: Int { emptyHours.reduce(0) { $0 + $1.count } }
  package var empty: [(from: EventTime, to: EventTime)] {
    emptyHours.map { (seen.start(of: $0.lowerBound), seen.start(of: $0.upperBound)) }
  }

  private static let stretchesShownMax = 10

  /// One line for people; nil if there is nothing to report.
  package var text: SafeText? {
    if areTooMany {
      return
        "Hours without any event are not known: the events lie in more than \(CoveredHours.countMax) different hours."
    }
    guard span != nil else { return nil }
    let shown = empty.prefix(Self.stretchesShownMax).map { from, to -> SafeText in
      "\(Self.minute(from)) to \(Self.minute(to, after: from))"
    }
    let more = emptyHours.count - shown.count
    let list = SafeText.joined(
      shown + (more > 0 ? ["and \(NumberFormat.count(more, "more stretch", "more stretches"))"] : []),
      separator: ", ")
    let count: SafeText = "Hours without any event seen: \(emptyHourCount) of \(hourCount)"
    return shown.isEmpty ? "\(count)." : "\(count): \(list)."
  }

  /// Formats `2026-01-05 03:00`, or `05:00` on the same day as another time. Seconds appear only if they are not 0.
  private static func minute(_ time: EventTime, after other: EventTime? = nil) -> String {
    let day = time.description.prefix(10)
    var clock = time.description.dropFirst(11).dropLast()
    if clock.hasSuffix(".000") { clock = clock.dropLast(4) }
    if clock.hasSuffix(":00"), clock.count > 5 { clock = clock.dropLast(3) }
    return other?.description.prefix(10) == day ? String(clock) : "\(day) \(clock)"
  }
}
