import SluiceRecords

/// Samples lines that were counted as events without having been parsed, so that a file that holds no Okta events is
/// noticed (``FileRecognition``).
struct RecordSampler {
  private let plan: ScanPlan
  /// Samples of the files before the one in hand.
  private var samplesBefore = ArchiveRecognition()
  private var samples = FileSamples()
  private var file = 0
  /// Ends of the lines that were sampled in the block in hand.
  private var sampledNewlines: [Int] = []

  init(_ plan: ScanPlan) { self.plan = plan }

  /// Whether the records of each file are Okta events, as far as they were looked at.
  var recognition: ArchiveRecognition {
    var all = samplesBefore
    if samples != FileSamples() { all.merge(samples, of: file) }
    return all
  }

  /// Goes on with lines of a file.
  mutating func begin(file: Int) {
    guard file != self.file else { return }
    samplesBefore = recognition
    samples = FileSamples()
    self.file = file
  }

  // MARK: Records that were counted or parsed elsewhere

  mutating func countUnparsed(_ count: Int) { samples.parsed.unparsed += count }

  /// - Parameter isSample: whether it counts as a sample, as every record does that is parsed because all are.
  mutating func noteEvent(isSample: Bool) {
    samples.parsed.events += 1
    if isSample { samples.parsed.sampled += 1 }
  }

  mutating func noteUnrecognised(at position: Position, appearance: () -> String) {
    samples.parsed.sample(isEvent: false, at: position, appearance: appearance)
  }

  // MARK: Samples

  /// Decoded bytes of a block for which one line is sampled; at least one of each block is.
  private static var bytesPerSample: Int { 512 << 10 }
  /// Lines sampled of the first block of a file, which may be all of it, and of one that holds something else.
  private static var samplesOfDoubt: Int { 16 }
  /// The first block lies within these bytes of a file: they hold its frame's header.
  private static var firstBlockOffsetMax: Int { 64 }
  /// Lines that are tried near each place until one can be sampled.
  private static var linesTriedMax: Int { 8 }
  /// Records of one text that are sampled.
  private static var recordsPerSample: Int { 8 }

  /// Samples lines that were counted without having been parsed.
  ///
  /// Which lines are sampled depends on blocks alone, so that other ranges give the same samples. Only where no line
  /// lies wholly in one block are the lines of the whole segment sampled.
  ///
  /// - Parameter data: the buffer, up to the segment's last newline.
  mutating func sampleBlocks(
    of segment: DecodedSegment, _ data: UnsafeBytes, _ reader: inout EventReader
  ) {
    guard plan.samplesRecords else { return }
    var isSampled = false
    for index in segment.blocks.indices {
      let block = segment.blocks[index]
      let end = index + 1 < segment.blocks.count ? segment.blocks[index + 1].start : segment.bytes.upperBound
      // A stream is one block, of which earlier ranges hold the beginning.
      let isFirst = block.fileOffset < Self.firstBlockOffsetMax && block.start >= segment.bytes.lowerBound
      let bytes = max(block.start, segment.bytes.lowerBound)..<end
      if sampleBlock(data, bytes, of: segment, fileOffset: block.fileOffset, isFirst: isFirst, &reader) {
        isSampled = true
      }
    }
    if !isSampled { _ = sampleBlock(data, segment.bytes, of: segment, fileOffset: 0, isFirst: true, &reader) }
  }

  /// Samples lines all over a block; more of them if one is no event, so that the share of such lines is known better.
  ///
  /// Most samples cost no more than finding the line and a word in it. Some are parsed, so that events within something
  /// unknown are noticed: in the file's first block, in large ones and in some between, until one is an event.
  ///
  /// - Returns: whether there was a line to sample.
  private mutating func sampleBlock(
    _ data: UnsafeBytes, _ block: Range<Int>, of segment: DecodedSegment, fileOffset: Int, isFirst: Bool,
    _ reader: inout EventReader
  ) -> Bool {
    let parses = isFirst || block.count >= 1 << 20 || fileOffset % (8 << 20) < 64 << 10
    let count = max(isFirst ? Self.samplesOfDoubt : 1, block.count / Self.bytesPerSample)
    sampledNewlines.removeAll(keepingCapacity: true)
    if !sampleLines(count, data, block, of: segment, parses: parses, &reader), count < Self.samplesOfDoubt {
      _ = sampleLines(Self.samplesOfDoubt, data, block, of: segment, parses: true, &reader)
    }
    return !sampledNewlines.isEmpty
  }

  /// Samples so many lines of a block, if it has them.
  ///
  /// - Parameter parses: whether a word is not enough until one is an event.
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

  /// Samples the first suitable line of a block, from the line of a byte on. The line follows a newline of the block and ends
  /// in the block.
  ///
  /// - Parameter parses: whether a word is not enough.
  /// - Returns: the offset of the sampled line's newline, and whether the line holds an event; nil if there is none, or it has
  ///   been sampled.
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
      if case .whole = LineCompleteness(line), line.count <= plan.limits.lineBytesMax {
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

  /// Samples the first records of a text that was not parsed. One without any record is no event either, nor is one
  /// without a time, since no rule could count it.
  ///
  /// - Returns: whether one is an event.
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
        found.sample(isEvent: false, at: position) { Appearance.of(reader.strangeText) }
      case .fault(let fault):
        found.sample(isEvent: false, at: position) { Appearance.of(text, fault) }
      }
    }
    if found.sampled == 0 {
      found.sample(isEvent: false, at: position) { "JSON without any event" }
    }
    if isCut { samples.cut.merge(found) } else { samples.parsed.merge(found) }
    return found.events > 0
  }

  /// Words that only events of Okta's hold, in the namings of shippers. Not every event has one.
  private static let words = [
    PairFinder("externalSessionId", first: 1, second: 8),
    PairFinder("external_session_id", first: 1, second: 8),
  ]
}
