import SluiceRecords

/// The hours, UTC, in which an event was seen, of those that lie wholly in the time asked for.
///
/// Keeps ``countMax`` at most, since whoever writes a log chooses its times; if there are more, which ones is not known.
/// What is merged from several workers depends on all they saw only, not on who saw what.
struct HoursSeen: Sendable {
  /// A hundred years and more.
  static let countMax = 1 << 20
  static let milliseconds: Int64 = 3_600_000

  /// By number, from 1970 on.
  private(set) var hours: Set<Int> = []
  private(set) var areTooMany = false
  /// Those asked for; the first and the one behind the last.
  let from: Int?
  let to: Int?

  init(from: EventTime? = nil, to: EventTime? = nil) {
    self.from = from.map { Self.hour(of: EventTime(milliseconds: $0.milliseconds + Self.milliseconds - 1)) }
    self.to = to.map { Self.hour(of: $0) }
  }

  static func hour(of time: EventTime) -> Int {
    let (hour, rest) = time.milliseconds.quotientAndRemainder(dividingBy: milliseconds)
    return Int(rest < 0 ? hour - 1 : hour)
  }

  /// Whether nothing is gained by noting an hour.
  func needsNo(_ hour: Int) -> Bool {
    areTooMany || hours.contains(hour) || from.map { hour < $0 } ?? false || to.map { hour >= $0 } ?? false
  }

  mutating func note(_ hour: Int) {
    guard !needsNo(hour) else { return }
    hours.insert(hour)
    limit()
  }

  mutating func merge(_ other: HoursSeen) {
    areTooMany = areTooMany || other.areTooMany
    hours.formUnion(other.hours)
    limit()
  }

  private mutating func limit() {
    guard areTooMany || hours.count > Self.countMax else { return }
    areTooMany = true
    hours = []
  }
}

/// From one hour, by number, to another, both included.
struct HourSpan: Equatable, Sendable {
  var first: Int
  var last: Int
}
