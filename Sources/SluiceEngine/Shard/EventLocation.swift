/// The location of a line in an archive.
struct EventLocation: Hashable, Comparable, Sendable {
  /// Number of the file.
  var file: Int
  /// Offset in the file of the block in which the line starts. In plain text it is that of the line itself, and in
  /// gzip or zstd that of the whole member or frame. nil where only the file is known.
  var offset: Int?

  static func < (a: Self, b: Self) -> Bool { (a.file, a.offset ?? -1) < (b.file, b.offset ?? -1) }
}

/// A table that numbers the locations of one worker's observations, so that the numbers fit into observations.
///
/// Observations come in the order of the text, so a location is added only if it differs from the last one. There are
/// as many locations as blocks with observations, or in plain text as observations, of 16 bytes each. When most
/// numbers are used up, locations become whole files. After the last number, locations are unknown.
final class EventLocationTable: @unchecked Sendable {  // Others read it once its worker has ended.
  /// Locations by number. The offset is -1 if there is none.
  private var locations: [(file: Int, offset: Int)] = []
  private let countMax: Int

  /// - Parameter countMax: how many numbers there are, at most as many as observations can contain.
  init(countMax: Int = Observation.locationCountMax) {
    precondition(countMax <= Observation.locationCountMax)
    self.countMax = countMax
  }

  func number(file: Int, offset: Int) -> UInt32 { number(of: EventLocation(file: file, offset: offset)) }

  func number(of location: EventLocation) -> UInt32 {
    var location = location
    if locations.count >= countMax / 8 * 7 { location.offset = nil }
    let stored = (location.file, location.offset ?? -1)
    if locations.last.map({ $0 != stored }) ?? true {
      guard locations.count < countMax else { return UInt32(Observation.locationCountMax) }
      locations.appendGrowingSlowly(stored)
    }
    return UInt32(locations.count - 1)
  }

  /// Memory of the table in bytes.
  var byteCount: Int { locations.capacity * MemoryLayout<(Int, Int)>.stride }

  /// Returns a location; nil if it is unknown.
  subscript(number: UInt32) -> EventLocation? {
    guard Int(number) < locations.count else { return nil }
    let (file, offset) = locations[Int(number)]
    return EventLocation(file: file, offset: offset < 0 ? nil : offset)
  }
}
