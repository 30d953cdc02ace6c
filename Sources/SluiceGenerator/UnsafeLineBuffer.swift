import Glibc

/// A growing byte buffer into which lines are written and from which whole blocks are taken.
///
/// The capacity is reserved once per event, because the size of an event is bounded. Each write checks that it fits.
struct UnsafeLineBuffer: ~Copyable {
  private(set) var base: UnsafeMutablePointer<UInt8>
  private(set) var count = 0
  private var capacity: Int

  init(capacity: Int) {
    self.capacity = max(capacity, 1)
    base = .allocate(capacity: self.capacity)
  }

  deinit { base.deallocate() }

  /// Makes room for `extra` more bytes.
  mutating func reserve(_ extra: Int) {
    guard count + extra > capacity else { return }
    let grown = max(capacity * 2, count + extra)
    let fresh = UnsafeMutablePointer<UInt8>.allocate(capacity: grown)
    memcpy(fresh, base, count)
    base.deallocate()
    base = fresh
    capacity = grown
  }

  /// - Precondition: enough room is reserved, as for all writes below.
  @inline(__always)
  mutating func add(_ literal: StaticString) {
    precondition(count + literal.utf8CodeUnitCount <= capacity)
    memcpy(base + count, literal.utf8Start, literal.utf8CodeUnitCount)
    count += literal.utf8CodeUnitCount
  }

  @inline(__always)
  mutating func add(_ fragment: EventTemplatePiece, of arena: UnsafeArena) {
    precondition(count + Int(fragment.count) <= capacity)
    memcpy(base + count, arena.base + Int(fragment.offset), Int(fragment.count))
    count += Int(fragment.count)
  }

  mutating func add(_ bytes: [UInt8]) {
    precondition(count + bytes.count <= capacity)
    bytes.withUnsafeBytes { from in
      if let start = from.baseAddress { memcpy(base + count, start, from.count) }
    }
    count += bytes.count
  }

  /// Appends a copy of bytes of this buffer.
  mutating func addAgain(_ range: Range<Int>) {
    precondition(range.upperBound <= count && count + range.count <= capacity)
    memcpy(base + count, base + range.lowerBound, range.count)
    count += range.count
  }

  @inline(__always)
  mutating func byte(_ value: UInt8) {
    precondition(count < capacity)
    base[count] = value
    count += 1
  }

  /// Appends the lowest `digits` hexadecimal digits of `value`.
  @inline(__always)
  mutating func hexadecimal(_ value: UInt64, digits: Int) {
    precondition(count + digits <= capacity)
    for i in 0..<digits {
      let nibble = UInt8(truncatingIfNeeded: value >> UInt64(4 * (digits - 1 - i))) & 15
      base[count + i] = nibble + (nibble < 10 ? 0x30 : 0x57)
    }
    count += digits
  }

  /// Appends `digits` letters and digits of Okta's identifiers, at most 10 from one value.
  @inline(__always)
  mutating func letters(_ value: UInt64, digits: Int) {
    precondition(count + digits <= capacity && digits <= 10)
    let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789aE"
    for i in 0..<digits {
      base[count + i] = alphabet.utf8Start[Int(value >> UInt64(6 * i) & 63)]
    }
    count += digits
  }

  /// Appends `value` with exactly `digits` decimal digits.
  @inline(__always)
  mutating func decimal(_ value: Int, digits: Int) {
    precondition(count + digits <= capacity)
    var rest = value
    for i in stride(from: digits - 1, through: 0, by: -1) {
      base[count + i] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    count += digits
  }

  /// Removes the first `size` bytes; the bytes after them move to the front.
  mutating func drop(first size: Int) {
    precondition(size <= count)
    memmove(base, base + size, count - size)
    count -= size
  }

  mutating func clear() { count = 0 }

  func bytes(_ range: Range<Int>) -> [UInt8] {
    precondition(range.upperBound <= count)
    return Array(UnsafeBufferPointer(start: base + range.lowerBound, count: range.count))
  }
}
