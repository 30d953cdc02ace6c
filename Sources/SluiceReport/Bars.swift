import SluiceRecords

/// A bar chart's geometry: counts over time, in bins of one length.
///
/// The drawing is stretched to the page's width, so it holds bars alone; what is to be read stands beside it as text.
struct Bars {
  static let height = 40
  static let binCountMax = 240

  let start: EventTime
  /// Milliseconds; a multiple of the unit.
  let binLength: Int64
  private(set) var counts: [Int]

  /// - Parameter unit: milliseconds that a bin has at least, and a multiple of.
  init(from: EventTime, to: EventTime, unit: Int64) {
    start = from
    let length = max(1, to.milliseconds - from.milliseconds)
    let unitCount = (length + unit - 1) / unit
    let unitsPerBin = (unitCount + Int64(Self.binCountMax) - 1) / Int64(Self.binCountMax)
    binLength = unit * unitsPerBin
    counts = Array(repeating: 0, count: Int((unitCount + unitsPerBin - 1) / unitsPerBin))
  }

  /// The bin of a moment, or the nearest.
  func bin(of time: EventTime) -> Int {
    let offset = (time.milliseconds - start.milliseconds) / binLength
    return Int(min(max(0, offset), Int64(counts.count - 1)))
  }

  mutating func add(_ count: Int, at time: EventTime) { counts[bin(of: time)] += count }

  /// Counts one in every bin that a span touches.
  mutating func addSpan(_ from: EventTime, _ to: EventTime) {
    for index in bin(of: from)...max(bin(of: from), bin(of: to)) { counts[index] += 1 }
  }

  var highest: Int { counts.max() ?? 0 }
  var isEmpty: Bool { highest == 0 }

  /// Where the highest bin begins.
  var peak: EventTime {
    let index = counts.firstIndex(of: highest) ?? 0
    return EventTime(milliseconds: start.milliseconds + Int64(index) * binLength)
  }

  /// Data of an SVG path: bars that stand on the bottom, of ``height`` for `highest`, none too low to be seen.
  ///
  /// - Parameter isSolid: whether bars side by side touch.
  func path(highest: Int, isSolid: Bool = false) -> String {
    let width = isSolid ? "1" : ".9"
    var path = ""
    for (index, count) in counts.enumerated() where count > 0 {
      let tall = max(3, count * Self.height / max(1, highest))
      path += "M\(index) \(Self.height)v-\(tall)h\(width)v\(tall)z"
    }
    return path
  }
}
