/// Formatting of numbers for people.
package enum NumberFormat {
  /// Formats a count: `1 file`, `2 files`.
  package static func count(_ number: some BinaryInteger, _ noun: String, _ plural: String? = nil) -> String {
    "\(number) \(form(number, noun, plural))"
  }

  /// Returns the noun in the form for a number: `file` or `files`. Only a plural that is not the noun and an "s" must
  /// be given.
  package static func form(_ number: some BinaryInteger, _ noun: String, _ plural: String? = nil) -> String {
    number == 1 ? noun : plural ?? noun + "s"
  }

  /// Formats a number of bytes: `1.23 MB`. Units are decimal.
  package static func bytes(_ number: Int) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB"]
    var value = Double(number)
    var unit = 0
    while value >= 1000, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    return unit == 0 ? count(number, "byte") : "\(fixed(value, value < 10 ? 2 : 1)) \(units[unit])"
  }

  /// Formats a number with `digits` digits after the point, rounded. - Precondition: it is not negative, and the
  /// scaled number fits an `Int`.
  package static func fixed(_ value: Double, _ digits: Int) -> String {
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    let scaled = Int((value * scale).rounded())
    if digits == 0 { return String(scaled) }
    let fraction = String(scaled % Int(scale))
    return "\(scaled / Int(scale)).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
  }
}
