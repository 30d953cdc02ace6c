/// Byte strings, stored one after the other in pages that never move. Stored bytes are not copied again, little
/// memory is reserved in advance, and views last as long as the pages.
///
/// The location of a string is a page's number and an offset in it, in units of four bytes. That is enough for 16 GiB
/// of short strings. This is sound because the type is not copyable. A string is written once, before any other code
/// knows its location, and reads are checked against its page.
struct BytePages: ~Copyable {
  private var pages: [UnsafeMutableBufferPointer<UInt8>] = []
  /// Number of bytes used of the last page.
  private var used = 0
  /// Memory of all pages.
  private(set) var byteCount = 0

  private static let unit = 4
  private static let offsetBits = 14
  private static let pageBytesMin = 1 << 10
  private static let pageBytesMax = unit << offsetBits

  deinit {
    for page in pages { page.deallocate() }
  }

  /// Stores bytes. - Returns: their location from now on.
  mutating func append(_ bytes: UnsafeBytes) -> UInt32 {
    let most = Varint.byteCountMax + bytes.count
    if pages.isEmpty || pages[pages.count - 1].count - UnsafeBytes.padding - used < most {
      addPage(for: most)
    }
    let page = pages[pages.count - 1]
    let start = used
    var end = start
    Varint.forEachByte(of: UInt64(bytes.count)) {
      page[end] = $0
      end += 1
    }
    _ = UnsafeMutableBufferPointer(rebasing: page[end..<end + bytes.count])
      .initialize(from: UnsafeBufferPointer(start: bytes.base, count: bytes.count))
    used = (end + bytes.count + Self.unit - 1) & ~(Self.unit - 1)
    return UInt32((pages.count - 1) << Self.offsetBits | start / Self.unit)
  }

  private mutating func addPage(for count: Int) {
    precondition(pages.count < 1 << (UInt32.bitWidth - Self.offsetBits), "a dictionary is full")
    // The first pages are small, because there are many dictionaries with few texts.
    let usual = min(Self.pageBytesMax, Self.pageBytesMin << min(pages.count, Self.offsetBits))
    let page = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(usual, count) + UnsafeBytes.padding)
    page.initialize(repeating: 0)
    pages.appendGrowingSlowly(page)
    byteCount += page.count
    used = 0
  }

  /// - Parameter location: the location that ``append(_:)`` returned.
  @inline(__always)
  subscript(location: UInt32) -> UnsafeBytes {
    let page = pages[Int(location >> UInt32(Self.offsetBits))]
    let base = UnsafePointer(page.baseAddress!)  // A page has at least its padding.
    let text = UnsafeBytes(base: base, count: page.count - UnsafeBytes.padding)
    var at = (Int(location) & (1 << Self.offsetBits - 1)) * Self.unit
    let count = Int(Varint.read(text, at: &at))
    return text[at..<at + count]
  }
}
