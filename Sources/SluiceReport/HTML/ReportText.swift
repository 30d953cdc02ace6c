import SluiceEngine
import SluiceRecords

/// Values formatted for the page.
enum ReportText {
  /// Formats `1,234,567`.
  static func number(_ number: Int) -> String {
    var digits = String(number.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
  }

  /// Formats `1 file`, `1,234 files`.
  static func count(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
    "\(number(count)) \(NumberFormat.form(count, noun, plural))"
  }

  /// Formats `2026-01-05 10:00:07`, UTC.
  static func second(_ time: EventTime) -> String {
    String(time.description.prefix { $0 != "." }.map { $0 == "T" ? " " : $0 })
  }

  /// Formats `2026-01-05 10:00`, UTC.
  static func minute(_ time: EventTime) -> String { String(second(time).dropLast(3)) }

  static func value(_ value: Value) -> String {
    switch value {
    case .null: "none"
    case .bool(let truth): truth ? "yes" : "no"
    case .integer(let number): String(number)
    case .double(let number): String(number)
    case .text(let text): text.description
    case .time(let time): second(time)
    case .address(let address): address.description
    case .list(let values): values.map(Self.value).joined(separator: ", ")
    }
  }

  private static let listedMax = 24
  /// The maximum length of a list in half the width; longer lists take the whole width.
  private static let narrowMax = 4

  /// Returns a list, cut if it is long: `label`, `count`, `items`, `isWide`, and in `more` the number of omitted items.
  static func list(_ label: String, _ items: [String]) -> ReportObject? {
    if items.isEmpty { return nil }
    var object: ReportObject = [
      "label": label, "count": number(items.count), "items": Array(items.prefix(listedMax)),
      "isWide": items.count > narrowMax,
    ]
    if items.count > listedMax { object["more"] = number(items.count - listedMax) }
    return object
  }
}
