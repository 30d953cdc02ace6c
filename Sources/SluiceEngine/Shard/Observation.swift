import SluiceRecords

/// The fields of one event that passed a rule's filter: fixed width, strings as numbers of a dictionary.
struct Observation {
  var time: EventTime
  /// The uuid; see ``UUIDKind``.
  var uuid: (high: UInt64, low: UInt64)
  /// Number of each facet's entry, by `Facet`.
  var facets: SIMD4<UInt32>
  /// Number of the client IP in its table.
  var address: UInt32
  /// Bit n is set if rule n's filter was passed; the uppermost two are the ``UUIDKind``.
  private var bits: UInt32

  static let ruleCountMax = 30

  enum UUIDKind: UInt32 {
    /// There is none: the event always counts.
    case absent
    /// The usual spelling in lower case, as its 128 bits.
    case canonical
    /// Any other text, as a number of the dictionary.
    case text
  }

  init(
    time: EventTime, uuid: (high: UInt64, low: UInt64), uuidKind: UUIDKind, facets: SIMD4<UInt32>,
    address: UInt32,
    rules: UInt32
  ) {
    precondition(rules >> Self.ruleCountMax == 0)
    self.time = time
    self.uuid = uuid
    self.facets = facets
    self.address = address
    self.bits = rules | uuidKind.rawValue << 30
  }

  var rules: UInt32 {
    get { bits & (1 << 30 - 1) }
    set { bits = newValue & (1 << 30 - 1) | bits & ~(1 << 30 - 1) }
  }

  var uuidKind: UUIDKind { UUIDKind(rawValue: bits >> 30) ?? .absent }
}

/// The fields of one facet as bytes, by which equal ones are found: of each its length and its bytes.
enum FacetBytes {
  private static let null = UInt32.max

  /// Writes one field behind those before it. - Returns: where the next one goes.
  static func append(_ value: UnsafeBytes?, to buffer: inout UnsafeBuffer, at start: Int) -> Int {
    let count = value.map { UInt32($0.count) } ?? null
    buffer.reserve(start + 4 + (value?.count ?? 0), keeping: start)
    var end = start
    for shift in stride(from: 0, to: 32, by: 8) {
      buffer.write(UInt8(truncatingIfNeeded: count >> UInt32(shift)), at: end)
      end += 1
    }
    guard let value else { return end }
    buffer.write(value, at: end)
    return end + value.count
  }

  /// The field at `index` of a facet; nil for null.
  static func field(_ index: Int, of bytes: UnsafeBytes) -> UnsafeBytes? {
    var at = 0
    for _ in 0..<index {
      let count = littleEndian(bytes, at: at)
      at += 4 + (count == null ? 0 : Int(count))
    }
    let count = littleEndian(bytes, at: at)
    return count == null ? nil : bytes[at + 4..<at + 4 + Int(count)]
  }
}
