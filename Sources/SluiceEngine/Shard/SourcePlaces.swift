/// Where a line lies in an archive.
struct SourcePlace: Hashable, Comparable, Sendable {
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
final class SourcePlaces: @unchecked Sendable {  // Of one worker; read by others when that has ended.
  /// -1 stands for no offset.
  private var places: [(file: Int, offset: Int)] = []
  private let countMax: Int

  /// - Parameter countMax: how many numbers there are, at most as many as observations can hold.
  init(countMax: Int = Observation.placeCountMax) {
    precondition(countMax <= Observation.placeCountMax)
    self.countMax = countMax
  }

  func number(file: Int, offset: Int) -> UInt32 { number(of: SourcePlace(file: file, offset: offset)) }

  func number(of place: SourcePlace) -> UInt32 {
    var place = place
    if places.count >= countMax / 8 * 7 { place.offset = nil }
    let stored = (place.file, place.offset ?? -1)
    if places.last.map({ $0 != stored }) ?? true {
      guard places.count < countMax else { return UInt32(Observation.placeCountMax) }
      places.appendSparingly(stored)
    }
    return UInt32(places.count - 1)
  }

  /// Memory that it holds.
  var byteCount: Int { places.capacity * MemoryLayout<(Int, Int)>.stride }

  /// nil where nothing is known.
  subscript(number: UInt32) -> SourcePlace? {
    guard Int(number) < places.count else { return nil }
    let (file, offset) = places[Int(number)]
    return SourcePlace(file: file, offset: offset < 0 ? nil : offset)
  }
}
