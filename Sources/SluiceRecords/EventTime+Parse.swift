extension EventTime {
  /// Parses a time as logs and people write it: `2026-01-02T03:04:05.678Z`.
  ///
  /// Between date and time there is `T`, `t` or one space. The zone is `Z`, `z`, `+hh:mm`, `+hhmm` (or `-`); without
  /// one the time is UTC. Seconds are required, and digits after the milliseconds are cut off. The result is nil for
  /// any other text, and for days, hours, minutes and seconds that do not exist. Leap seconds do not exist either.
  public init?(utf8 text: Span<UInt8>) {
    guard text.count >= 19, let year = number(in: text, at: 0, digits: 4), text[4] == UInt8(ascii: "-"),
      let month = number(in: text, at: 5, digits: 2), text[7] == UInt8(ascii: "-"),
      let day = number(in: text, at: 8, digits: 2),
      text[10] == UInt8(ascii: "T") || text[10] == UInt8(ascii: "t") || text[10] == UInt8(ascii: " "),
      let hour = number(in: text, at: 11, digits: 2), text[13] == UInt8(ascii: ":"),
      let minute = number(in: text, at: 14, digits: 2), text[16] == UInt8(ascii: ":"),
      let second = number(in: text, at: 17, digits: 2), (1...12).contains(month), day >= 1,
      day <= Self.days(month: month, year: year), hour < 24, minute < 60, second < 60
    else { return nil }

    var i = 19
    var millisecond = 0
    if i < text.count, text[i] == UInt8(ascii: ".") {
      i += 1
      let start = i
      var unit = 100
      while i < text.count, let digit = digit(text[i]) {
        millisecond += digit * unit
        unit /= 10
        i += 1
      }
      guard i > start else { return nil }
    }
    guard let offset = zoneMinutes(text, from: i) else { return nil }
    let days = Self.daysSinceEpoch(year: year, month: month, day: day)
    let minutes = (days * 24 + hour) * 60 + minute - offset
    self.init(milliseconds: Int64(minutes * 60_000 + second * 1000 + millisecond))
    // An offset may move the time out of the years with four digits.
    guard (0...9999).contains(date.year) else { return nil }
  }

  /// Parses a time given by a user: as above, or a date alone, which means its midnight in UTC.
  public init?(userText: String) {
    for text in [userText, "\(userText)T00:00:00Z"] {
      if let time = EventTime(utf8: Array(text.utf8).span) {
        self = time
        return
      }
    }
    return nil
  }

  private static func days(month: Int, year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

@inline(__always)
private func digit(_ byte: UInt8) -> Int? {
  let value = byte &- UInt8(ascii: "0")
  return value < 10 ? Int(value) : nil
}

/// Returns the decimal number of exactly `digits` digits at `index`; nil if they are not all digits.
private func number(in text: Span<UInt8>, at index: Int, digits: Int) -> Int? {
  guard index + digits <= text.count else { return nil }
  var value = 0
  for i in index..<index + digits {
    guard let digit = digit(text[i]) else { return nil }
    value = value * 10 + digit
  }
  return value
}

/// Returns the minutes east of UTC; nil if the rest of the text is not a zone.
private func zoneMinutes(_ text: Span<UInt8>, from start: Int) -> Int? {
  let count = text.count - start
  if count == 0 { return 0 }
  let sign = text[start]
  if count == 1 { return sign == UInt8(ascii: "Z") || sign == UInt8(ascii: "z") ? 0 : nil }
  guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
  let minutesAt: Int
  switch count {
  case 5: minutesAt = 3
  case 6 where text[start + 3] == UInt8(ascii: ":"): minutesAt = 4
  default: return nil
  }
  guard let hours = number(in: text, at: start + 1, digits: 2),
    let minutes = number(in: text, at: start + minutesAt, digits: 2), hours < 24, minutes < 60
  else { return nil }
  return (hours * 60 + minutes) * (sign == UInt8(ascii: "-") ? -1 : 1)
}
