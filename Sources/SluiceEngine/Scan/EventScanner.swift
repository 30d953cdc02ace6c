import SluiceRecords

/// A scanner that turns decoded text into events. It finds candidates, parses them, and gives the results to its
/// sink.
struct EventScanner<Sink: EventSink & ~Copyable>: ~Copyable {
  private let plan: ScanPlan
  private var reader: EventReader
  private var joined = UnsafeBuffer(capacity: 64 << 10)
  private var sink: Sink
  private(set) var records = RecordStats()
  /// The incomplete lines of the text scanned last.
  private(set) var fragmentLines = FragmentLines()
  private(set) var log = ProblemLog()
  /// The segment of the current lines.
  private var segment: DecodedSegment?
  private var sampler: RecordSampler
  private var isEveryRecordParsed: Bool { plan.literals == nil }

  /// The location where a line begins.
  private enum LineOrigin {
    /// Offset in the buffer of the current segment.
    case inSegment(Int)
    case known(Position)
  }

  init(plan: ScanPlan, sink: consuming Sink) {
    self.plan = plan
    self.sink = sink
    sampler = RecordSampler(plan)
    reader = EventReader(simdTarget: plan.simdTarget, nestingMax: plan.limits.nestingMax, tries: plan.tries)
  }

  var findings: Sink.Findings { sink.findings }

  /// The recognition of each file, as far as its records were examined.
  var archiveRecognition: ArchiveRecognition { sampler.recognition }

  /// Begins again, as for another archive.
  mutating func renew(_ sink: consuming Sink) {
    self.sink = sink
    records = RecordStats()
    log = ProblemLog()
    sampler = RecordSampler(plan)
  }

  // MARK: Lines

  /// Scans the complete lines of a segment, after its first newline and up to its last. The others are then in
  /// ``fragmentLines``, counted as lines.
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
    fragmentLines.begin(at: first + 1)
    if finder.takesEveryLine {
      scanEveryLine(data, from: first + 1, file: file)
    } else {
      var longBlankLines = 0
      var scannedLines = 0
      for range in finder.lines {
        switch foundLine(range, data, file: file) {
        case .blank: longBlankLines += 1
        case .complete: scannedLines += 1
        case .fragment: fragmentLines.add(range, of: data)
        }
      }
      // Lines that were found have counted their records. The other lines are events, or blank.
      let blank = finder.blankCount + longBlankLines
      let others = finder.lineCount - blank - scannedLines - fragmentLines.count
      precondition(others >= 0, "lines were counted twice")
      records.lines += finder.lineCount
      records.blankLines += blank
      records.count += others
      countUnparsed(others)
      if others > 0 { sampler.sampleBlocks(of: segment, data, &reader) }
    }
    fragmentLines.finish(data)
    if fragmentLines.count > 0 { begin(file: file, offset: offset, isInLines: false) }
    sink.finishSegment(data[first + 1..<data.count], &reader)
  }

  /// Scans a line that the prefilter found, if it is complete.
  private mutating func foundLine(_ range: Range<Int>, _ data: UnsafeBytes, file: Int) -> LineCompleteness {
    let line = data[range]
    let shape = LineCompleteness(line)
    if case .blank = shape { return .blank }
    guard case .complete = shape, line.count <= plan.limits.lineBytesMax else { return .fragment }
    // It was found because of a literal, or because it is an array.
    if line[0] == UInt8(ascii: "{") || plan.isCandidate(line) {
      candidate(line, file, .inSegment(range.lowerBound))
    } else {
      unparsed(line)
    }
    return .complete
  }

  private mutating func scanEveryLine(_ data: UnsafeBytes, from start: Int, file: Int) {
    var at = start
    while at < data.count {
      let end = at + (data[at..<data.count].firstIndex(of: UInt8(ascii: "\n")) ?? data.count - at)
      records.lines += 1
      switch foundLine(at..<end, data, file: file) {
      case .blank: records.blankLines += 1
      case .complete: break
      case .fragment: fragmentLines.add(at..<end, of: data)
      }
      at = end + 1
    }
  }

  /// Scans text that crossed lines or ranges.
  mutating func scan(_ joined: LineAssembler.Batch, file: Int) {
    records.lines += joined.lineCount
    records.blankLines += joined.blankLineCount
    records.linesWithoutRecord += joined.linesWithoutRecord
    records.recordsBeyondLines += joined.recordsBeyondLines
    for line in joined.lines {
      let isInLines = !line.isElement && line.error == nil && !line.followsHole && !line.precedesHole
      begin(file: file, offset: line.position.fileOffset, isInLines: isInLines)
      scan(line, file: file)
    }
  }

  private mutating func begin(file: Int, offset: Int, isInLines: Bool) {
    sampler.begin(file: file)
    sink.begin(file: file, offset: offset, isInLines: isInLines)
  }

  private mutating func scan(_ line: LineAssembler.Line, file: Int) {
    joined.reserve(line.bytes.count, keeping: 0)
    joined.write(line.bytes, at: 0)
    let text = joined.view(0..<line.bytes.count)
    if line.count > plan.limits.lineBytesMax {
      sink.consumeUnreadable()
      records.count += 1
      rejectLong(count: line.count, file, .known(line.position))
    } else if let error = line.error {
      sink.consumeUnreadable()
      records.count += 1
      switch error {
      case .cut:
        reject(
          .cut, "an event that does not end, of \(NumberFormat.count(line.count, "byte"))", file,
          .known(line.position))
      case .page:
        reject(.page, "neither an event nor what may stand between events", file, .known(line.position))
      case .openPage: reject(.cut, "the page that begins here does not end", file, .known(line.position))
      }
    } else if line.followsHole || line.precedesHole {
      besideHole(text, isBetweenHoles: line.followsHole && line.precedesHole, file: file, line.position)
    } else if plan.isCandidate(text) {
      candidate(text, file, .known(line.position))
    } else {
      unparsed(text)
      if plan.samplesRecords, line.sampling != .skips {
        sampler.sample(text, at: line.position, isCut: line.sampling == .fallsBack, &reader)
      }
    }
  }

  /// Counts a text that no rule may match. It is an event whatever it contains, except a page without events.
  private mutating func unparsed(_ text: UnsafeBytes) {
    if text.isEmptyPage {
      records.linesWithoutRecord += 1
    } else {
      records.count += 1
      countUnparsed(1)
      sink.consumeUnparsed(text, &reader)
    }
  }

  private mutating func countUnparsed(_ count: Int) {
    records.events += count
    sampler.countUnparsed(count)
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
      records.count += 1
      reject(
        .cut,
        "what is left of a line of which a damaged part is missing (\(NumberFormat.count(text.count, "byte")))",
        file,
        .known(position))
    }
  }

  // MARK: Candidates

  private mutating func candidate(_ line: UnsafeBytes, _ file: Int, _ origin: LineOrigin) {
    guard line.count <= plan.limits.lineBytesMax else {
      sink.consumeUnreadable()
      records.count += 1
      return rejectLong(count: line.count, file, origin)
    }
    var recordCount = 0
    var hasErrors = false
    reader.open(line)
    while let record = reader.next() {
      recordCount += 1
      switch record {
      case .event(let shape):
        records.shapeCounts[shape.rawValue] += 1
        sampler.noteEvent(isSample: isEveryRecordParsed)
        let offset = position(of: origin).fileOffset
        count(sink.consume(&reader, at: offset), file, origin)
      case .unknown: unrecognised(line, file, origin)
      case .error(let error):
        hasErrors = true
        let text = error.isInText ? "of a text in a string of the line, un-escaped" : "of the line"
        reject(error.reason, "\(error.message) (byte \(error.offset) \(text))", file, origin)
      }
    }
    if recordCount > 0 { sink.finishLine(line, hasErrors: hasErrors) }
    records.count += recordCount
    if recordCount == 0 {
      records.linesWithoutRecord += 1
    } else {
      records.recordsBeyondLines += recordCount - 1
    }
  }

  /// Rejects a record of no known shape. A record without any rule's literal is not reported by itself.
  private mutating func unrecognised(_ line: UnsafeBytes, _ file: Int, _ origin: LineOrigin) {
    if let rejection = sink.consumeUnrecognised(&reader) {
      return reject(rejection.reason, rejection.message, file, origin)
    }
    records.reject(.unrecognised)
    if isEveryRecordParsed {
      sampler.noteUnrecognised(at: position(of: origin)) { Appearance.of(line) }
    }
  }

  /// Counts an event, unless its sink rejects it.
  @inline(__always)
  private mutating func count(_ rejection: Rejection?, _ file: Int, _ origin: LineOrigin) {
    if let rejection {
      reject(rejection.reason, rejection.message, file, origin)
    } else {
      records.events += 1
    }
  }

  private mutating func rejectLong(count: Int, _ file: Int, _ origin: LineOrigin) {
    reject(
      .lineLength,
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

  private mutating func reject(_ reason: Reason, _ message: String, _ file: Int, _ origin: LineOrigin) {
    let position = position(of: origin)
    records.reject(reason)
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
