import SluiceRecords

/// A scanner that turns decoded text into events. It finds candidates, parses them, and gives the results to its
/// sink.
struct EventScanner<Sink: EventSink & ~Copyable>: ~Copyable {
  private let plan: ScanPlan
  private var reader: EventReader
  private var joined = UnsafeBuffer(capacity: 64 << 10)
  private var sink: Sink
  private(set) var counts = RecordStats()
  /// The incomplete lines of the text scanned last.
  private(set) var irregular = FragmentLines()
  private(set) var log = ProblemLog()
  /// The segment of the current lines.
  private var segment: DecodedSegment?
  /// Samples of the files before the current one; `samples` are those of the current file.
  private var samplesBefore = ArchiveRecognition()
  private var samples = FileSamples()
  private var sampledFile = 0
  /// Newlines of the lines of the current block that were sampled.
  private var sampledNewlines: [Int] = []
  private var isEveryRecordParsed: Bool { plan.literals == nil }

  /// The place where a line begins.
  private enum LineOrigin {
    /// Offset in the buffer of the current segment.
    case inSegment(Int)
    case known(Position)
  }

  init(plan: ScanPlan, sink: consuming Sink) {
    self.plan = plan
    self.sink = sink
    reader = EventReader(simdTarget: plan.simdTarget, nestingMax: plan.limits.nestingMax, tries: plan.tries)
  }

  var findings: Sink.Findings { sink.findings }

  /// The recognition of each file, as far as its records were examined.
  var archiveRecognition: ArchiveRecognition {
    var all = samplesBefore
    if samples != FileSamples() { all.merge(samples, of: sampledFile) }
    return all
  }

  /// Begins again, as for another archive.
  mutating func renew(_ sink: consuming Sink) {
    self.sink = sink
    counts = RecordStats()
    log = ProblemLog()
    samplesBefore = ArchiveRecognition()
    samples = FileSamples()
  }

  // MARK: Lines

  /// Scans the complete lines of a segment, after its first newline and up to its last. The others are then in
  /// ``irregular``, counted as lines.
  ///
  /// - Parameters:
  ///   - data: the buffer, up to the last newline.
  ///   - finder: a finder that has searched the segment. - Precondition: there are at least two newlines.
  mutating func scan(_ data: UnsafeBytes, of segment: DecodedSegment, _ finder: LineFinder, file: Int) {
    self.segment = segment
    defer { self.segment = nil }
    guard let first = finder.firstNewline else { preconditionFailure("no line is whole") }
    let offset = segment.position(of: first + 1).fileOffset
    begin(file: file, offset: offset, isInLines: true)
    irregular.begin(at: first + 1)
    if finder.takesEveryLine {
      scanEveryLine(data, from: first + 1, file: file)
    } else {
      var longBlankLines = 0
      var scannedLines = 0
      for range in finder.lines {
        switch foundLine(range, data, file: file) {
        case .blank: longBlankLines += 1
        case .whole: scannedLines += 1
        case .irregular: irregular.add(range, of: data)
        }
      }
      // Lines that were found have counted their records. The other lines are events, or blank.
      let blank = finder.blankCount + longBlankLines
      let others = finder.lineCount - blank - scannedLines - irregular.count
      precondition(others >= 0, "lines were counted twice")
      counts.lines += finder.lineCount
      counts.blankLines += blank
      counts.records += others
      countUnparsed(others)
      if others > 0 { sampleBlocks(of: segment, data) }
    }
    irregular.finish(data)
    if irregular.count > 0 { begin(file: file, offset: offset, isInLines: false) }
    sink.finishSegment(data[first + 1..<data.count], &reader)
  }

  /// Scans a line that the prefilter found, if it is complete.
  private mutating func foundLine(_ range: Range<Int>, _ data: UnsafeBytes, file: Int) -> LineCompleteness {
    let line = data[range]
    let shape = LineCompleteness(line)
    if case .blank = shape { return .blank }
    guard case .whole = shape, line.count <= plan.limits.lineBytesMax else { return .irregular }
    // It was found because of a literal, or because it is an array.
    if line[0] == UInt8(ascii: "{") || plan.isCandidate(line) {
      candidate(line, file, .inSegment(range.lowerBound))
    } else {
      unparsed(line)
    }
    return .whole
  }

  private mutating func scanEveryLine(_ data: UnsafeBytes, from start: Int, file: Int) {
    var at = start
    while at < data.count {
      let end = at + (data[at..<data.count].firstIndex(of: UInt8(ascii: "\n")) ?? data.count - at)
      counts.lines += 1
      switch foundLine(at..<end, data, file: file) {
      case .blank: counts.blankLines += 1
      case .whole: break
      case .irregular: irregular.add(at..<end, of: data)
      }
      at = end + 1
    }
  }

  /// Scans text that crossed lines or ranges.
  mutating func scan(_ joined: LineAssembler.Batch, file: Int) {
    counts.lines += joined.lineCount
    counts.blankLines += joined.blankLineCount
    counts.linesWithoutRecord += joined.linesWithoutRecord
    counts.recordsBeyondLines += joined.recordsBeyondLines
    for line in joined.lines {
      let isInLines = !line.isElement && line.fault == nil && !line.followsHole && !line.precedesHole
      begin(file: file, offset: line.position.fileOffset, isInLines: isInLines)
      scan(line, file: file)
    }
  }

  private mutating func begin(file: Int, offset: Int, isInLines: Bool) {
    if file != sampledFile {
      samplesBefore = archiveRecognition
      samples = FileSamples()
      sampledFile = file
    }
    sink.begin(file: file, offset: offset, isInLines: isInLines)
  }

  private mutating func scan(_ line: LineAssembler.Line, file: Int) {
    joined.reserve(line.bytes.count, keeping: 0)
    joined.write(line.bytes, at: 0)
    let text = joined.view(0..<line.bytes.count)
    if line.count > plan.limits.lineBytesMax {
      sink.consumeUnreadable()
      counts.records += 1
      rejectLong(count: line.count, file, .known(line.position))
    } else if let fault = line.fault {
      sink.consumeUnreadable()
      counts.records += 1
      switch fault {
      case .cut:
        reject(
          "cut", "an event that does not end, of \(NumberFormat.count(line.count, "byte"))", file,
          .known(line.position))
      case .page:
        reject("page", "neither an event nor what may stand between events", file, .known(line.position))
      case .openPage: reject("cut", "the page that begins here does not end", file, .known(line.position))
      }
    } else if line.followsHole || line.precedesHole {
      besideHole(text, isBetweenHoles: line.followsHole && line.precedesHole, file: file, line.position)
    } else if plan.isCandidate(text) {
      candidate(text, file, .known(line.position))
    } else {
      unparsed(text)
      if plan.samplesRecords, line.sampling != .skips {
        _ = sample(text, .known(line.position), isCut: line.sampling == .fallsBack)
      }
    }
  }

  /// Counts a text that no rule may match. It is an event whatever it contains, except a page without events.
  private mutating func unparsed(_ text: UnsafeBytes) {
    if text.isEmptyPage {
      counts.linesWithoutRecord += 1
    } else {
      counts.records += 1
      countUnparsed(1)
      sink.consumeUnparsed(text, &reader)
    }
  }

  private mutating func countUnparsed(_ count: Int) {
    counts.events += count
    samples.parsed.unparsed += count
  }

  // MARK: Samples

  /// Decoded bytes of a block per sampled line. At least one line of each block is sampled.
  private static var bytesPerSample: Int { 512 << 10 }
  /// Number of lines sampled in the first block of a file, which may be the only one. Blocks with a line that is not
  /// an event get as many.
  private static var samplesOfDoubt: Int { 16 }
  /// The first block begins within these bytes of a file, which hold its frame's header.
  private static var firstBlockOffsetMax: Int { 64 }
  /// Number of lines tried near each place until one can be sampled.
  private static var linesTriedMax: Int { 8 }
  /// Number of records of one text that are sampled.
  private static var recordsPerSample: Int { 8 }

  /// Samples lines that were counted without being parsed.
  ///
  /// The choice of lines depends only on blocks, so that other ranges give the same samples. If no line is inside one
  /// block, lines of the whole segment are sampled.
  ///
  /// - Parameters:
  ///   - data: the buffer, up to the segment's last newline.
  private mutating func sampleBlocks(of segment: DecodedSegment, _ data: UnsafeBytes) {
    guard plan.samplesRecords else { return }
    var isSampled = false
    for index in segment.blocks.indices {
      let block = segment.blocks[index]
      let end = index + 1 < segment.blocks.count ? segment.blocks[index + 1].start : segment.bytes.upperBound
      // A stream is one block, and earlier ranges have its beginning.
      let isFirst = block.fileOffset < Self.firstBlockOffsetMax && block.start >= segment.bytes.lowerBound
      let bytes = max(block.start, segment.bytes.lowerBound)..<end
      if sampleBlock(data, bytes, fileOffset: block.fileOffset, isFirst: isFirst) { isSampled = true }
    }
    if !isSampled { _ = sampleBlock(data, segment.bytes, fileOffset: 0, isFirst: true) }
  }

  /// Samples lines all over a block. If one is not an event, more are sampled, so that the share of such lines is
  /// known better.
  ///
  /// Most samples cost only the search for the line and for a word in it. Some are parsed, so that events inside an
  /// unknown wrapper are noticed. These are in the file's first block, in large blocks and in some others, until one
  /// is an event.
  ///
  /// - Returns: whether there was a line to sample.
  private mutating func sampleBlock(
    _ data: UnsafeBytes, _ block: Range<Int>, fileOffset: Int, isFirst: Bool
  ) -> Bool {
    let parses = isFirst || block.count >= 1 << 20 || fileOffset % (8 << 20) < 64 << 10
    let count = max(isFirst ? Self.samplesOfDoubt : 1, block.count / Self.bytesPerSample)
    sampledNewlines.removeAll(keepingCapacity: true)
    if !sampleLines(count, data, block, parses: parses), count < Self.samplesOfDoubt {
      _ = sampleLines(Self.samplesOfDoubt, data, block, parses: true)
    }
    return !sampledNewlines.isEmpty
  }

  /// Samples up to `count` lines of a block.
  ///
  /// - Parameter parses: whether lines are parsed until one is an event. A word is not enough before that.
  /// - Returns: whether all are events.
  private mutating func sampleLines(
    _ count: Int, _ data: UnsafeBytes, _ block: Range<Int>, parses: Bool
  ) -> Bool {
    var parses = parses
    var areEvents = true
    var at = block.lowerBound
    for index in 0..<count {
      let near = max(at, block.lowerBound + block.count * (2 * index + 1) / (2 * count))
      guard let sample = sampleLine(data, block, near: near, parses: parses) else { continue }
      sampledNewlines.append(sample.newline)
      if sample.isEvent { parses = false } else { areEvents = false }
      at = sample.newline
    }
    return areEvents
  }

  /// Samples the first suitable line of a block, beginning with the line of a byte. The line must follow a newline of
  /// the block and end in the block.
  ///
  /// - Parameter parses: whether the line must be parsed, so that a word is not enough.
  /// - Returns: the offset of the sampled line's newline, and whether the line is an event; nil if there is no such
  ///   line or it has been sampled.
  private mutating func sampleLine(
    _ data: UnsafeBytes, _ block: Range<Int>, near index: Int, parses: Bool
  ) -> (newline: Int, isEvent: Bool)? {
    let end = min(block.upperBound, data.count)
    guard index < end else { return nil }
    var at: Int
    if let before = data[block.lowerBound..<index].lastIndex(of: UInt8(ascii: "\n")) {
      at = block.lowerBound + before + 1
    } else {
      guard let next = data[index..<end].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
      at = index + next + 1
    }
    for _ in 0..<Self.linesTriedMax where at < end {
      guard let count = data[at..<end].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
      let line = data[at..<at + count]
      if sampledNewlines.contains(at + count) { return nil }
      if case .whole = LineCompleteness(line), line.count <= plan.limits.lineBytesMax {
        if !parses, SampledWords.all.contains(where: { $0.find(in: line, from: 0) != nil }) {
          samples.likelyEvents += 1
          return (at + count, true)
        }
        // A candidate has been parsed and judged.
        if !plan.isCandidate(line) {
          return (at + count, sample(line, .inSegment(at), isCut: false))
        }
      }
      at += count + 1
    }
    return nil
  }

  /// Samples the first records of a text that was not parsed. A text without records is not an event. Neither is a
  /// record without a time, because no rule could count it.
  ///
  /// - Returns: whether one record is an event.
  private mutating func sample(_ text: UnsafeBytes, _ origin: LineOrigin, isCut: Bool) -> Bool {
    var found = FileRecognition()
    reader.open(text)
    while found.sampled < Self.recordsPerSample, let record = reader.next() {
      switch record {
      case .event:
        let hasTime = reader.value(.published).flatMap { EventTime($0) } != nil
        found.sample(isEvent: hasTime, at: position(of: origin)) { "an event without a time" }
      case .unknown:
        found.sample(isEvent: false, at: position(of: origin)) { Appearance.of(reader.strangeText) }
      case .fault(let fault):
        found.sample(isEvent: false, at: position(of: origin)) { Appearance.of(text, fault) }
      }
    }
    if found.sampled == 0 {
      found.sample(isEvent: false, at: position(of: origin)) { "JSON without any event" }
    }
    if isCut { samples.cut.merge(found) } else { samples.parsed.merge(found) }
    return found.events > 0
  }

  /// Scans text beside bytes that could not be used, which may be part of a line. If the hole is on one side only and
  /// the text is one complete object, it is an event: neither the beginning nor the end of an object is an object.
  /// Between two holes it may be part of another object, so it is not used.
  private mutating func besideHole(_ text: UnsafeBytes, isBetweenHoles: Bool, file: Int, _ position: Position)
  {
    if !isBetweenHoles, reader.isOneObject(text) {
      candidate(text, file, .known(position))
    } else {
      sink.consumeUnreadable()
      counts.records += 1
      reject(
        "cut",
        "what is left of a line of which a damaged part is missing (\(NumberFormat.count(text.count, "byte")))",
        file,
        .known(position))
    }
  }

  // MARK: Candidates

  private mutating func candidate(_ line: UnsafeBytes, _ file: Int, _ origin: LineOrigin) {
    guard line.count <= plan.limits.lineBytesMax else {
      sink.consumeUnreadable()
      counts.records += 1
      return rejectLong(count: line.count, file, origin)
    }
    var records = 0
    var isFaulty = false
    reader.open(line)
    while let record = reader.next() {
      records += 1
      switch record {
      case .event(let shape):
        counts.shapes[shape.rawValue] += 1
        samples.parsed.events += 1
        if isEveryRecordParsed { samples.parsed.sampled += 1 }
        let offset = position(of: origin).fileOffset
        count(sink.consume(&reader, at: offset), file, origin)
      case .unknown: unrecognised(line, file, origin)
      case .fault(let fault):
        isFaulty = true
        let text = fault.isInText ? "of a text in a string of the line, un-escaped" : "of the line"
        reject(fault.reason, "\(fault.message) (byte \(fault.offset) \(text))", file, origin)
      }
    }
    if records > 0 { sink.finishLine(line, isFaulty: isFaulty) }
    counts.records += records
    if records == 0 { counts.linesWithoutRecord += 1 } else { counts.recordsBeyondLines += records - 1 }
  }

  /// Rejects a record of no known shape. A record without any rule's literal is not reported by itself.
  private mutating func unrecognised(_ line: UnsafeBytes, _ file: Int, _ origin: LineOrigin) {
    if let rejection = sink.consumeUnrecognised(&reader) {
      return reject(rejection.reason, rejection.message, file, origin)
    }
    counts.rejected[ArchiveRecognition.reason, default: 0] += 1
    if isEveryRecordParsed {
      samples.parsed.sample(isEvent: false, at: position(of: origin)) { Appearance.of(line) }
    }
  }

  /// Counts an event, unless its sink rejects it.
  @inline(__always)
  private mutating func count(_ rejection: Rejection?, _ file: Int, _ origin: LineOrigin) {
    if let rejection {
      reject(rejection.reason, rejection.message, file, origin)
    } else {
      counts.events += 1
    }
  }

  private mutating func rejectLong(count: Int, _ file: Int, _ origin: LineOrigin) {
    reject(
      "line-length",
      "a line of \(NumberFormat.count(count, "byte")), where \(plan.limits.lineBytesMax) are allowed", file,
      origin)
  }

  private func position(of origin: LineOrigin) -> Position {
    switch (origin, segment) {
    case (.known(let known), _): known
    case (.inSegment(let index), let segment?): segment.position(of: index)
    case (.inSegment, nil): preconditionFailure("no run is in hand")
    }
  }

  private mutating func reject(_ reason: String, _ message: String, _ file: Int, _ origin: LineOrigin) {
    let position = position(of: origin)
    counts.rejected[reason, default: 0] += 1
    log.add(
      file: file, position, reason: reason,
      position.offsetInBlock == 0
        ? message : "\(message); the line starts at byte \(position.offsetInBlock) of the block, decoded")
  }
}

extension UnsafeBytes {
  /// Whether the text is `[]`, with any white space.
  fileprivate var isEmptyPage: Bool {
    guard let first = firstContent(), let last = lastContent, last > first else { return false }
    return self[first] == UInt8(ascii: "[") && self[last] == UInt8(ascii: "]")
      && self[first + 1..<last].isBlank
  }

  /// Whether the text is only white space.
  var isBlank: Bool {
    for i in 0..<count {
      let byte = self[i]
      guard byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A else { return false }
    }
    return true
  }
}

/// Words that only Okta events contain, in the spellings of shippers. Not every event has one.
private enum SampledWords {
  static let all = [
    PairFinder("externalSessionId", first: 1, second: 8),
    PairFinder("external_session_id", first: 1, second: 8),
  ]
}
