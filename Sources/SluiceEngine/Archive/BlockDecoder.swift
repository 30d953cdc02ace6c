import SluiceRecords

/// A decoder that writes the blocks of a range, one after the other, into a worker's output buffer.
struct BlockDecoder: Sendable {
  var file: Int
  var verifies: Bool

  /// The result of decoding a range: the segments between damaged blocks.
  struct Decoded {
    var segments: [DecodedSegment] = []
    var isDamaged = false
    /// Whether a block of uncertain packing was used.
    var hasUncertainPacking = false
    var startsWithHole = false
    var endsWithHole = false
    var byteCount = 0
    /// Checksum of the frame's content up to the end of this range; nil if the range before was not ready when this
    /// one was decoded.
    var checksum: RunningXXH32?
  }

  /// A range's part of its frame's content checksum, computed while the range is decoded.
  private struct Hash {
    private let frame: (frame: Frame, index: Int)?
    private(set) var checksum: RunningXXH32?
    /// Number of bytes after the hashed ones.
    var unhashed = 0
    private var isUseless = false

    /// - Parameter range: nil for a hash that does nothing.
    init(_ range: BlockRange?) {
      frame = range.flatMap { range in range.frame.map { ($0, range.indexInFrame) } }
    }

    mutating func decode(_ block: inout UnsafeLZ4Block, atLeast count: Int) -> (
      state: UnsafeLZ4Block.State, count: Int
    ) {
      // The range before may have become ready.
      if checksum == nil, !isUseless {
        checksum = frame.flatMap { $0.frame.checksumChain.checksum(before: $0.index) }
      }
      guard var checksum else {
        let step = block.decode(atLeast: count)
        unhashed += step.count
        return step
      }
      defer { self.checksum = checksum }
      return block.decode(atLeast: count, into: &checksum, unhashed: &unhashed)
    }

    /// Gives up, because bytes are missing.
    mutating func drop() {
      checksum = nil
      isUseless = true
    }

    /// Hashes the rest of a segment.
    mutating func finish(_ segment: UnsafeBytes) {
      checksum?.update(segment[segment.count - unhashed..<segment.count])
    }
  }

  /// Number of bytes decoded at a time. They are searched before they leave the second-level cache.
  private static let pieceBytes = 128 << 10

  /// Decodes a range of independent blocks.
  func decode(
    _ range: BlockRange, _ context: inout ReadContext, onDecoded: (UnsafeBytes) -> Void = { _ in }
  ) -> Decoded {
    var history: [UInt8]?
    return decode(range, &context, history: &history, onDecoded: onDecoded)
  }

  /// Decodes the blocks of a range.
  ///
  /// - Parameters:
  ///   - history: the 64 KiB decoded before a range of linked blocks. They are replaced by the last bytes of this
  ///     range. nil for independent blocks.
  ///   - onDecoded: receives the output buffer up to the last decoded byte, after each piece. A block may turn out to
  ///     be damaged after pieces of it were received; the result then says so.
  func decode(
    _ range: BlockRange, _ context: inout ReadContext, history: inout [UInt8]?,
    onDecoded: (UnsafeBytes) -> Void = { _ in }
  ) -> Decoded {
    guard range.frame != nil else { return text(range) }
    var decoded = Decoded()
    let start = WorkerBuffers.historyBytes
    var end = start
    context.buffers.output.reserve(start + range.blocks.reduce(0) { $0 + $1.decodedBytesMax }, keeping: 0)
    if let history { context.buffers.output.write(history, at: start - history.count) }
    var historyStart = start - (history?.count ?? 0)
    var isHole = false
    var hash = Hash(range)

    let checksPacking = verifies && range.frame?.descriptor.leavesPackingUnguarded == true

    for block in range.blocks {
      // The blocks after a damaged linked block refer to bytes that are not known.
      if isHole, history != nil {
        Self.reportLinked(
          fileOffset: block.fileOffset, payloadBytes: block.payload.count, file: file, &context.log)
        continue
      }
      let source = context.buffers.input.view(block.payload)
      let content = decode(
        block, source, into: &context.buffers.output, at: end,
        historyStart: history == nil ? end : historyStart,
        checksPacking: checksPacking, &hash, onDecoded: onDecoded)
      switch content {
      case .success(let content):
        let count = content.count
        if let uncertainty = content.uncertainty {
          decoded.hasUncertainPacking = true
          context.log.add(
            file: file, Position(fileOffset: block.fileOffset, offsetInBlock: 0), reason: .blockPacking,
            "the block of \(NumberFormat.count(source.count, "byte")) \(uncertainty)")
        }
        if isHole || decoded.segments.isEmpty {
          decoded.segments.append(
            DecodedSegment(memory: .output, bytes: end..<end, blocks: [], isText: false))
          if decoded.isDamaged, decoded.segments.count == 1 { decoded.startsWithHole = true }
          isHole = false
        }
        let last = decoded.segments.count - 1
        decoded.segments[last].blocks.append((start: end, fileOffset: block.fileOffset))
        end += count
        decoded.segments[last].bytes = decoded.segments[last].bytes.lowerBound..<end
        historyStart = max(historyStart, end - WorkerBuffers.historyBytes)
      case .failure(let problem):
        isHole = true
        decoded.isDamaged = true
        hash.drop()
        context.log.add(
          file: file, Position(fileOffset: block.fileOffset, offsetInBlock: 0), reason: problem.reason,
          problem.message)
      }
    }
    if let segment = decoded.segments.first { hash.finish(context.buffers.output.view(segment.bytes)) }
    decoded.checksum = hash.checksum
    decoded.endsWithHole = isHole
    if decoded.segments.isEmpty { decoded.startsWithHole = isHole }
    decoded.byteCount = decoded.segments.reduce(0) { $0 + $1.bytes.count }
    if history != nil {
      history = context.buffers.output.view(max(historyStart, end - WorkerBuffers.historyBytes)..<end).array
    }
    return decoded
  }

  static func reportLinked(fileOffset: Int, payloadBytes: Int, file: Int, _ log: inout ProblemLog) {
    log.add(
      file: file, Position(fileOffset: fileOffset, offsetInBlock: 0), reason: .blockLinked,
      "the block of \(NumberFormat.count(payloadBytes, "byte")) refers to a damaged block before it; not used"
    )
  }

  private func text(_ range: BlockRange) -> Decoded {
    var decoded = Decoded()
    for block in range.blocks {
      decoded.segments.append(
        DecodedSegment(
          memory: .input, bytes: block.payload,
          blocks: [(start: block.payload.lowerBound, fileOffset: block.fileOffset)],
          isText: true))
      decoded.byteCount += block.payload.count
    }
    return decoded
  }

  private struct Damage: Error {
    var reason: Reason
    var message: String
  }

  private struct Content {
    var count: Int
    /// Why these may not be the writer's bytes, in the words that follow the block in a message.
    var uncertainty: String?
  }

  /// - Parameter checksPacking: whether only the block's content shows how it is packed (``BlockPacking``).
  private func decode(
    _ block: BlockRange.Block, _ source: UnsafeBytes, into output: inout UnsafeBuffer, at end: Int,
    historyStart: Int, checksPacking: Bool, _ hash: inout Hash, onDecoded: (UnsafeBytes) -> Void
  ) -> Result<Content, Damage> {
    if verifies, let stated = block.checksum, RunningXXH32.digest(source) != stated {
      return .failure(
        Damage(
          reason: .blockChecksum,
          message:
            "the block of \(NumberFormat.count(source.count, "byte")) does not match its checksum; not used")
      )
    }
    // Nearly every compressed block contains control characters, and stored text contains none.
    if checksPacking, block.isStored || source.mayBeText {
      return .success(
        decodeDetectingPacking(
          block, source, into: &output, at: end, historyStart: historyStart, onDecoded: onDecoded))
    }
    if block.isStored {
      output.write(source, at: end)
      hash.unhashed += source.count
      onDecoded(output.view(0..<end + source.count))
      return .success(Content(count: source.count))
    }
    let count = decompress(
      block, source, into: &output, at: end, historyStart: historyStart, &hash, onDecoded: onDecoded)
    guard let count else {
      return .failure(
        Damage(
          reason: .blockDamaged,
          message: "the block of \(NumberFormat.count(source.count, "byte")) cannot be decompressed; not used"
        ))
    }
    return .success(Content(count: count))
  }

  /// Decodes a block whose marking as stored or compressed may be wrong.
  ///
  /// This costs little: decompressing stored text usually fails within its first bytes.
  private func decodeDetectingPacking(
    _ block: BlockRange.Block, _ source: UnsafeBytes, into output: inout UnsafeBuffer, at end: Int,
    historyStart: Int, onDecoded: (UnsafeBytes) -> Void
  ) -> Content {
    var none = Hash(nil)
    let decompressed = decompress(
      block, source, into: &output, at: end, historyStart: historyStart, &none, onDecoded: { _ in })
    let packing = BlockPacking(
      isMarkedStored: block.isStored, stored: source,
      decompressed: decompressed.map { output.view(end..<end + $0) }, followsStored: block.followsStored)
    var count = source.count
    if !packing.isStored, let decompressed {
      count = decompressed
    } else {
      output.write(source, at: end)
    }
    onDecoded(output.view(0..<end + count))
    return Content(count: count, uncertainty: packing.uncertainty)
  }

  /// - Returns: the number of decoded bytes; nil if the block is damaged.
  private func decompress(
    _ block: BlockRange.Block, _ source: UnsafeBytes, into output: inout UnsafeBuffer, at end: Int,
    historyStart: Int, _ hash: inout Hash, onDecoded: (UnsafeBytes) -> Void
  ) -> Int? {
    var compressed = UnsafeLZ4Block(
      source, into: &output, at: end, decodedBytesMax: block.decodedBytesMax, windowStart: historyStart)
    var count = 0
    while true {
      let step = hash.decode(&compressed, atLeast: Self.pieceBytes)
      count += step.count
      if step.state == .damaged { return nil }
      onDecoded(output.view(0..<end + count))
      if step.state == .end { return count }
    }
  }
}
