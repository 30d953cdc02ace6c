import SluiceRecords

/// The hours, in UTC, of the scanned time in which an event was seen.
///
/// Hours are cut where the scanned time begins and ends, so that only the part inside it counts. Whole hours, and
/// both parts of a cut hour, are numbered in order of time.
///
/// At most ``countMax`` hours are kept, because the writer of a log chooses its times. If there are more, none is
/// known. The merged hours of several workers depend only on all events seen, not on which worker saw which.
struct CoveredHours: Sendable {
  /// More than a hundred years.
  static let countMax = 1 << 20
  private static let milliseconds: Int64 = 3_600_000

  private(set) var hours: Set<Int> = []
  private(set) var areTooMany = false
  /// Number of the first hour asked for; `to` is the number after the last.
  private(set) var from: Int?
  private(set) var to: Int?
  /// Times at which hours are cut, ascending.
  private let cuts: [EventTime]

  init(from: EventTime? = nil, to: EventTime? = nil) {
    cuts = Set([from, to].compactMap { $0 }).filter { $0.milliseconds % Self.milliseconds != 0 }.sorted()
    self.from = from.map { number(of: $0) }
    self.to = to.map { number(of: $0) }
  }

  /// Creates hours that are not cut.
  init(whole hours: [Int], areTooMany: Bool) {
    self.init()
    self.hours = Set(hours)
    self.areTooMany = areTooMany
    limit()
  }

  /// Returns the number of the hour, or of the part of an hour, that contains a time. Without cuts, hours are counted
  /// from 1970.
  func number(of time: EventTime) -> Int {
    Self.wholeHour(of: time) + cuts.count { $0 <= time }
  }

  private static func wholeHour(of time: EventTime) -> Int {
    let (hour, rest) = time.milliseconds.quotientAndRemainder(dividingBy: milliseconds)
    return Int(rest < 0 ? hour - 1 : hour)
  }

  /// Returns the time at which an hour, or a part of one, begins.
  func start(of number: Int) -> EventTime {
    if let cut = cuts.first(where: { self.number(of: $0) == number }) { return cut }
    let hour = number - cuts.count { self.number(of: $0) < number }
    return EventTime(milliseconds: Int64(hour) * Self.milliseconds)
  }

  /// Returns the time at which an hour ends, even if it is cut before.
  func endOfHour(_ number: Int) -> EventTime {
    EventTime(milliseconds: Int64(Self.wholeHour(of: start(of: number)) + 1) * Self.milliseconds)
  }

  /// Returns whether all times in the hour of a given time have the same number.
  func isWhole(at time: EventTime) -> Bool {
    cuts.isEmpty || !cuts.contains { Self.wholeHour(of: $0) == Self.wholeHour(of: time) }
  }

  /// Returns whether noting an hour would change nothing.
  func ignores(_ hour: Int) -> Bool {
    areTooMany || hours.contains(hour) || from.map { hour < $0 } ?? false || to.map { hour >= $0 } ?? false
  }

  mutating func note(_ hour: Int) {
    guard !ignores(hour) else { return }
    hours.insert(hour)
    limit()
  }

  mutating func merge(_ other: CoveredHours) {
    areTooMany = areTooMany || other.areTooMany
    hours.formUnion(other.hours)
    limit()
  }

  /// Notes hours that are not cut. If only part of such an hour is asked for, that part is noted, because no more is
  /// known.
  mutating func noteWhole(_ other: CoveredHours) {
    areTooMany = areTooMany || other.areTooMany
    for hour in other.hours {
      let start = EventTime(milliseconds: Int64(hour) * Self.milliseconds)
      let next = EventTime(milliseconds: start.milliseconds + Self.milliseconds)
      note(number(of: cuts.first { start < $0 && $0 < next && number(of: $0) == from } ?? start))
    }
    limit()
  }

  private mutating func limit() {
    guard areTooMany || hours.count > Self.countMax else { return }
    areTooMany = true
    hours = []
  }
}

/// A range of hours by number, both ends included.
struct HourRange: Equatable, Sendable {
  var first: Int
  var last: Int
}
