import SluiceRecords
import SluiceSystem

/// A partial as it lies in a file, beside others maybe: all but its rows, which are read when they are needed.
struct PartialSection: Sendable {
  var file: PartialFile
  /// Of its first frame.
  var offset: Int
  var contract: PartialContract
  var contractHash: UInt64
  var sources: [PartialSource]
  var identity: PartialFrame.Identity
  var frames: [RowFrame]
  /// By shard.
  var rowCounts: [Int]
  /// Files are numbered as its sources are.
  var totals: ScanStats

  /// The partials of a file, one behind the other. Every frame's checksum is verified.
  ///
  /// - Parameter isDealt: whether frames of rows may be missing here, as they were dealt out to several.
  static func all(in path: String, isDealt: Bool = false) throws(PartialError) -> [PartialSection] {
    let file = PartialFile(path)
    var sections: [PartialSection] = []
    var reader = SectionReader(file: file, isDealt: isDealt)
    while let section = try reader.next() { sections.append(section) }
    if sections.isEmpty { throw PartialError("it is empty", file: path) }
    return sections
  }

  /// By rule the number of its filter. - Throws: if it lacks what a rule asks for.
  ///
  /// - Parameter isDealt: whether rows of some shards only are there.
  func filters(of rules: [Rule], isDealt: Bool = false) throws(PartialError) -> [Int] {
    let numbers = try contract.filters(of: rules, isDealt: isDealt)
    for (rule, number) in zip(rules, numbers) where totals.passed[number].count != rule.filter.count {
      throw PartialError("its totals contradict its filters", offset: offset, file: file.path)
    }
    return numbers
  }

  /// Its rows, of which `filters` says by rule the number of its filter.
  ///
  /// - Parameter files: by number of its source that of the file.
  func run(filters: [Int], layout: FacetLayout, files: [Int], from: EventTime?, to: EventTime?) -> SortedRun {
    var projection = RowProjection(contract, filters: filters, layout: layout, files: files)
    projection.from = from
    projection.to = to
    return SortedRun(
      file: file, frames: frames, projection: projection, shardCount: contract.shardCount,
      fileCount: sources.count, rowCounts: rowCounts)
  }
}

/// Reads a file of partials frame by frame.
private struct SectionReader: ~Copyable {
  /// Frames of sources and totals are held decoded, and take several times as much memory. Real ones decode to less than 20
  /// times their bytes; small ones may be anything.
  private static let expansionMax = 64
  private static let expandedBytesMin = 1 << 20

  private let file: PartialFile
  private let isDealt: Bool
  private var stored = UnsafeBuffer(capacity: 1 << 16)
  private var offset = 0

  init(file: PartialFile, isDealt: Bool) {
    self.file = file
    self.isDealt = isDealt
  }

  /// A frame's header, and its payload as far as it is decoded, that of those in which it goes on behind it.
  private struct Frames: ~Copyable {
    var first: PartialFrame
    var count = 0
    var offset: Int
    var byteCount = 0
    var decodedBytes = 0
    var rowCount = 0
    var payload = UnsafeBuffer(capacity: 0)
    var payloadBytes = 0
  }

  mutating func next() throws(PartialError) -> PartialSection? {
    let start = offset
    do throws(PartialError) {
      return try section(start)
    } catch {
      throw error.at(offset, of: file.path)
    }
  }

  private mutating func section(_ start: Int) throws(PartialError) -> PartialSection? {
    guard let first = try frames(start) else { return nil }
    guard first.first.kind == .sources else {
      throw PartialError("the beginning of a partial is missing", offset: start)
    }
    var reader = ByteReader(first.payload.view(0..<first.payloadBytes))
    let contractBytes = try reader.counted()
    let contractHash = PartialContract.hash(contractBytes.array)
    var contractReader = ByteReader(contractBytes)
    let contract = try PartialContract(from: &contractReader)
    let sources = try reader.list { reader throws(PartialError) in try PartialSource(from: &reader) }
    let identity = PartialFrame.Identity(of: first.payload.view(0..<first.payloadBytes).array)
    guard contractReader.isAtEnd, reader.isAtEnd, first.first.contract == contractHash,
      first.first.identity == identity, first.first.shardCount == contract.shardCount
    else { throw PartialError("its frames contradict each other", offset: start) }

    var rowFrames: [RowFrame] = []
    var frameCount = first.count
    var rowCount = 0
    while let next = try frames(start) {
      let header = next.first
      guard header.contract == contractHash, header.identity == identity,
        header.shardCount == contract.shardCount, header.shards.upperBound < contract.shardCount
      else { throw PartialError("here stands a frame of another partial", offset: next.offset) }
      guard header.number == frameCount || isDealt && header.number > frameCount else {
        throw PartialError(
          "here stands frame \(header.number) of a partial, where frame \(frameCount) should",
          offset: next.offset)
      }
      frameCount = header.number + next.count
      switch header.kind {
      case .sources: throw PartialError("here a partial begins anew", offset: next.offset)
      case .rows:
        if let last = rowFrames.last, header.shards.lowerBound < last.shards.upperBound {
          throw PartialError("its frames are in no order", offset: next.offset)
        }
        rowFrames.append(
          RowFrame(
            offset: next.offset, byteCount: next.byteCount, decodedBytes: next.decodedBytes,
            shards: header.shards))
        rowCount += next.rowCount
      case .totals:
        var reader = ByteReader(next.payload.view(0..<next.payloadBytes))
        guard try reader.number() == frameCount else {
          throw PartialError("frames are missing before its totals", offset: next.offset)
        }
        var rowCounts: [Int] = []
        for _ in 0..<contract.shardCount { rowCounts.append(try reader.number(max: 1 << 40)) }
        let totals = try ScanStats(
          from: &reader, filterCount: contract.filters.count, sourceCount: sources.count)
        guard reader.isAtEnd, isDealt || rowCounts.reduce(0, +) == rowCount else {
          throw PartialError("its totals contradict its rows", offset: next.offset)
        }
        return PartialSection(
          file: file, offset: start, contract: contract, contractHash: contractHash, sources: sources,
          identity: identity, frames: rowFrames, rowCounts: rowCounts, totals: totals)
      }
    }
    throw PartialError("it ends before its totals: it was cut", offset: offset)
  }

  /// The next frame, with those in which it goes on; nil at the end of the file.
  private mutating func frames(_ start: Int) throws(PartialError) -> Frames? {
    guard let (header, end) = try frame() else { return nil }
    var frames = Frames(first: header, offset: end - header.byteCount)
    var (last, lastEnd) = (header, end)
    while true {
      guard isDealt || last.start == lastEnd - last.byteCount - start else {
        throw PartialError("something is missing before this frame", offset: lastEnd - last.byteCount)
      }
      frames.count += 1
      frames.byteCount += last.byteCount
      frames.decodedBytes += last.decodedBytes
      frames.rowCount += last.rowCount
      if header.kind != .rows {
        frames.payloadBytes = try last.decode(
          stored.view(0..<last.byteCount), into: &frames.payload, at: frames.payloadBytes)
        guard
          frames.payloadBytes
            <= max(Self.expandedBytesMin, Self.expansionMax * frames.byteCount)
        else { throw PartialError("it decodes to far more than such frames do", offset: frames.offset) }
      }
      if !last.isContinued { return frames }
      guard let next = try frame(), next.0.kind == header.kind, next.0.number == last.number + 1 else {
        throw PartialError("what it goes on in is missing", offset: lastEnd)
      }
      (last, lastEnd) = next
    }
  }

  /// Reads one frame into ``stored``, and verifies it. - Returns: its header, and where it ends.
  private mutating func frame() throws(PartialError) -> (PartialFrame, Int)? {
    // Most frames are read at once with their header.
    let read = try file.read(1 << 16, at: offset, into: &stored)
    if read == 0 { return nil }
    let header = try PartialFrame(header: stored.view(0..<min(read, PartialFrame.headerBytes)))
    if header.byteCount > read {
      guard try file.read(header.byteCount, at: offset, into: &stored) == header.byteCount else {
        throw PartialError("this frame ends too early: it was cut", offset: offset)
      }
    }
    try header.verify(stored.view(0..<header.byteCount))
    offset += header.byteCount
    return (header, offset)
  }
}
