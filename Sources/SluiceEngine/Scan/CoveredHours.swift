import SluiceRecords

/// The hours, UTC, in which an event was seen, of the time asked for.
///
/// Hours are cut where the time asked for begins and ends, so that of the first and the last hour only the part that lies in it
/// counts. Both parts of an hour that is cut, and hours that are whole, are numbered in order of time.
///
/// Keeps ``countMax`` at most, since whoever writes a log chooses its times; if there are more, which ones is not known.
/// What is merged from several workers depends on all they saw only, not on who saw what.
struct CoveredHours: Sendable {
  /// A hundred years and more.
  static let countMax = 1 << 20
  private static let milliseconds: Int64 = 3_600_000

  private(set) var hours: Set<Int> = []
  private(set) var areTooMany = false
  /// Those asked for; the first and the one behind the last.
  private(set) var from: Int?
  private(set) var to: Int?
  /// Where hours are cut, ascending.
  private let cuts: [EventTime]

  init(from: EventTime? = nil, to: EventTime? = nil) {
    cuts = Set([from, to].compactMap { $0 }).filter { $0.milliseconds % Self.milliseconds != 0 }.sorted()
    self.from = from.map { number(of: $0) }
    self.to = to.map { number(of: $0) }
  }

  /// Hours that are not cut.
  init(whole hours: [Int], areTooMany: Bool) {
    self.init()
    self.hours = Set(hours)
    self.areTooMany = areTooMany
    limit()
  }

  /// The hour, or the part of one, in which a time lies. Without cuts hours are counted from 1970 on.
  func number(of time: EventTime) -> Int {
    Self.wholeHour(of: time) + cuts.count { $0 <= time }
  }

  private static func wholeHour(of time: EventTime) -> Int {
    let (hour, rest) = time.milliseconds.quotientAndRemainder(dividingBy: milliseconds)
    return Int(rest < 0 ? hour - 1 : hour)
  }

  /// Where an hour, or a part of one, begins.
  func start(of number: Int) -> EventTime {
    if let cut = cuts.first(where: { self.number(of: $0) == number }) { return cut }
    let hour = number - cuts.count { self.number(of: $0) < number }
    return EventTime(milliseconds: Int64(hour) * Self.milliseconds)
  }

  /// Where an hour ends, also if it is cut before.
  func endOfHour(_ number: Int) -> EventTime {
    EventTime(milliseconds: Int64(Self.wholeHour(of: start(of: number)) + 1) * Self.milliseconds)
  }

  /// Whether all times of the hour in which one lies have the same number.
  func isWhole(at time: EventTime) -> Bool {
    cuts.isEmpty || !cuts.contains { Self.wholeHour(of: $0) == Self.wholeHour(of: time) }
  }

  /// Whether nothing is gained by noting an hour.
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

  /// Notes hours that are not cut: of one of which only a part is asked for that part, as nothing more is known.
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

/// From one hour, by number, to another, both included.
struct HourRange: Equatable, Sendable {
  var first: Int
  var last: Int
}
