/// What one worker holds of one shard: observations in the order in which they came.
///
/// They lie in pages, so that growing copies nothing and wastes little; the first are small, as there are many shards. Each page
/// begins with where the next one is.
struct Shard: ~Copyable {
  private var first: UnsafePage?
  private var last: UnsafePage?
  /// Of the last page; all others are full.
  private var lastPageCount = 0
  private(set) var count = 0
  /// Memory that its pages take.
  private(set) var byteCount = 0

  /// How many observations the next page holds. All but the first are larger than a line as a rule is: halves of lines come and go
  /// between them, and where those lay, no page must come to lie, as what it left would be of no use to anybody.
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
    last!.initialize(lastPageCount, to: observation)  // Just made, if there was none.
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

  /// Gives every observation away, and the memory of each page as soon as it is empty.
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

/// Memory for some observations, behind what it is and where the next page is. Sound as its shard alone has it.
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
