import SluiceRecords

/// Parses a time: date, `T`, `t` or one space, time of day with seconds, an optional fraction and an optional zone.
///
/// The zone is `Z`, `z`, `+hh:mm` or `+hhmm` (either sign); without a zone the time is UTC. Anything else gives nil.
/// Digits after the milliseconds are truncated. It is package for the tests.
package func referenceTime(_ text: LogText) -> EventTime? {
  var rest = text.bytes[...]
  /// Returns the number in the next `count` bytes if all are digits.
  func digits(_ count: Int) -> Int? {
    guard rest.count >= count, rest.prefix(count).allSatisfy(isDigit) else { return nil }
    defer { rest = rest.dropFirst(count) }
    return Int(String(decoding: rest.prefix(count), as: UTF8.self))
  }
  func take(oneOf characters: String) -> UInt8? {
    guard let first = rest.first, characters.utf8.contains(first) else { return nil }
    return rest.removeFirst()
  }

  guard let year = digits(4), take(oneOf: "-") != nil, let month = digits(2), take(oneOf: "-") != nil,
    let day = digits(2), take(oneOf: "Tt ") != nil, let hour = digits(2), take(oneOf: ":") != nil,
    let minute = digits(2), take(oneOf: ":") != nil, let second = digits(2)
  else { return nil }
  guard (1...12).contains(month), day >= 1, day <= dayCount(year: year, month: month), hour < 24, minute < 60,
    second < 60
  else { return nil }

  var millisecond = 0
  if take(oneOf: ".") != nil {
    let fraction = rest.prefix(while: isDigit)
    guard !fraction.isEmpty else { return nil }
    rest = rest.dropFirst(fraction.count)
    let three = String(decoding: fraction.prefix(3), as: UTF8.self)
    millisecond = Int(three + String(repeating: "0", count: 3 - three.count))!
  }

  var offsetMinutes = 0
  if let sign = take(oneOf: "+-") {
    guard let hours = digits(2), hours < 24 else { return nil }
    _ = take(oneOf: ":")
    guard let minutes = digits(2), minutes < 60 else { return nil }
    offsetMinutes = (hours * 60 + minutes) * (sign == UInt8(ascii: "-") ? -1 : 1)
  } else {
    _ = take(oneOf: "Zz")
  }
  guard rest.isEmpty else { return nil }

  let minutes = (dayNumber(year: year, month: month, day: day) * 24 + hour) * 60 + minute - offsetMinutes
  let milliseconds = (minutes * 60 + second) * 1000 + millisecond
  // The years 0000 to 9999; an offset may lead outside them.
  guard (-62_167_219_200_000..<253_402_300_800_000).contains(milliseconds) else { return nil }
  return EventTime(milliseconds: Int64(milliseconds))
}

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

private func isLeap(_ year: Int) -> Bool { year % 4 == 0 && year % 100 != 0 || year % 400 == 0 }

private func dayCount(year: Int, month: Int) -> Int {
  [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
}

/// Returns the days from 1970-01-01 by counting years and months.
private func dayNumber(year: Int, month: Int, day: Int) -> Int {
  var days = day - 1
  for earlier in 1..<month { days += dayCount(year: year, month: earlier) }
  if year >= 1970 {
    for earlier in 1970..<year { days += isLeap(earlier) ? 366 : 365 }
  } else {
    for later in year..<1970 { days -= isLeap(later) ? 366 : 365 }
  }
  return days
}
