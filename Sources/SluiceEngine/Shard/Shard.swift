/// The observations of one shard from one worker, in the order in which they came.
///
/// They are in pages, so that growing copies nothing and wastes little. The first pages are small, because there are
/// many shards. Each page begins with the address of the next.
struct Shard: ~Copyable {
  private var first: UnsafePage?
  private var last: UnsafePage?
  /// Number of observations in the last page. All other pages are full.
  private var lastPageCount = 0
  private(set) var count = 0
  /// Memory of its pages in bytes.
  private(set) var byteCount = 0

  /// Number of observations in the next page. Pages after the first are larger than a typical line. This keeps
  /// short-lived line fragments and long-lived pages in different allocator size classes and avoids fragmentation.
  private var pageCapacity: Int {
    switch count {
    case 0: 1 << 4
    case ..<(1 << 13): 1 << 6
    case ..<(1 << 15): 1 << 8
    case ..<(1 << 17): 1 << 10
    default: 1 << 12
    }
  }

  deinit {
    var page = first
    while let this = page {
      page = this.next
      this.deallocate()
    }
  }

  mutating func append(_ observation: Observation) {
    if lastPageCount == last?.capacity ?? 0 { addPage() }
    last!.initialize(lastPageCount, to: observation)  // It was just made, if there was none.
    lastPageCount += 1
    count += 1
  }

  @inline(never)
  private mutating func addPage() {
    let page = UnsafePage(capacity: pageCapacity)
    if let last { last.next = page } else { first = page }
    last = page
    lastPageCount = 0
    byteCount += page.byteCount
  }

  borrowing func forEach(_ body: (Observation) -> Void) {
    var rest = count
    var page = first
    while let this = page {
      for index in 0..<min(rest, this.capacity) { body(this[index]) }
      rest -= min(rest, this.capacity)
      page = this.next
    }
  }

  /// Passes every observation to `body`, and frees each page as soon as it is empty.
  mutating func drain(_ body: (Observation) -> Void) {
    while let page = first {
      for index in 0..<min(count, page.capacity) { body(page[index]) }
      count -= min(count, page.capacity)
      first = page.next
      page.deallocate()
    }
    (last, lastPageCount, byteCount) = (nil, 0, 0)
  }
}

/// Memory for some observations, after its capacity and the address of the next page. This is sound because only its
/// shard has it.
private struct UnsafePage {
  private struct Header {
    var capacity: Int
    var next: UnsafePage?
  }

  private let memory: UnsafeMutableRawPointer

  private static let headerBytes = 16

  init(capacity: Int) {
    precondition(capacity > 0 && MemoryLayout<Header>.size <= Self.headerBytes)
    memory = .allocate(
      byteCount: Self.headerBytes + capacity * MemoryLayout<Observation>.stride,
      alignment: MemoryLayout<Observation>.alignment)
    memory.initializeMemory(as: Header.self, to: Header(capacity: capacity, next: nil))
  }

  func deallocate() { memory.deallocate() }

  private var header: UnsafeMutablePointer<Header> { memory.assumingMemoryBound(to: Header.self) }

  private var rows: UnsafeMutablePointer<Observation> {
    (memory + Self.headerBytes).assumingMemoryBound(to: Observation.self)
  }

  var capacity: Int { header.pointee.capacity }

  var byteCount: Int { Self.headerBytes + capacity * MemoryLayout<Observation>.stride }

  var next: UnsafePage? {
    get { header.pointee.next }
    nonmutating set { header.pointee.next = newValue }
  }

  subscript(index: Int) -> Observation {
    precondition(UInt(bitPattern: index) < UInt(bitPattern: capacity))
    return rows[index]
  }

  func initialize(_ index: Int, to observation: Observation) {
    precondition(UInt(bitPattern: index) < UInt(bitPattern: capacity))
    (rows + index).initialize(to: observation)
  }
}
