/// Turns decoded text into events: finds candidates, walks them, and gives what it finds to its taker.
struct EventScanner<Taker: EventTaker & ~Copyable>: ~Copyable {
  private let plan: ScanPlan
  private var reader: EventReader
  private var joined = UnsafeBuffer(capacity: 64 << 10)
  private var taker: Taker
  private(set) var counts = ScanCounts()
  /// Of the text scanned last.
  private(set) var irregular = IrregularLines()
  private(set) var log = ProblemLog()
  /// In which the lines in hand lie.
  private var run: Run?
  /// Recognition of the files before the one in hand, and of that one.
  private var recognisedBefore = ArchiveRecognition()
  private var recognition = FileRecognition()
  private var recognisedFile = 0
  /// Lines of a run that are sampled at most.
  private static var probesMax: Int { 16 }
  /// Lines that are tried until one can be sampled.
  private static var linesTriedMax: Int { 8 }
  private var isEveryRecordParsed: Bool { plan.literals == nil }

  /// Where a line begins.
  private enum Place {
    /// Offset in the buffer of the run in hand.
    case inRun(Int)
    case known(Position)
  }

  init(plan: ScanPlan, taker: consuming Taker) {
    self.plan = plan
    self.taker = taker
    reader = EventReader(kernel: plan.kernel, nestingMax: plan.limits.nestingMax, tries: plan.tries)
  }

  var findings: Taker.Findings { taker.findings }

  /// Whether the records of each file are Okta events, as far as they were looked at.
  var archiveRecognition: ArchiveRecognition {
    var all = recognisedBefore
    if recognition != FileRecognition() { all.merge(recognition, of: recognisedFile) }
    return all
  }

  /// Begins anew, as for another archive.
  mutating func renew(_ taker: consuming Taker) {
    self.taker = taker
    counts = ScanCounts()
    log = ProblemLog()
    recognisedBefore = ArchiveRecognition()
    recognition = FileRecognition()
  }

  // MARK: Lines

  /// Scans the lines of a run that are whole by themselves, behind its first newline and up to its last.
  /// The others are in ``irregular`` then, counted as lines.
  ///
  /// - Parameters:
  ///   - data: the buffer, up to the last newline.
  ///   - finder: which has gone over the run. - Precondition: there are two newlines at least.
  mutating func scan(_ data: UnsafeBytes, of run: Run, _ finder: LineFinder, file: Int) {
    self.run = run
    defer { self.run = nil }
    guard let first = finder.firstNewline else { preconditionFailure("no line is whole") }
    let offset = run.position(of: first + 1).fileOffset
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
      // Lines that were found have counted their records; the other lines are events, or blank.
      let blank = finder.blankCount + longBlankLines
      let others = finder.lineCount - blank - scannedLines - irregular.count
      precondition(others >= 0, "lines were counted twice")
      counts.lines += finder.lineCount
      counts.blankLines += blank
      counts.records += others
      countUnparsed(others)
      sampleLines(data, from: first + 1)
    }
    irregular.finish(data)
    if irregular.count > 0 { begin(file: file, offset: offset, isInLines: false) }
    taker.takeLines(data[first + 1..<data.count], &reader)
  }

  /// Scans a line that the prefilter found, if it is whole by itself.
  private mutating func foundLine(_ range: Range<Int>, _ data: UnsafeBytes, file: Int) -> LineShape {
    let line = data[range]
    let shape = LineShape(line)
    if case .blank = shape { return .blank }
    guard case .whole = shape, line.count <= plan.limits.lineBytesMax else { return .irregular }
    // It was found by what it holds, or because it is an array.
    if line[0] == UInt8(ascii: "{") || plan.isCandidate(line) {
      candidate(line, file, .inRun(range.lowerBound))
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

  /// Scans what lay across lines or ranges.
  mutating func scan(_ joined: Seams.Joined, file: Int) {
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
    if file != recognisedFile {
      recognisedBefore = archiveRecognition
      recognition = FileRecognition()
      recognisedFile = file
    }
    taker.begin(file: file, offset: offset, isInLines: isInLines)
  }

  private mutating func scan(_ line: Seams.Line, file: Int) {
    joined.reserve(line.bytes.count, keeping: 0)
    joined.write(line.bytes, at: 0)
    let text = joined.view(0..<line.bytes.count)
    if line.count > plan.limits.lineBytesMax {
      taker.takeUnreadable()
      counts.records += 1
      rejectLong(count: line.count, file, .known(line.position))
    } else if let fault = line.fault {
      taker.takeUnreadable()
      counts.records += 1
      switch fault {
      case .cut:
        reject(
          "cut", "an event that does not end, of \(Amount.count(line.count, "byte"))", file,
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
      // Few lines are joined, unless the text is cut into records byte by byte, which costs far more.
      if plan.samplesRecords { _ = sample(text, .known(line.position)) }
    }
  }

  /// Counts a text that no rule may match: an event, whatever it is, but for a page without any.
  private mutating func unparsed(_ text: UnsafeBytes) {
    if text.isEmptyPage {
      counts.linesWithoutRecord += 1
    } else {
      counts.records += 1
      countUnparsed(1)
      taker.takeUnread(text, &reader)
    }
  }

  private mutating func countUnparsed(_ count: Int) {
    counts.events += count
    recognition.unparsed += count
  }

  // MARK: Samples

  /// Samples the lines of a run that were counted without having been parsed: one near the middle, and if that is no event
  /// others all over the run, so that the share of such records is known better.
  ///
  /// - Parameters:
  ///   - data: the buffer, up to the last newline.
  ///   - start: where the run's first whole line begins.
  private mutating func sampleLines(_ data: UnsafeBytes, from start: Int) {
    guard plan.samplesRecords else { return }
    let bytes = data.count - start
    guard let middle = sampleLine(data, from: start, near: start + bytes / 2, except: nil), !middle.isEvent
    else {
      return
    }
    var at = start
    for probe in 0..<Self.probesMax {
      let near = max(at, start + bytes * probe / Self.probesMax)
      guard let found = sampleLine(data, from: at, near: near, except: middle.line) else { continue }
      at = found.line.upperBound + 1
    }
  }

  /// Samples the first suitable one of some lines, from that on which a byte stands.
  ///
  /// - Parameters:
  ///   - start: where a line begins, at or before that byte.
  ///   - sampled: a line that has been sampled.
  private mutating func sampleLine(
    _ data: UnsafeBytes, from start: Int, near index: Int, except sampled: Range<Int>?
  ) -> (line: Range<Int>, isEvent: Bool)? {
    var at = data[start..<index].lastIndex(of: UInt8(ascii: "\n")).map { start + $0 + 1 } ?? start
    for _ in 0..<Self.linesTriedMax where at < data.count {
      let end = at + (data[at..<data.count].firstIndex(of: UInt8(ascii: "\n")) ?? data.count - at)
      let line = data[at..<end]
      if at..<end != sampled, case .whole = LineShape(line), line.count <= plan.limits.lineBytesMax,
        !plan.isCandidate(line), let isEvent = sample(line, .inRun(at))
      {
        return (at..<end, isEvent)
      }
      at = end + 1
    }
    return nil
  }

  /// Samples the first record of a text that was not parsed.
  ///
  /// - Returns: whether it is an Okta event; nil if the text holds no record.
  private mutating func sample(_ text: UnsafeBytes, _ place: Place) -> Bool? {
    reader.open(text)
    guard let record = reader.next() else { return nil }
    let isEvent = if case .event = record { true } else { false }
    recognition.sample(isEvent: isEvent, at: position(of: place)) { Appearance.of(text) }
    return isEvent
  }

  /// What stands beside bytes that could not be used may be half a line. If a hole is on one side only and it is one
  /// whole object nevertheless, it is an event: neither the beginning nor the end of an object is an object. Between
  /// two holes it may be part of another, and is not used.
  private mutating func besideHole(_ text: UnsafeBytes, isBetweenHoles: Bool, file: Int, _ position: Position)
  {
    if !isBetweenHoles, reader.isOneObject(text) {
      candidate(text, file, .known(position))
    } else {
      taker.takeUnreadable()
      counts.records += 1
      reject(
        "cut",
        "what is left of a line of which a damaged part is missing (\(Amount.count(text.count, "byte")))",
        file,
        .known(position))
    }
  }

  // MARK: Candidates

  private mutating func candidate(_ line: UnsafeBytes, _ file: Int, _ place: Place) {
    guard line.count <= plan.limits.lineBytesMax else {
      taker.takeUnreadable()
      counts.records += 1
      return rejectLong(count: line.count, file, place)
    }
    var records = 0
    var isFaulty = false
    reader.open(line)
    while let record = reader.next() {
      records += 1
      switch record {
      case .event(let shape):
        counts.shapes[shape.rawValue] += 1
        recognition.events += 1
        if isEveryRecordParsed { recognition.sampled += 1 }
        let offset = position(of: place).fileOffset
        count(taker.take(&reader, at: offset), file, place)
      case .unknown: unrecognised(line, file, place)
      case .fault(let fault):
        isFaulty = true
        let text = fault.isInText ? "of a text in a string of the line, un-escaped" : "of the line"
        reject(fault.reason, "\(fault.message) (byte \(fault.offset) \(text))", file, place)
      }
    }
    if records > 0 { taker.finish(line, isFaulty: isFaulty) }
    counts.records += records
    if records == 0 { counts.linesWithoutRecord += 1 } else { counts.recordsBeyondLines += records - 1 }
  }

  /// Rejects a record of no known shape. One that holds nothing that a rule looks for is not named by itself.
  private mutating func unrecognised(_ line: UnsafeBytes, _ file: Int, _ place: Place) {
    if let rejection = taker.takeStrange(&reader) {
      return reject(rejection.reason, rejection.message, file, place)
    }
    counts.rejected[ArchiveRecognition.reason, default: 0] += 1
    if isEveryRecordParsed {
      recognition.sample(isEvent: false, at: position(of: place)) { Appearance.of(line) }
    }
  }

  /// Counts an event, unless its taker rejects it.
  @inline(__always)
  private mutating func count(_ rejection: Rejection?, _ file: Int, _ place: Place) {
    if let rejection {
      reject(rejection.reason, rejection.message, file, place)
    } else {
      counts.events += 1
    }
  }

  private mutating func rejectLong(count: Int, _ file: Int, _ place: Place) {
    reject(
      "line-length",
      "a line of \(Amount.count(count, "byte")), where \(plan.limits.lineBytesMax) are allowed", file, place)
  }

  private func position(of place: Place) -> Position {
    switch (place, run) {
    case (.known(let known), _): known
    case (.inRun(let index), let run?): run.position(of: index)
    case (.inRun, nil): preconditionFailure("no run is in hand")
    }
  }

  private mutating func reject(_ reason: String, _ message: String, _ file: Int, _ place: Place) {
    let position = position(of: place)
    counts.rejected[reason, default: 0] += 1
    log.add(
      file: file, position, reason: reason,
      position.offsetInBlock == 0
        ? message : "\(message); the line starts at byte \(position.offsetInBlock) of the block, decoded")
  }
}

extension UnsafeBytes {
  /// `[]`, with any white space.
  fileprivate var isEmptyPage: Bool {
    guard let first = firstContent(), let last = lastContent, last > first else { return false }
    return self[first] == UInt8(ascii: "[") && self[last] == UInt8(ascii: "]")
      && self[first + 1..<last].isBlank
  }

  /// Nothing but white space.
  var isBlank: Bool {
    for i in 0..<count {
      let byte = self[i]
      guard byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A else { return false }
    }
    return true
  }
}
