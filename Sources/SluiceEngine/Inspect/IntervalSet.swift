import SluiceRecords

/// Times as intervals without a gap: successive times of an interval are at most `gapMilliseconds` apart.
///
/// Times of two intervals are further apart. The set therefore knows the gaps of times to the millisecond, without
/// keeping the times, which may come in any order.
///
/// The result is exact. A time within an interval, or at most the gap away from its ends, belongs to it whatever comes
/// later. Any other time belongs to none of the present intervals.
///
/// - Complexity: one comparison per time if times are roughly in order, and an occasional sort of all intervals. Memory
///   holds the intervals and, until the next coalescing, as many again. More than ``countMax`` intervals are discarded,
///   and the gaps are unknown then. (The writer of a log chooses its times.)
package struct IntervalSet: Sendable {
  struct Stretch: Sendable {
    var first: Int64
    var last: Int64
  }

  package struct Gap: Sendable, Equatable {
    /// The time before the gap and the time after it.
    package var from: EventTime
    package var to: EventTime

    package var milliseconds: Int64 { to.milliseconds - from.milliseconds }
  }

  package static let countMax = 1 << 20
  private static let waitingCountMin = 4096

  let gapMilliseconds: Int64
  /// Disjoint intervals in ascending order, without the waiting ones.
  private var coalesced: [Stretch] = []
  private var waiting: [Stretch] = []
  /// Interval of the last time.
  private var current: Stretch?
  private var first: Int64?
  private var last: Int64?
  private(set) var areTooMany = false

  init(gapMilliseconds: Int64) { self.gapMilliseconds = gapMilliseconds }

  mutating func add(_ time: EventTime) {
    let time = time.milliseconds
    if let stretch = current, stretch.first - gapMilliseconds <= time, time <= stretch.last + gapMilliseconds
    {
      if time < stretch.first { current?.first = time }
      if time > stretch.last { current?.last = time }
      return
    }
    add(Stretch(first: time, last: time))
  }

  /// Adds all times of another file.
  mutating func add(_ other: IntervalSet) {
    for stretch in other.coalesced + other.waiting { add(stretch) }
    if let stretch = other.current { add(stretch) }
    if let first = other.first { self.first = min(self.first ?? first, first) }
    if let last = other.last { self.last = max(self.last ?? last, last) }
    areTooMany = areTooMany || other.areTooMany
  }

  private mutating func add(_ stretch: Stretch) {
    keepCurrent()
    current = stretch
    if waiting.count >= max(Self.waitingCountMin, coalesced.count) { coalesce() }
  }

  private mutating func keepCurrent() {
    guard let stretch = current else { return }
    first = min(first ?? stretch.first, stretch.first)
    last = max(last ?? stretch.last, stretch.last)
    waiting.append(stretch)
    current = nil
  }

  /// Merges waiting and coalesced intervals.
  private mutating func coalesce() {
    let all = (coalesced + waiting).sorted { $0.first < $1.first }
    coalesced.removeAll(keepingCapacity: true)
    waiting.removeAll(keepingCapacity: true)
    for stretch in all {
      if let before = coalesced.last, stretch.first <= before.last + gapMilliseconds {
        coalesced[coalesced.count - 1].last = max(before.last, stretch.last)
      } else {
        coalesced.append(stretch)
      }
    }
    guard areTooMany || coalesced.count > Self.countMax else { return }
    areTooMany = true
    coalesced = []
  }

  /// Ends the input. The properties below then include all added times.
  mutating func finish() {
    keepCurrent()
    coalesce()
  }

  /// First time; nil if there are no times.
  package var firstTime: EventTime? { first.map { EventTime(milliseconds: $0) } }
  package var lastTime: EventTime? { last.map { EventTime(milliseconds: $0) } }

  /// Gaps in ascending order; nil if there are too many.
  package var gaps: [Gap]? {
    if areTooMany { return nil }
    return zip(coalesced, coalesced.dropFirst()).map { before, after in
      Gap(from: EventTime(milliseconds: before.last), to: EventTime(milliseconds: after.first))
    }
  }
}
