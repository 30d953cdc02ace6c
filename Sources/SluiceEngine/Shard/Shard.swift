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

/// What one worker found: its shards, and the texts and places to which their observations refer.
///
/// Written by that worker alone; when it has ended, each shard belongs to whoever merges it. Shards lie at fixed places, so that writing one
/// costs neither a count of references nor a check of access.
final class WorkerShards: @unchecked Sendable {
  let count: Int
  private let shards: UnsafeMutablePointer<Shard>
  let texts: Texts
  let places = SourcePlaces()

  /// - Parameter count: a power of 2.
  init(count: Int, key: HashKey) {
    precondition(count > 0 && count & (count - 1) == 0)
    self.count = count
    shards = .allocate(capacity: count)
    for index in 0..<count { (shards + index).initialize(to: Shard()) }
    texts = Texts(key: key)
  }

  deinit {
    shards.deinitialize(count: count)
    shards.deallocate()
  }

  /// Memory that it holds.
  var byteCount: Int {
    (0..<count).reduce(texts.byteCount + places.byteCount) { $0 + shards[$1].byteCount }
  }

  @inline(__always)
  func append(_ observation: Observation, to shard: Int) {
    precondition(UInt(bitPattern: shard) < UInt(bitPattern: count))
    shards[shard].append(observation)
  }

  /// Observations of a shard.
  func observationCount(of shard: Int) -> Int {
    precondition(UInt(bitPattern: shard) < UInt(bitPattern: count))
    return shards[shard].count
  }

  func forEach(of shard: Int, _ body: (Observation) -> Void) {
    precondition(UInt(bitPattern: shard) < UInt(bitPattern: count))
    shards[shard].forEach(body)
  }

  /// Empties a shard.
  func drain(_ shard: Int, _ body: (Observation) -> Void) {
    precondition(UInt(bitPattern: shard) < UInt(bitPattern: count))
    shards[shard].drain(body)
  }
}

/// One worker's texts: what its observations, of all shards, refer to by number.
///
/// One for all shards, as agents, networks and outcomes are the same few in each.
final class Texts: Sendable {
  /// By `Facet`; see ``FacetBytes``.
  let facets: [ByteDictionary]
  /// Those uuids that are not spelled as uuids are.
  let uuids: ByteDictionary

  var byteCount: Int { facets.reduce(uuids.byteCount) { $0 + $1.byteCount } }

  init(key: HashKey) {
    facets = Facet.allCases.map { _ in ByteDictionary(key: key) }
    uuids = ByteDictionary(key: key)
  }
}
