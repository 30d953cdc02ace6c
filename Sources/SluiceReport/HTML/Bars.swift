import SluiceRecords

/// The geometry of a bar chart: counts over time, in bins of equal length.
///
/// The drawing is stretched to the page's width, so it contains only bars; labels are text next to it.
struct Bars {
  static let height = 40
  static let binCountMax = 240

  let start: EventTime
  /// The length in milliseconds; a multiple of the unit.
  let binLength: Int64
  private(set) var counts: [Int]

  /// - Parameter unit: the minimum bin length in milliseconds; the length is a multiple of it.
  init(from: EventTime, to: EventTime, unit: Int64) {
    start = from
    let length = max(1, to.milliseconds - from.milliseconds)
    let unitCount = (length + unit - 1) / unit
    let unitsPerBin = (unitCount + Int64(Self.binCountMax) - 1) / Int64(Self.binCountMax)
    binLength = unit * unitsPerBin
    counts = Array(repeating: 0, count: Int((unitCount + unitsPerBin - 1) / unitsPerBin))
  }

  /// Returns the bin of a time, or the nearest bin.
  func bin(of time: EventTime) -> Int {
    let offset = (time.milliseconds - start.milliseconds) / binLength
    return Int(min(max(0, offset), Int64(counts.count - 1)))
  }

  mutating func add(_ count: Int, at time: EventTime) { counts[bin(of: time)] += count }

  /// Adds one to every bin that a time range touches.
  mutating func addSpan(_ from: EventTime, _ to: EventTime) {
    for index in bin(of: from)...max(bin(of: from), bin(of: to)) { counts[index] += 1 }
  }

  var highest: Int { counts.max() ?? 0 }
  var isEmpty: Bool { highest == 0 }

  /// The start of the highest bin.
  var peak: EventTime {
    let index = counts.firstIndex(of: highest) ?? 0
    return EventTime(milliseconds: start.milliseconds + Int64(index) * binLength)
  }

  /// Returns the data of an SVG path: bars from the bottom up, of ``height`` for `highest` and always visible.
  ///
  /// - Parameter isSolid: whether neighbouring bars touch.
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
