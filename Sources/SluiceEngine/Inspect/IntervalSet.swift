import SluiceRecords

/// Times as stretches without a gap: between two successive times of a stretch no more passes than `gapMilliseconds`, between
/// two stretches more. So the gaps of times that come in any order are known, to the millisecond, without keeping the times.
///
/// Exact, since a time that lies within a stretch, or no further than the gap from its ends, belongs to it, whatever comes
/// later, and a time that does not belongs to none of those that are there.
///
/// Costs a comparison a time, where times are about in order, and at most a sort of all stretches now and then. Keeps the
/// stretches and, until they are next put together, as many times again; at most ``countMax`` stretches, or else none: the
/// gaps are not known then. (Whoever writes a log chooses its times.)
struct IntervalSet: Sendable {
  struct Stretch: Sendable {
    var first: Int64
    var last: Int64
  }

  struct Gap: Sendable, Equatable {
    /// The time before it and the one behind it.
    var from: EventTime
    var to: EventTime

    var milliseconds: Int64 { to.milliseconds - from.milliseconds }
  }

  static let countMax = 1 << 20
  private static let waitingCountMin = 4096

  let gapMilliseconds: Int64
  /// Apart from each other, ascending, but for those that wait.
  private var coalesced: [Stretch] = []
  private var waiting: [Stretch] = []
  /// The one to which the last time belongs.
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

  /// Puts together what waits and what has been put together before.
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

  /// Says that there are no more times: what is asked below is of all that were added.
  mutating func finish() {
    keepCurrent()
    coalesce()
  }

  /// nil without any time.
  var firstTime: EventTime? { first.map { EventTime(milliseconds: $0) } }
  var lastTime: EventTime? { last.map { EventTime(milliseconds: $0) } }

  /// Ascending; nil if they are too many.
  var gaps: [Gap]? {
    if areTooMany { return nil }
    return zip(coalesced, coalesced.dropFirst()).map { before, after in
      Gap(from: EventTime(milliseconds: before.last), to: EventTime(milliseconds: after.first))
    }
  }
}
