import SluiceRecords

/// The fields of one event that passed a rule's filter: 64 bytes, strings as numbers of a dictionary.
struct Observation {
  var time: EventTime
  /// Bit n is set if rule n's filter was passed. The uppermost two bits are the ``UUIDKind``, and the bit below says
  /// that there is an address.
  private var bits: UInt32
  /// Number of the location and ``keyBit``; in a merged shard also the part.
  private var origin: UInt32 = 0
  /// Number of each facet's entry, by `Facet`.
  var facets: SIMD4<UInt32>
  /// The uuid; see ``UUIDKind``.
  var uuid: (high: UInt64, low: UInt64)
  private var client: IPAddress

  static let ruleCountMax = 29
  private static let ruleBits: UInt32 = 1 << UInt32(ruleCountMax) - 1
  private static let addressBit: UInt32 = 1 << UInt32(ruleCountMax)
  private static let keyBit: UInt32 = 1 << 31
  private static let locationBits: UInt32 = 1 << 23 - 1
  /// Number of locations of a part that observations can distinguish.
  static let locationCountMax = Int(locationBits)

  enum UUIDKind: UInt32 {
    /// There is none, and the event always counts.
    case absent
    /// The usual spelling in lower case, as its 128 bits.
    case canonical
    /// Any other text, as a number of the dictionary.
    case text
  }

  init(
    time: EventTime, uuid: (high: UInt64, low: UInt64), uuidKind: UUIDKind, facets: SIMD4<UInt32>,
    address: IPAddress?, rules: UInt32, isByKey: Bool = false, location: UInt32 = locationBits
  ) {
    precondition(rules & ~Self.ruleBits == 0 && location & ~Self.locationBits == 0)
    self.time = time
    self.uuid = uuid
    self.facets = facets
    self.client = address ?? IPAddress(high: 0, low: 0)
    self.bits = rules | uuidKind.rawValue << 30 | (address == nil ? 0 : Self.addressBit)
    self.origin = location | (isByKey ? Self.keyBit : 0)
  }

  /// The part to whose tables the observation's numbers belong: its index among those of a merged shard, at most 256.
  /// It means nothing before merging.
  var part: UInt32 {
    get { (origin & ~Self.keyBit) >> 23 }
    set { origin = newValue << 23 & ~Self.keyBit | origin & (Self.keyBit | Self.locationBits) }
  }

  /// Number of the location of its line in its part's ``EventLocationTable``.
  var location: UInt32 { origin & Self.locationBits }

  /// Part and location in one number.
  var source: UInt32 { origin & ~Self.keyBit }

  /// Whether the observation is in the shard of the key of its one rule, which does not group by client IP.
  var isByKey: Bool { origin & Self.keyBit != 0 }

  /// Returns a copy for one of the rules, for the shard of that rule's key.
  func byKey(ofRule rule: Int) -> Observation {
    var row = self
    row.rules = 1 << UInt32(rule)
    row.origin |= Self.keyBit
    return row
  }

  var rules: UInt32 {
    get { bits & Self.ruleBits }
    set { bits = newValue & Self.ruleBits | bits & ~Self.ruleBits }
  }

  var uuidKind: UUIDKind { UUIDKind(rawValue: bits >> 30) ?? .absent }

  /// The client's address, which decides the shard of all rows except those by key.
  var address: IPAddress? { bits & Self.addressBit == 0 ? nil : client }

  func hasAddress(of other: Observation) -> Bool {
    client == other.client && (bits ^ other.bits) & Self.addressBit == 0
  }

  /// Returns whether a merged shard has both in one group. A group has one client IP, or all rows by key.
  func isGrouped(with other: Observation) -> Bool {
    if (origin | other.origin) & Self.keyBit != 0 { return (origin ^ other.origin) & Self.keyBit == 0 }
    return hasAddress(of: other)
  }

  /// Returns whether both are copies of one event, which a rule counts once.
  func isSameEvent(as other: Observation) -> Bool {
    uuidKind != .absent && uuidKind == other.uuidKind && time == other.time && uuid == other.uuid
      && hasAddress(of: other)
  }

  /// Returns whether one row sorts before another: by client IP, null first; then by time; then by uuid, so that
  /// copies of one event are neighbours. Rows by key come after all addresses: by time, uuid and then client IP.
  ///
  /// Which of two events of one millisecond comes first may depend on threads, because texts are numbered as they
  /// come. It must not reach the output.
  @inline(__always)
  static func inOrder(_ a: Observation, _ b: Observation) -> Bool {
    if (a.origin | b.origin) & keyBit != 0 {
      return a.isByKey == b.isByKey ? inOrderByKey(a, b) : b.isByKey
    }
    if a.client.high != b.client.high { return a.client.high < b.client.high }
    if a.client.low != b.client.low { return a.client.low < b.client.low }
    if (a.bits ^ b.bits) & addressBit != 0 { return a.bits & addressBit == 0 }
    if a.time != b.time { return a.time < b.time }
    if a.uuidKind != b.uuidKind { return a.uuidKind.rawValue < b.uuidKind.rawValue }
    return (a.uuid.high, a.uuid.low) < (b.uuid.high, b.uuid.low)
  }

  private static func inOrderByKey(_ a: Observation, _ b: Observation) -> Bool {
    if a.time != b.time { return a.time < b.time }
    if a.uuidKind != b.uuidKind { return a.uuidKind.rawValue < b.uuidKind.rawValue }
    if a.uuid != b.uuid { return (a.uuid.high, a.uuid.low) < (b.uuid.high, b.uuid.low) }
    return IPAddress.inOrder(a.address, b.address)
  }
}

/// The fields of one facet as bytes, by which equal facets are found. Each field is its length plus one, or 0 for
/// null, and its bytes.
enum FacetBytes {
  /// Writes one field after the previous ones. - Returns: the offset of the next field.
  @inline(__always)
  static func append(_ value: UnsafeBytes?, to buffer: inout UnsafeBuffer, at start: Int) -> Int {
    let count = value?.count ?? 0
    buffer.reserve(start + Varint.byteCountMax + count, keeping: start)
    var end = start
    Varint.forEachByte(of: value == nil ? 0 : UInt64(count) + 1) {
      buffer.write($0, at: end)
      end += 1
    }
    if let value { buffer.write(value, at: end) }
    return end + count
  }

  /// Returns the field at `index` of a facet; nil for null.
  static func field(_ index: Int, of bytes: UnsafeBytes) -> UnsafeBytes? {
    var at = 0
    for _ in 0..<index {
      let length = Varint.read(bytes, at: &at)
      if length > 0 { at += Int(length) - 1 }
    }
    let length = Varint.read(bytes, at: &at)
    return length == 0 ? nil : bytes[at..<at + Int(length) - 1]
  }
}
