import SluiceRecords

/// One worker of a scan: takes block ranges, scans them and keeps the findings of its event sink.
struct ScanWorker<Sink: EventSink & ~Copyable>: ~Copyable {
  /// Result of a worker after its last range.
  struct Output: Sendable {
    var findings: Sink.Findings
    var records: RecordStats
    var recognition: ArchiveRecognition
    var input: InputStats
    var log: ProblemLog
  }

  private let plan: ScanPlan
  private let finder: LineFinder
  private var scanner: EventScanner<Sink>
  private var context: ReadContext
  /// Counts that were last reported as progress.
  private var reported = (bytesRead: 0, events: 0)

  init(plan: ScanPlan, sink: consuming Sink) {
    self.plan = plan
    // Tiny ranges get tiny buffers, so tests with them exercise reads across the end of a buffer.
    context = ReadContext(rangeBytes: min(plan.tuning.rangeBytesTarget, 1 << 20))
    finder = LineFinder(plan: plan)
    scanner = EventScanner(plan: plan, sink: sink)
  }

  var output: Output {
    var log = context.log
    log.merge(scanner.log)
    return Output(
      findings: scanner.findings, records: scanner.records, recognition: scanner.archiveRecognition,
      input: context.stats, log: log)
  }

  /// Returns the output so far and starts again, as if for another archive.
  mutating func takeOutput(renewing sink: consuming Sink) -> Output {
    let output = output
    scanner.renew(sink)
    (context.stats, reported, context.log) = (InputStats(), (0, 0), ProblemLog())
    return output
  }

  /// Takes files, and ranges of shared files, until nothing is left to read.
  mutating func run(_ queue: WorkQueue) {
    while let (stream, isNew) = queue.file() {
      guard read(stream, isNew: isNew, queue) else { return }
    }
  }

  /// Reads ranges of a file until none is left.
  ///
  /// - Parameter isNew: whether this worker must open the file. Otherwise another worker has opened it, and they share
  ///   its ranges.
  /// - Returns: false once more bytes than allowed have been decoded, over all files.
  mutating func read(_ stream: ArchiveStream, isNew: Bool, _ queue: WorkQueue) -> Bool {
    let finder = finder
    if isNew {
      guard queue.open(stream, tuning: plan.tuning, log: &context.log) else { return true }
      context.stats.files += 1
    }
    while let (range, decoded) = stream.next(
      &context,
      onDecoded: { finder.scan(upTo: $0, from: WorkerBuffers.historyBytes) })
    {
      // Other workers may wait for this range.
      scan(range, decoded, stream)
      guard queue.count(decoded.byteCount) else { return false }
      reportProgress(queue.progress)
    }
    scan(stream.lineAssembler.remainingBatch(), stream)
    // The end of a file, or a refused rest of it, is read after its last range.
    reportProgress(queue.progress)
    return true
  }

  private mutating func reportProgress(_ progress: ScanProgress?) {
    guard let progress else { return }
    progress.add(
      bytesRead: context.stats.bytesCompressed - reported.bytesRead,
      events: scanner.records.events - reported.events
    )
    reported = (context.stats.bytesCompressed, scanner.records.events)
  }

  private mutating func scan(_ range: BlockRange, _ decoded: BlockDecoder.Decoded, _ stream: ArchiveStream) {
    var fragments: [LineAssembler.Fragment] = []
    fragments.reserveCapacity(4)
    // Other workers may wait for the checksum. A range without one is finished after its scan.
    if decoded.checksum != nil { finishRange(range, decoded, stream) }
    // The search during decoding may have covered bytes that were not there.
    if decoded.isDamaged { finder.forget() }
    if range.followsHole || decoded.startsWithHole { fragments.append(.hole) }
    sniffContent(of: decoded, in: range, file: stream.file)
    for (index, segment) in decoded.segments.enumerated() {
      if index > 0, segment.memory == .output { fragments.append(.hole) }
      let text = context.buffers.whole(segment)
      finder.scan(upTo: text, from: segment.bytes.lowerBound)
      scan(segment, text, file: stream.file, range.edge, &fragments)
      finder.forget()
    }
    if range.precedesHole || decoded.endsWithHole { fragments.append(.hole) }
    if range.edge != .tail { context.stats.bytesDecompressed += decoded.byteCount }

    if decoded.checksum == nil { finishRange(range, decoded, stream) }
    scan(stream.lineAssembler.join(sequence: range.sequence, fragments), stream)
  }

  /// Scans the joined lines, and the lines that can be joined after them.
  private mutating func scan(_ joined: LineAssembler.Batch, _ stream: ArchiveStream) {
    scanner.scan(joined, file: stream.file)
    var hasMore = joined.hasMore
    while hasMore {
      let more = stream.lineAssembler.nextBatch()
      scanner.scan(more, file: stream.file)
      hasMore = more.hasMore
    }
  }

  /// Reports compressed content that does not look like text. The content is scanned nevertheless.
  ///
  /// At the start of a file, content that is neither text nor a known format is reported; it may be damaged text.
  /// At the start of a later frame or member, known formats are reported.
  private mutating func sniffContent(of decoded: BlockDecoder.Decoded, in range: BlockRange, file: Int) {
    guard let offset = range.frameOffset, range.edge == nil, !decoded.startsWithHole,
      let segment = decoded.segments.first
    else {
      return
    }
    // LZ4 samples only the first block, so that the result does not depend on how many blocks make a range.
    let end = segment.blocks.count > 1 ? segment.blocks[1].start : segment.bytes.upperBound
    let bytes = context.buffers.view(segment)
    let sample = bytes[0..<min(Codec.sampleBytes, end - segment.bytes.lowerBound)]
    if range.sequence == 0 {
      guard case .unknown(let what) = Codec(sample: sample, isNamedLZ4: false) else { return }
      context.log.add(
        file: file, Position(fileOffset: 0, offsetInBlock: 0), reason: .codec,
        "what is packed does not begin like text, and is scanned as it is: \(what)")
    } else if let what = Codec.foreign(inLater: sample) {
      context.log.add(
        file: file, Position(fileOffset: offset, offsetInBlock: 0), reason: .codec,
        "what is packed from here on does not begin like text, and is scanned as it is: \(what)")
    }
  }

  /// Scans the complete lines of a segment. Fragments are kept for line assembly: fragment lines, and the bytes
  /// before the first newline and after the last one.
  ///
  /// - Parameters:
  ///   - buffer: the decoded bytes up to the end of the segment.
  ///   - edge: edge of the file split where the range lies; see ``FileSplit``.
  private mutating func scan(
    _ segment: DecodedSegment, _ buffer: UnsafeBytes, file: Int, _ edge: FileSplit.Edge?,
    _ fragments: inout [LineAssembler.Fragment]
  ) {
    func text(_ range: Range<Int>) -> LineAssembler.LocatedBytes {
      LineAssembler.LocatedBytes(bytes: buffer[range].array, offsets: segment.offsetMap(of: range))
    }
    let start = segment.bytes.lowerBound
    guard let first = finder.firstNewline else {
      if !segment.bytes.isEmpty, edge != .head { fragments.append(.partialLine(text(segment.bytes))) }
      return
    }
    let last = finder.lastNewline
    if edge != .head {
      fragments.append(.partialLine(text(start..<first)))
      fragments.append(.newline)
    }
    if edge == .tail { return }
    if last > first {
      scanner.scan(buffer[0..<last + 1], of: segment, finder, file: file)
      for stretch in scanner.fragmentLines.stretches {
        switch stretch {
        case .completeLines: fragments.append(.completeLines)
        case .fragmentLines(let range): fragments.append(.fragmentLines(text(range)))
        }
      }
    }
    if last + 1 < buffer.count { fragments.append(.partialLine(text(last + 1..<buffer.count))) }
  }

  /// Adds a range to the verification of its frame.
  private mutating func finishRange(
    _ range: BlockRange, _ decoded: BlockDecoder.Decoded, _ stream: ArchiveStream
  ) {
    guard let frame = range.frame else { return }
    let outcome = frame.checksumChain.add(
      index: range.indexInFrame, checksum: decoded.checksum,
      segments: decoded.segments.map { context.buffers.view($0) },
      isDamaged: decoded.isDamaged || decoded.hasUncertainPacking, end: range.end)
    switch outcome {
    case nil: break
    case .verified: context.stats.framesVerified += stream.counts(frame) ? 1 : 0
    case .unverifiable: context.stats.framesUnverifiable += stream.counts(frame) ? 1 : 0
    case .corrupt(let problem):
      context.stats.framesCorrupt += 1
      guard let problem else { break }
      context.log.add(
        file: stream.file, Position(fileOffset: frame.offset, offsetInBlock: 0), reason: problem.reason,
        problem.message)
    }
  }
}
