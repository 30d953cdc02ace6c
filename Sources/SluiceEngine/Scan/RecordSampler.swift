import SluiceRecords

/// Samples lines that were counted as events without being parsed, so that a file without Okta events is noticed
/// (``FileRecognition``).
struct RecordSampler {
  private let plan: ScanPlan
  /// Samples of the files before the current one.
  private var samplesBefore = ArchiveRecognition()
  private var samples = FileSamples()
  private var file = 0
  /// Newlines of the lines of the current block that were sampled.
  private var sampledNewlines: [Int] = []

  init(_ plan: ScanPlan) { self.plan = plan }

  /// The recognition of each file, as far as its records were examined.
  var recognition: ArchiveRecognition {
    var all = samplesBefore
    if samples != FileSamples() { all.merge(samples, of: file) }
    return all
  }

  /// Continues with lines of a file.
  mutating func begin(file: Int) {
    guard file != self.file else { return }
    samplesBefore = recognition
    samples = FileSamples()
    self.file = file
  }

  // MARK: Records that were counted or parsed elsewhere

  mutating func countUnparsed(_ count: Int) { samples.parsed.unparsed += count }

  /// Counts an event that was parsed.
  ///
  /// - Parameter isSample: whether it is a sample too, as every record is if all are parsed.
  mutating func noteEvent(isSample: Bool) {
    samples.parsed.events += 1
    if isSample { samples.parsed.sampled += 1 }
  }

  mutating func noteUnrecognised(at position: Position, appearance: () -> String) {
    samples.parsed.sample(isEvent: false, at: position, appearance: appearance)
  }

  // MARK: Samples

  /// Decoded bytes of a block per sampled line. At least one line of each block is sampled.
  private static var bytesPerSample: Int { 512 << 10 }
  /// Number of lines sampled in the first block of a file, which may be the only one. Blocks with a line that is not
  /// an event get as many.
  private static var samplesOfFirstBlock: Int { 16 }
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
  mutating func sampleBlocks(
    of segment: DecodedSegment, _ data: UnsafeBytes, _ reader: inout EventReader
  ) {
    guard plan.samplesRecords else { return }
    var isSampled = false
    for index in segment.blocks.indices {
      let block = segment.blocks[index]
      let end = index + 1 < segment.blocks.count ? segment.blocks[index + 1].start : segment.bytes.upperBound
      // A stream is one block, and earlier ranges have its beginning.
      let isFirst = block.fileOffset < Self.firstBlockOffsetMax && block.start >= segment.bytes.lowerBound
      let bytes = max(block.start, segment.bytes.lowerBound)..<end
      if sampleBlock(data, bytes, of: segment, fileOffset: block.fileOffset, isFirst: isFirst, &reader) {
        isSampled = true
      }
    }
    if !isSampled { _ = sampleBlock(data, segment.bytes, of: segment, fileOffset: 0, isFirst: true, &reader) }
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
    _ data: UnsafeBytes, _ block: Range<Int>, of segment: DecodedSegment, fileOffset: Int, isFirst: Bool,
    _ reader: inout EventReader
  ) -> Bool {
    let parses = isFirst || block.count >= 1 << 20 || fileOffset % (8 << 20) < 64 << 10
    let count = max(isFirst ? Self.samplesOfFirstBlock : 1, block.count / Self.bytesPerSample)
    sampledNewlines.removeAll(keepingCapacity: true)
    if !sampleLines(count, data, block, of: segment, parses: parses, &reader),
      count < Self.samplesOfFirstBlock
    {
      _ = sampleLines(Self.samplesOfFirstBlock, data, block, of: segment, parses: true, &reader)
    }
    return !sampledNewlines.isEmpty
  }

  /// Samples up to `count` lines of a block.
  ///
  /// - Parameter parses: whether lines are parsed until one is an event. Lines that are not parsed count as events if
  ///   they contain a word that events have.
  /// - Returns: whether all are events.
  private mutating func sampleLines(
    _ count: Int, _ data: UnsafeBytes, _ block: Range<Int>, of segment: DecodedSegment, parses: Bool,
    _ reader: inout EventReader
  ) -> Bool {
    var parses = parses
    var areEvents = true
    var at = block.lowerBound
    for index in 0..<count {
      let near = max(at, block.lowerBound + block.count * (2 * index + 1) / (2 * count))
      guard let sample = sampleLine(data, block, of: segment, near: near, parses: parses, &reader) else {
        continue
      }
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
    _ data: UnsafeBytes, _ block: Range<Int>, of segment: DecodedSegment, near index: Int, parses: Bool,
    _ reader: inout EventReader
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
      if case .complete = LineCompleteness(line), line.count <= plan.limits.lineBytesMax {
        if !parses, Self.words.contains(where: { $0.find(in: line, from: 0) != nil }) {
          samples.likelyEvents += 1
          return (at + count, true)
        }
        // A line that a rule asks for has been parsed and judged.
        if !plan.isCandidate(line) {
          return (at + count, sample(line, at: segment.position(of: at), isCut: false, &reader))
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
  @discardableResult
  mutating func sample(
    _ text: UnsafeBytes, at position: Position, isCut: Bool, _ reader: inout EventReader
  ) -> Bool {
    var found = FileRecognition()
    reader.open(text)
    while found.sampled < Self.recordsPerSample, let record = reader.next() {
      switch record {
      case .event:
        let hasTime = reader.value(.published).flatMap { EventTime($0) } != nil
        found.sample(isEvent: hasTime, at: position) { "an event without a time" }
      case .unknown:
        found.sample(isEvent: false, at: position) { Appearance.of(reader.unrecognisedText) }
      case .error(let error):
        found.sample(isEvent: false, at: position) { Appearance.of(text, error) }
      }
    }
    if found.sampled == 0 {
      found.sample(isEvent: false, at: position) { "JSON without any event" }
    }
    if isCut { samples.cut.merge(found) } else { samples.parsed.merge(found) }
    return found.events > 0
  }

  /// Words that only Okta events contain, in the spellings of shippers. Not every event has one.
  private static let words = [
    PairFinder("externalSessionId", first: 1, second: 8),
    PairFinder("external_session_id", first: 1, second: 8),
  ]
}
