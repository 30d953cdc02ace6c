import CKernels
import Glibc

/// A view of bytes that another value owns: a line in a decoded buffer, a field in a line.
///
/// Reading is always bounds-checked: an offset computed from hostile input ends in a trap, never in foreign memory.
/// Lifetime is not checked. This is sound because views are only handed down the call stack. A view of a worker's
/// buffer lives until that worker takes its next range, and bytes that must outlive it are copied into a dictionary.
///
/// The bytes are followed by at least ``padding`` readable bytes of any content, so that vector loads
/// may start at any byte of the view.
struct UnsafeBytes {
  static let padding = Int(SLUICE_PADDING)

  let base: UnsafePointer<UInt8>
  let count: Int

  /// - Precondition: `base` addresses `count` bytes and the padding.
  init(base: UnsafePointer<UInt8>, count: Int) {
    precondition(count >= 0)
    self.base = base
    self.count = count
  }

  /// A view of no bytes that is padded like any other.
  static let empty: UnsafeBytes = {
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: padding)
    memory.initialize(repeating: 0, count: padding)
    return UnsafeBytes(base: memory, count: 0)
  }()

  var isEmpty: Bool { count == 0 }

  @inline(__always)
  subscript(index: Int) -> UInt8 {
    precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
    return base[index]
  }

  /// - Precondition: the range lies within the view.
  @inline(__always)
  subscript(range: Range<Int>) -> UnsafeBytes {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    return UnsafeBytes(base: base + range.lowerBound, count: range.count)
  }

  /// Returns whether a byte is at an offset, which may be after the end.
  @inline(__always)
  func has(_ byte: UInt8, _ index: Int) -> Bool {
    UInt(bitPattern: index) < UInt(bitPattern: count) && base[index] == byte
  }

  /// Returns whether the byte at an offset is above the space, so that it is neither white space nor a control
  /// character.
  @inline(__always)
  func isBeyondSpace(_ index: Int) -> Bool {
    UInt(bitPattern: index) < UInt(bitPattern: count) && base[index] > 0x20
  }

  func firstIndex(of byte: UInt8) -> Int? {
    let index = sluice_first(base, count, byte)
    return index < count ? index : nil
  }

  func lastIndex(of byte: UInt8) -> Int? {
    let index = sluice_last(base, count, byte)
    return index < count ? index : nil
  }

  func contains(_ needle: UnsafeBytes) -> Bool {
    needle.isEmpty || sluice_find(base, count, needle.base, needle.count) < count
  }

  func contains(_ needle: [UInt8]) -> Bool { withBytes(needle) { contains($0) } }

  func starts(with prefix: UnsafeBytes) -> Bool {
    count >= prefix.count && self[0..<prefix.count].elementsEqual(prefix)
  }

  @inline(__always)
  func elementsEqual(_ other: UnsafeBytes) -> Bool {
    guard count == other.count else { return false }
    // The padding allows reading both in whole words. The last word is masked.
    var i = 0
    while count - i >= 8 {
      if word64(at: i) != other.word64(at: i) { return false }
      i += 8
    }
    let unused = UInt64(8 * (8 - (count - i)))
    return count == i || (word64(at: i) ^ other.word64(at: i)) << unused == 0
  }

  /// Returns two bytes as one number, the first lowest. It may read the padding.
  @inline(__always)
  func word16(at index: Int) -> UInt16 {
    precondition(UInt(bitPattern: index) <= UInt(bitPattern: count))
    return UInt16(littleEndian: UnsafeRawPointer(base + index).loadUnaligned(as: UInt16.self))
  }

  /// Returns eight bytes as one number, the first lowest. It may read the padding.
  @inline(__always)
  func word64(at index: Int) -> UInt64 {
    precondition(UInt(bitPattern: index) <= UInt(bitPattern: count))
    return UInt64(littleEndian: UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self))
  }

  /// Returns 64 bytes. It may read the padding.
  @inline(__always)
  func vector64(at index: Int) -> SIMD64<UInt8> {
    precondition(UInt(bitPattern: index) <= UInt(bitPattern: count))
    return UnsafeRawPointer(base + index).loadUnaligned(as: SIMD64<UInt8>.self)
  }

  func elementsEqual(_ other: [UInt8]) -> Bool {
    // Only an empty array may have no address.
    count == other.count
      && other.withUnsafeBufferPointer { $0.isEmpty || memcmp(base, $0.baseAddress!, count) == 0 }
  }

  func elementsEqual(_ other: StaticString) -> Bool {
    count == other.utf8CodeUnitCount && memcmp(base, other.utf8Start, count) == 0
  }

  func starts(with prefix: [UInt8]) -> Bool {
    count >= prefix.count && self[0..<prefix.count].elementsEqual(prefix)
  }

  /// Returns the bytes without blanks and tabs at either end.
  func trimmed() -> UnsafeBytes {
    var start = 0
    var end = count
    while start < end, Self.isBlank(base[start]) { start += 1 }
    while end > start, Self.isBlank(base[end - 1]) { end -= 1 }
    return self[start..<end]
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }

  /// Calls `body` with the parts between separators, without blanks and tabs around them. Empty parts are omitted.
  func forEachPart(separator: UInt8 = UInt8(ascii: ","), _ body: (UnsafeBytes) -> Void) {
    var start = 0
    for i in 0...count where i == count || base[i] == separator {
      let part = self[start..<i].trimmed()
      if !part.isEmpty { body(part) }
      start = i + 1
    }
  }

  func append(to array: inout [UInt8]) {
    array.append(contentsOf: UnsafeBufferPointer(start: base, count: count))
  }

  var array: [UInt8] { Array(UnsafeBufferPointer(start: base, count: count)) }

  var string: String { String(decoding: UnsafeBufferPointer(start: base, count: count), as: UTF8.self) }
}

extension UnsafeBytes: @unchecked Sendable {}  // Read-only; see above for lifetime.
