/// Durations as rules files and options write them: `15m`, `1h30m`, `500ms`. Values are in milliseconds.
package enum DurationText {
  /// A little more than ten years; sums of longer times could overflow.
  static let millisecondsMax: Int64 = 3660 * 86_400_000

  private static let units: [(name: String, milliseconds: Int64)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
  ]

  /// Parses a duration; nil if the text is not a duration, is zero or exceeds ``millisecondsMax``.
  package static func milliseconds(_ text: String) -> Int64? {
    var sum: Int64 = 0
    var rest = Substring(text)
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(digits.count)
      let name = rest.prefix { $0.isASCII && $0.isLetter }
      rest = rest.dropFirst(name.count)
      guard digits.count <= 12, let number = Int64(digits),
        let unit = units.first(where: { $0.name == name })
      else { return nil }
      let (part, overflows) = number.multipliedReportingOverflow(by: unit.milliseconds)
      guard !overflows, part <= millisecondsMax else { return nil }
      sum += part
      guard sum <= millisecondsMax else { return nil }
    }
    return sum > 0 ? sum : nil
  }

  package static func text(_ milliseconds: Int64) -> String {
    var rest = milliseconds
    var text = ""
    for (name, length) in units where rest >= length {
      text += "\(rest / length)\(name)"
      rest %= length
    }
    return text.isEmpty ? "0s" : text
  }
}

extension Window {
  /// The window, as lists of rules show it.
  var text: String {
    switch self {
    case .hopping(let length, let slide) where length == slide: DurationText.text(length)
    case .hopping(let length, let slide): "\(DurationText.text(length)) every \(DurationText.text(slide))"
    case .session(let keepAlive, let maximum) where keepAlive >= maximum:
      "session of at most \(DurationText.text(maximum))"
    case .session(let keepAlive, let maximum):
      "session, \(DurationText.text(keepAlive)) idle, \(DurationText.text(maximum)) at most"
    case .whole: "whole range"
    }
  }
}
