/// Values of a threshold: equally spaced decimal numbers from the lower bound, including the upper bound if a step
/// meets it.
///
/// Values are counted in units of their last decimal place, so that ten steps of 0.1 are exactly 1.
package struct ThresholdRange: Equatable, Sendable {
  /// First value, in units.
  private let first: Int
  private let step: Int
  package let count: Int
  /// Decimal places of a unit.
  private let places: Int

  package static let countMax = 10_000
  /// Maximum units. A double distinguishes all decimal numbers of fifteen digits.
  private static let unitsMax = 1_000_000_000_000_000

  /// Parses `10..30` or `0.5..0.9 step 0.1`. Whole numbers have step 1 by default.
  init(_ text: Substring) throws(ThresholdError) {
    guard
      let match = text.wholeMatch(
        of:
          #/\s*(-?[0-9]+(?:\.[0-9]+)?)\s*\.\.\s*(-?[0-9]+(?:\.[0-9]+)?)(?:\s+step\s+([0-9]+(?:\.[0-9]+)?))?\s*/#
      )
    else { throw ThresholdError("'\(text)' is no range of values, such as 10..30 or 0.5..0.9 step 0.1") }
    let (_, from, to, stepText) = match.output
    let places = [from, to, stepText ?? ""].map(Self.places).max() ?? 0
    guard stepText != nil || places == 0 else {
      throw ThresholdError(
        "a range of numbers that are not whole needs a step, such as \(from)..\(to) step 0.1")
    }
    func units(_ text: Substring) throws(ThresholdError) -> Int {
      let missing = String(repeating: "0", count: min(places - Self.places(text), 16))
      guard places <= 15, let number = Int(text.replacing(".", with: "") + missing),
        number.magnitude <= Self.unitsMax
      else { throw ThresholdError("the numbers of '\(text)' have more than fifteen digits together") }
      return number
    }
    let (low, high) = (try units(from), try units(to))
    step = try units(stepText ?? "1")
    guard step > 0 else { throw ThresholdError("a step is more than 0") }
    guard low <= high else { throw ThresholdError("the range \(from)..\(to) is empty") }
    count = (high - low) / step + 1
    guard count <= Self.countMax else { throw ThresholdError("these are more than \(Self.countMax) values") }
    first = low
    self.places = places
  }

  private static func places(_ text: Substring) -> Int {
    text.firstIndex(of: ".").map { text.distance(from: $0, to: text.endIndex) - 1 } ?? 0
  }

  /// Returns a value in decimal notation, with as many places as the range was given with.
  package func text(_ index: Int) -> String {
    let units = first + index * step
    let digits = String(units.magnitude)
    let sign = units < 0 ? "-" : ""
    if places == 0 { return sign + digits }
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    return "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
  }

  /// Values as doubles, equal to those that a rule's text would give.
  package var values: [Double] { (0..<count).map { Double(text($0)) ?? .nan } }
}

/// Error in a requested threshold range.
package struct ThresholdError: Error, CustomStringConvertible {
  package var description: String

  init(_ description: String) { self.description = description }
}
