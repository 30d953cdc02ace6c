import SluiceRecords

/// Writes the numbers and texts that make up partials; `SluiceEngine.docc/PartialFormat.md` describes them.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  var count: Int { bytes.count }

  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  @inline(__always)
  mutating func byte(_ value: UInt8) { bytes.append(value) }

  @inline(__always)
  mutating func varint(_ value: some BinaryInteger) {
    Varint.forEachByte(of: UInt64(value)) { bytes.append($0) }
  }

  /// Writes a signed number. It wraps around, so it also takes differences of any two numbers.
  @inline(__always)
  mutating func zigzag(_ value: some BinaryInteger) {
    let value = Int64(value)
    varint(UInt64(bitPattern: value << 1 ^ value >> 63))
  }

  mutating func fixed<T: FixedWidthInteger>(_ value: T) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func raw(_ value: UnsafeBytes) { value.append(to: &bytes) }

  mutating func raw(_ value: [UInt8]) { bytes += value }

  /// Writes the number of bytes, then the bytes.
  mutating func counted(_ value: some Collection<UInt8>) {
    varint(value.count)
    bytes += value
  }

  mutating func counted(_ value: UnsafeBytes) {
    varint(value.count)
    raw(value)
  }

  /// Writes the number of elements, then each element.
  mutating func list<Elements: Collection>(
    _ elements: Elements, _ each: (inout ByteWriter, Elements.Element) -> Void
  ) {
    varint(elements.count)
    for element in elements { each(&self, element) }
  }

  mutating func address(_ address: IPAddress) {
    fixed(address.high)
    fixed(address.low)
  }
}

/// Reads the output of ``ByteWriter``. Missing bytes and values out of bounds are errors.
struct ByteReader {
  private let bytes: UnsafeBytes
  private(set) var at = 0

  init(_ bytes: UnsafeBytes) { self.bytes = bytes }

  var isAtEnd: Bool { at == bytes.count }

  private static let tooShort = PartialError("its content ends too early")

  @inline(__always)
  mutating func byte() throws(PartialError) -> UInt8 {
    guard at < bytes.count else { throw Self.tooShort }
    defer { at += 1 }
    return bytes[at]
  }

  @inline(__always)
  mutating func varint() throws(PartialError) -> UInt64 {
    let first = try byte()
    return first < 0x80 ? UInt64(first) : try rest(of: first)
  }

  private mutating func rest(of first: UInt8) throws(PartialError) -> UInt64 {
    var value = UInt64(first & 0x7F)
    var shift: UInt64 = 7
    while true {
      let next = try byte()
      guard shift < 63 || shift == 63 && next <= 1 else { throw PartialError("a number of it is too large") }
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 { return value }
      shift += 7
    }
  }

  @inline(__always)
  mutating func zigzag() throws(PartialError) -> Int64 {
    let value = try varint()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// Reads a number that is not larger than `max`.
  @inline(__always)
  mutating func number(max: Int = .max) throws(PartialError) -> Int {
    let value = try varint()
    guard value <= UInt64(max) else { throw PartialError("a number of it is too large") }
    return Int(value)
  }

  mutating func flag() throws(PartialError) -> Bool { try number(max: 1) == 1 }

  /// Reads a number of elements. Each takes at least one byte, so the number cannot exceed the bytes left.
  mutating func count() throws(PartialError) -> Int { try number(max: bytes.count - at) }

  mutating func fixed<T: FixedWidthInteger>(_: T.Type = T.self) throws(PartialError) -> T {
    let size = MemoryLayout<T>.size
    guard bytes.count - at >= size else { throw Self.tooShort }
    var value = T.zero
    for index in 0..<size { value |= T(truncatingIfNeeded: bytes[at + index]) << T(8 * index) }
    at += size
    return value
  }

  @inline(__always)
  mutating func word() throws(PartialError) -> UInt64 {
    guard bytes.count - at >= 8 else { throw Self.tooShort }
    defer { at += 8 }
    return bytes.word64(at: at)
  }

  mutating func address() throws(PartialError) -> IPAddress {
    let high = try word()
    return IPAddress(high: high, low: try word())
  }

  /// Reads `count` bytes.
  mutating func raw(_ count: Int) throws(PartialError) -> UnsafeBytes {
    guard count <= bytes.count - at else { throw Self.tooShort }
    defer { at += count }
    return bytes[at..<at + count]
  }

  /// Reads a number of bytes, then the bytes.
  mutating func counted() throws(PartialError) -> UnsafeBytes { try raw(count()) }

  mutating func text() throws(PartialError) -> String { try counted().string }

  mutating func list<Element>(
    _ each: (inout ByteReader) throws(PartialError) -> Element
  ) throws(PartialError) -> [Element] {
    var elements: [Element] = []
    for _ in 0..<(try count()) { elements.append(try each(&self)) }
    return elements
  }
}
