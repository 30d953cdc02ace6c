/// Reads the partials of a file, frame by frame, and verifies them. ``RowReader`` decodes their rows.
struct PartialReader: ~Copyable {
  /// Maximum expansion of sources and totals frames, which are held decoded and take several times as much memory.
  /// Frames up to `expandedBytesMin` may expand by any factor: the ranges of plain text are equally long, so that 350 GB
  /// of it give 1 MB of totals that repeat the same bytes.
  private static let expansionMax = 64
  private static let expandedBytesMin = 64 << 20

  private let file: PartialFile
  private let isDealt: Bool
  private var stored = UnsafeBuffer(capacity: 1 << 16)
  private var offset = 0

  init(file: PartialFile, isDealt: Bool) {
    self.file = file
    self.isDealt = isDealt
  }

  /// A frame joined with its continuation frames. The payload is decoded, except for rows.
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

  /// Returns the next partial; nil at the end of the file.
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
      else { throw PartialError("this frame belongs to another partial", offset: next.offset) }
      guard header.number == frameCount || isDealt && header.number > frameCount else {
        throw PartialError(
          "this is frame \(header.number) of a partial, but frame \(frameCount) should be here",
          offset: next.offset)
      }
      frameCount = header.number + next.count
      switch header.kind {
      case .sources: throw PartialError("another partial begins here", offset: next.offset)
      case .rows:
        if let last = rowFrames.last, header.shards.lowerBound < last.shards.upperBound {
          throw PartialError("its frames are not in order", offset: next.offset)
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

  /// Reads the next frame with its continuation frames; nil at the end of the file.
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
        throw PartialError("the continuation of a frame is missing", offset: lastEnd)
      }
      (last, lastEnd) = next
    }
  }

  /// Reads one frame into ``stored`` and verifies it. - Returns: its header and its end.
  private mutating func frame() throws(PartialError) -> (PartialFrame, Int)? {
    // The first read usually covers the header and the whole frame.
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
