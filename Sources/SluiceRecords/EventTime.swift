/// A point in event time: whole milliseconds since 1970-01-01T00:00:00Z, UTC.
///
/// Archives contain times as text, which the scanner parses. This type stores the result and writes it in the one form
/// that every output uses: `2026-01-05T10:00:00.000Z`.
public struct EventTime: Hashable, Comparable, Sendable {
  public var milliseconds: Int64

  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  public static func < (a: Self, b: Self) -> Bool { a.milliseconds < b.milliseconds }

  /// Returns the days from 1970-01-01 to a date of the proleptic Gregorian calendar.
  ///
  /// The year is counted from March, so that the leap day is its last. The months from March on then start at
  /// `(153 m + 2) / 5` days (Hinnant, "chrono-compatible low-level date algorithms").
  public static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
    let y = month <= 2 ? year - 1 : year
    let era = floorDivide(y, 400)
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// The year, month and day, UTC.
  public var date: (year: Int, month: Int, day: Int) {
    let z = Self.floorDivide(Int(milliseconds), 86_400_000) + 719_468
    let era = Self.floorDivide(z, 146_097)
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
  }

  /// The milliseconds since midnight, UTC; never negative.
  public var millisecondOfDay: Int {
    Int(milliseconds) - Self.floorDivide(Int(milliseconds), 86_400_000) * 86_400_000
  }

  static func floorDivide(_ a: Int, _ b: Int) -> Int {
    a >= 0 ? a / b : -((-a + b - 1) / b)
  }
}

extension EventTime: CustomStringConvertible {
  /// The form `2026-01-05T10:00:00.000Z`: always UTC, always three decimals of a second.
  public var description: String {
    let (year, month, day) = date
    let ms = millisecondOfDay
    func pad(_ value: Int, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return pad(year, 4) + "-" + pad(month, 2) + "-" + pad(day, 2) + "T" + pad(ms / 3_600_000, 2) + ":"
      + pad(ms / 60_000 % 60, 2) + ":" + pad(ms / 1000 % 60, 2) + "." + pad(ms % 1000, 3) + "Z"
  }
}
