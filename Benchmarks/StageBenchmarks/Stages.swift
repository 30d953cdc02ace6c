@testable import SluiceEngine
@testable import SluiceRecords
@testable import SluiceRules
@testable import SluiceSystem

/// The engine's stages one by one, over a small archive.
///
/// The initialiser prepares the input of the stages, so a call measures only its stage. Every stage runs the engine's
/// own code. Calls return the amount of work, in bytes or in items.
///
/// The class is `Sendable` so that it can be a global constant. Only one thread at a time may use it.
final class Stages: @unchecked Sendable {
  private let plan: ScanPlan
  private let key = HashKey(seed: 1)
  /// Compressed blocks of the archive, in the input buffer.
  private var packed = ReadContext()
  private var ranges: [BlockRange] = []
  /// Decoded text of one range, up to its last newline.
  private var text = UnsafeBuffer(capacity: 0)
  private var textCount = 0
  private var found = Prefilter.LineList()
  /// Events of the archive that passed some rule's filter, at most ``eventCountMax``.
  private var events: [Event] = []
  private var walker = JSONWalker(trie: ShapeTries.all.raw)
  private var scratch = UnsafeBuffer(capacity: 1 << 20)
  /// Output for each file, as if each had been read by a worker of its own.
  private let scanned: [ScanWorker<RuleMatcher>.Output]
  private let parts: [MergedShard.Part]
  private let detector: Detector
  private let mergeRules: MergeRules
  private var merged: [MergedShard] = []

  /// A line and a reader positioned at it.
  private final class Event {
    let line: UnsafeBuffer
    let count: Int
    let rules: UInt32
    var reader: EventReader
    let time: EventTime

    init?(_ text: UnsafeBytes, plan: ScanPlan) {
      var line = UnsafeBuffer(capacity: text.count)
      line.write(text, at: 0)
      var reader = EventReader()
      reader.open(line.view(0..<text.count))
      guard case .event = reader.next(), let time = reader.value(.published).flatMap({ EventTime($0) })
      else { return nil }
      let rules = plan.filters.rulesPassed { reader.value($0) }
      if rules == 0 { return nil }
      self.line = line
      self.count = text.count
      self.rules = rules
      self.reader = reader
      self.time = time
    }

    var text: UnsafeBytes { line.view(0..<count) }
  }

  private static let eventCountMax = 2048

  static let kernels = SIMDTarget.allCases.filter(\.isSupported).map(\.rawValue)

  /// - Precondition: the files are well-formed LZ4 frames of independent blocks, and there is at least one.
  init(archive path: String) {
    let plan = ScanPlan(
      rules: Rule.builtIn, from: nil, to: nil, isStrict: false, limits: Limits(), tuning: Tuning())
    self.plan = plan
    var scanned: [ScanWorker<RuleMatcher>.Output] = []
    for file in ArchiveListing(paths: [path]).files {
      var worker = ScanWorker(plan: plan, sink: RuleMatcher(plan: plan, key: key))
      worker.run(
        WorkQueue(
          ArchiveListing(paths: [file.path]), verifies: false, limits: plan.limits))
      scanned.append(worker.output)
    }
    self.scanned = scanned
    parts = scanned.map {
      MergedShard.Part(shards: $0.findings.shards, remap: DictionaryRemap($0.findings.shards.texts))
    }
    mergeRules = MergeRules(plan.rules)
    detector = Detector(
      options: Detector.Options(rules: plan.rules, usesTextWindows: false, from: nil, to: nil), key: key)
    merged = (0..<plan.tuning.shardCount).map(mergedShard)
    for file in ArchiveListing(paths: [path]).files { read(file) }
    precondition(!ranges.isEmpty && !events.isEmpty, "\(path) holds too little")
  }

  // MARK: Input of the stages

  private func read(_ file: ArchiveListing.File) {
    var own = ReadContext()
    let stream = ArchiveStream(
      file: 0, listed: file, verifies: false, limits: plan.limits)
    do throws(SystemError) {
      try stream.open(tuning: plan.tuning)
    } catch {
      preconditionFailure("\(file.path): \(error)")
    }
    while let (range, decoded) = stream.next(&own) {
      keep(range, own.buffers.input)
      for run in decoded.segments { keep(own.buffers.view(run)) }
    }
  }

  /// Appends a range's blocks to those already kept.
  private func keep(_ range: BlockRange, _ input: borrowing UnsafeBuffer) {
    var range = range
    for index in range.blocks.indices {
      let payload = input.view(range.blocks[index].payload)
      packed.buffers.input.reserve(packed.buffers.filled + payload.count, keeping: packed.buffers.filled)
      packed.buffers.input.write(payload, at: packed.buffers.filled)
      range.blocks[index].payload = packed.buffers.filled..<packed.buffers.filled + payload.count
      packed.buffers.filled += payload.count
    }
    ranges.append(range)
  }

  /// Keeps the text if it is the longest, and its events.
  private func keep(_ decoded: UnsafeBytes) {
    guard let last = decoded.lastIndex(of: UInt8(ascii: "\n")) else { return }
    if last + 1 > textCount {
      textCount = last + 1
      text.reserve(textCount, keeping: 0)
      text.write(decoded[0..<textCount], at: 0)
    }
    var start = 0
    while start <= last, events.count < Self.eventCountMax {
      let end = start + (decoded[start..<decoded.count].firstIndex(of: UInt8(ascii: "\n")) ?? 0)
      let line = decoded[start..<end]
      // The first line of a range may be a fragment, which is no event.
      if plan.isCandidate(line), let event = Event(line, plan: plan) { events.append(event) }
      start = end + 1
    }
  }

  // MARK: Archive

  /// Decodes all blocks of the archive into one buffer. - Returns: decoded bytes.
  func decode() -> Int {
    let decoder = BlockDecoder(file: 0, verifies: false)
    return ranges.reduce(0) { bytes, range in bytes + decoder.decode(range, &packed).byteCount }
  }

  // MARK: Scan

  /// A prefilter with its tables.
  struct PreparedPrefilter { fileprivate let prefilter: Prefilter }

  func preparePrefilter(simdTarget: String) -> PreparedPrefilter {
    guard let simdTarget = SIMDTarget(rawValue: simdTarget) else {
      preconditionFailure("no kernel \(simdTarget)")
    }
    let sample = text.view(0..<min(textCount, Prefilter.sampleBytesMax))
    return PreparedPrefilter(
      prefilter: Prefilter(literals: plan.literals, sample: sample, simdTarget: simdTarget))
  }

  /// Runs the prefilter over one range's text. - Returns: its bytes.
  func prefilter(_ prepared: PreparedPrefilter) -> Int {
    let text = text.view(0..<textCount)
    var at = 0
    while at < text.count {
      at = prepared.prefilter.scan(text, from: at, lineBytesMax: plan.limits.lineBytesMax, into: &found)
    }
    return text.count
  }

  /// Walks the events' lines. - Returns: their bytes.
  func walkLines() -> Int {
    var bytes = 0
    for event in events where (try? walker.walk(event.text)) != nil { bytes += event.count }
    return bytes
  }

  /// Returns the events' `logOnlySecurityData`. It is JSON in a string and therefore full of escapes.
  func escapedTexts() -> [EscapedText] {
    events.compactMap { event in
      guard (try? walker.walk(event.text)) != nil, let entry = walker.view[.logOnlySecurityData],
        entry.type == .escapedString
      else { return nil }
      return EscapedText(text: event.text[Int(entry.start)..<Int(entry.start + entry.count)])
    }
  }

  struct EscapedText { fileprivate let text: UnsafeBytes }

  /// Unescapes texts. - Returns: bytes with their escapes.
  func unescapeAll(_ texts: [EscapedText]) -> Int {
    texts.reduce(0) { bytes, escaped in
      let spelled = scratch.fill(at: 0) { put in unescape(escaped.text, put) }
      return bytes + (spelled.isEmpty ? 0 : escaped.text.count)
    }
  }

  /// Parses the events' times. - Returns: times read.
  func parseTimes() -> Int {
    events.count { event in event.reader.value(.published).flatMap { EventTime($0) } != nil }
  }

  /// Parses the events' client IPs. - Returns: addresses read.
  func parseAddresses() -> Int {
    events.count { event in event.reader.value(.clientIP).flatMap { IPAddress($0) } != nil }
  }

  // MARK: Shard, merge, detect

  /// Adds the events, whose fields have already been read, to new shards. - Returns: observations.
  func insert() -> Int {
    var observer = Observer(plan: plan, key: key)
    for event in events {
      observer.observe(&event.reader, rules: event.rules, time: event.time, file: 0, offset: 0)
    }
    return Self.observationCount(observer.shards)
  }

  /// Merges all shards. - Returns: observations of all parts.
  func merge() -> Int {
    for index in 0..<plan.tuning.shardCount { _ = mergedShard(index) }
    return observationCount
  }

  private var observationCount: Int { scanned.reduce(0) { $0 + Self.observationCount($1.findings.shards) } }

  private static func observationCount(_ shards: WorkerShards) -> Int {
    (0..<shards.count).reduce(0) { $0 + shards.observationCount(of: $1) }
  }

  private func mergedShard(_ index: Int) -> MergedShard {
    MergedShard(index, of: parts, rules: mergeRules, keepsDuplicates: false, key: key, keepsParts: true)
  }

  /// Evaluates all windows of the merged shards. - Returns: observations merged.
  func evaluateWindows() -> Int {
    for shard in merged { _ = detector.detections(in: shard) }
    return merged.reduce(0) { $0 + $1.rows.count }
  }
}
