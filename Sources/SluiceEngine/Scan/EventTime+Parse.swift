import SluiceRecords

extension EventTime {
  /// Parses a time as logs and people write it: `2026-01-02T03:04:05.678Z`.
  ///
  /// Between date and time there is `T`, `t` or one space. The zone is `Z`, `z`, `+hh:mm`, `+hhmm` (or `-`); without
  /// one the time is UTC. Seconds are required, and digits after the milliseconds are cut off. The result is nil for
  /// any other text, and for days, hours, minutes and seconds that do not exist. Leap seconds do not exist either.
  init?(_ text: UnsafeBytes) {
    guard text.count >= 19, let year = text.number(at: 0, digits: 4), text[4] == UInt8(ascii: "-"),
      let month = text.number(at: 5, digits: 2), text[7] == UInt8(ascii: "-"),
      let day = text.number(at: 8, digits: 2),
      text[10] == UInt8(ascii: "T") || text[10] == UInt8(ascii: "t") || text[10] == UInt8(ascii: " "),
      let hour = text.number(at: 11, digits: 2), text[13] == UInt8(ascii: ":"),
      let minute = text.number(at: 14, digits: 2), text[16] == UInt8(ascii: ":"),
      let second = text.number(at: 17, digits: 2), (1...12).contains(month), day >= 1,
      day <= Self.days(month: month, year: year), hour < 24, minute < 60, second < 60
    else { return nil }

    var i = 19
    var millisecond = 0
    if i < text.count, text[i] == UInt8(ascii: ".") {
      i += 1
      let start = i
      var unit = 100
      while i < text.count, isDigit(text[i]) {
        millisecond += Int(text[i] - UInt8(ascii: "0")) * unit
        unit /= 10
        i += 1
      }
      guard i > start else { return nil }
    }
    guard let offset = Self.zoneMinutes(text[i..<text.count]) else { return nil }
    let days = Self.daysSinceEpoch(year: year, month: month, day: day)
    let minutes = (days * 24 + hour) * 60 + minute - offset
    self.init(milliseconds: Int64(minutes * 60_000 + second * 1000 + millisecond))
    // An offset may move the time out of the years with four digits.
    guard (0...9999).contains(date.year) else { return nil }
  }

  /// Parses a time given by a user: as above, or a date alone, which means its midnight in UTC.
  package init?(userText: String) {
    let time: EventTime? = withBytes(Array(userText.utf8)) { EventTime($0) }
    guard let time = time ?? withBytes(Array("\(userText)T00:00:00Z".utf8), { EventTime($0) }) else {
      return nil
    }
    self = time
  }

  private static func days(month: Int, year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Returns the minutes east of UTC; nil if the text is not a zone.
  private static func zoneMinutes(_ text: UnsafeBytes) -> Int? {
    if text.isEmpty { return 0 }
    let sign = text[0]
    if text.count == 1 { return sign == UInt8(ascii: "Z") || sign == UInt8(ascii: "z") ? 0 : nil }
    guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
    let minutesAt: Int
    switch text.count {
    case 5: minutesAt = 3
    case 6 where text[3] == UInt8(ascii: ":"): minutesAt = 4
    default: return nil
    }
    guard let hours = text.number(at: 1, digits: 2), let minutes = text.number(at: minutesAt, digits: 2),
      hours < 24, minutes < 60
    else { return nil }
    return (hours * 60 + minutes) * (sign == UInt8(ascii: "-") ? -1 : 1)
  }
}
