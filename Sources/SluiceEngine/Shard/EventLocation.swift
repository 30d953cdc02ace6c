/// Where a line lies in an archive.
struct EventLocation: Hashable, Comparable, Sendable {
  /// By number.
  var file: Int
  /// Offset in the file of the block in which the line starts, of the line itself in plain text, of the whole member or frame
  /// of gzip or zstd; nil where only the file is known.
  var offset: Int?

  static func < (a: Self, b: Self) -> Bool { (a.file, a.offset ?? -1) < (b.file, b.offset ?? -1) }
}

/// Gives the places of one worker's observations numbers that fit into them.
///
/// Observations come in the order of the text, so a place is noted only if it is not the last one's. There are as many as blocks with
/// observations, in plain text as observations; 16 bytes each. When most numbers are used up, places become whole files, and
/// behind the last number nothing is known.
final class EventLocationTable: @unchecked Sendable {  // Of one worker; read by others when that has ended.
  /// -1 stands for no offset.
  private var locations: [(file: Int, offset: Int)] = []
  private let countMax: Int

  /// - Parameter countMax: how many numbers there are, at most as many as observations can hold.
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

  /// Memory that it holds.
  var byteCount: Int { locations.capacity * MemoryLayout<(Int, Int)>.stride }

  /// nil where nothing is known.
  subscript(number: UInt32) -> EventLocation? {
    guard Int(number) < locations.count else { return nil }
    let (file, offset) = locations[Int(number)]
    return EventLocation(file: file, offset: offset < 0 ? nil : offset)
  }
}
