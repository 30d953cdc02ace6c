import CXXHash
import SluiceRecords

/// Sink that counts the types, times and uuids of one file's events.
///
/// It keeps 16 bytes for each event with a uuid, at most ``typeCountMax`` types of at most ``typeBytesMax`` bytes, and
/// the intervals of ``IntervalSet``. It does not allocate memory for single events.
package struct FileInspector: EventSink, ~Copyable {
  package struct Findings: NamedCounts, Sendable {
    /// Number of events by type. Types that are too long, or come after too many others, are counted together.
    var types: [LogText: Int] = [:]
    package var otherTypeEvents = 0
    /// Number of events without a type, and number of events without a usable time.
    package var untypedEvents = 0
    package var untimedEvents = 0
    /// Number of events with the uuid of an earlier event in the file.
    package var duplicates = 0
    package var times: IntervalSet

    package static let counts: [(name: String, path: CountPath)] = [
      ("events_without_time", \.untimedEvents), ("events_of_other_types", \.otherTypeEvents),
      ("events_without_type", \.untypedEvents), ("duplicates", \.duplicates),
    ]

    /// Adds the findings of another file. Duplicates are counted only within files.
    static func += (findings: inout Findings, other: Findings) {
      for (type, count) in other.types.sorted(by: { $0.key < $1.key }) {
        if findings.types[type] != nil || findings.types.count < typeCountMax {
          findings.types[type, default: 0] += count
        } else {
          findings.otherTypeEvents += count
        }
      }
      findings.addCounts(other)
      findings.times.add(other.times)
    }

    /// Event types, the most frequent first. Equally frequent types are in order of their bytes.
    package var eventTypes: [(type: LogText, count: Int)] {
      types.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    }
  }

  static let typeCountMax = 10_000
  static let typeBytesMax = 256

  private let key: HashKey
  private let types: ByteDictionary
  /// Event counts by number of the type.
  private var typeCounts: [Int] = []
  private var uuids: [UUID] = []
  private var found: Findings

  /// 128 bits of a uuid: its digits, or a keyed hash of its text if it is not canonical.
  private struct UUID: Comparable {
    var high: UInt64
    var low: UInt64

    static func < (a: UUID, b: UUID) -> Bool { a.high != b.high ? a.high < b.high : a.low < b.low }
  }

  init(key: HashKey, gapMilliseconds: Int64) {
    self.key = key
    types = ByteDictionary(key: key)
    found = Findings(times: IntervalSet(gapMilliseconds: gapMilliseconds))
  }

  var findings: Findings {
    var found = found
    for (number, count) in typeCounts.enumerated() { found.types[LogText(types[number].array)] = count }
    let sorted = uuids.sorted()
    found.duplicates = zip(sorted, sorted.dropFirst()).count { $0 == $1 }
    found.times.finish()
    return found
  }

  mutating func consume(_ event: inout EventReader, at offset: Int) -> Rejection? {
    count(type: event.value(.eventType))
    if let time = event.value(.published).flatMap({ EventTime($0) }) {
      found.times.add(time)
    } else {
      found.untimedEvents += 1
    }
    if let uuid = event.value(.uuid) { uuids.append(bits(uuid)) }
    return nil
  }

  private mutating func count(type: UnsafeBytes?) {
    guard let type else {
      found.untypedEvents += 1
      return
    }
    guard type.count <= Self.typeBytesMax, let number = types.number(of: type, countMax: Self.typeCountMax)
    else {
      found.otherTypeEvents += 1
      return
    }
    if number == typeCounts.count { typeCounts.append(0) }
    typeCounts[number] += 1
  }

  private func bits(_ uuid: UnsafeBytes) -> UUID {
    if let (high, low) = uuid.canonicalUUID { return UUID(high: high, low: low) }
    let hash = XXH3_128bits_withSeed(uuid.base, uuid.count, key.seed)
    return UUID(high: hash.high64, low: hash.low64)
  }

  mutating func consumeUnrecognised(_ record: inout EventReader) -> Rejection? { nil }

  mutating func consumeUnparsed(_ record: UnsafeBytes, _ reader: inout EventReader) {
    preconditionFailure("every line is read")
  }

  mutating func finishSegment(_ lines: UnsafeBytes, _ reader: inout EventReader) {}
}
