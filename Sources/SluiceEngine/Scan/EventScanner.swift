import SluiceRecords

/// Turns decoded text into observations: finds candidates, walks them, tries the rules' filters, and puts what passes
/// into the worker's own shards.
struct EventScanner: ~Copyable {
  private let plan: ScanPlan
  private let filters: [[PredicateProgram]]
  private var reader: EventReader
  /// Made for the text that comes first.
  private var prefilter: Prefilter?
  private var found = Prefilter.LineList()
  private var joined = UnsafeBuffer(capacity: 64 << 10)
  private var observer: Observer
  private(set) var counts: ScanCounts
  private(set) var log = ProblemLog()
  /// For each rule how many filter steps the event in hand passed.
  private var passed: [Int]

  init(plan: ScanPlan, key: HashKey) {
    self.plan = plan
    filters = plan.filters
    reader = EventReader(kernel: plan.kernel, nestingMax: plan.limits.nestingMax, trie: plan.trie)
    observer = Observer(plan: plan, key: key)
    counts = ScanCounts(rules: plan.rules)
    passed = plan.rules.map { _ in 0 }
  }

  var shards: WorkerShards { observer.shards }

  // MARK: Lines

  /// Scans whole lines, from the line that starts at `start` to the newline that ends the view.
  ///
  /// - Parameters:
  ///   - checksum: takes in some of `unhashed` meanwhile, if there is one.
  ///   - unhashed: what of the decoded bytes has not been taken in.
  ///   - position: of a byte of the view in the file.
  mutating func scan(
    _ data: UnsafeBytes, from start: Int, file: Int, checksum: inout ContentChecksum?,
    unhashed: inout UnsafeBytes,
    position: (Int) -> Position
  ) {
    found.newlines = 0
    found.blank = 0
    let candidatesBefore = counts.candidates
    if prefilter == nil {
      let sample = data[start..<min(data.count, start + Prefilter.sampleBytesMax)]
      prefilter = Prefilter(literals: plan.literals, sample: sample, kernel: plan.kernel)
    }
    guard let prefilter else { return }
    if prefilter.takesEveryLine {
      scanEveryLine(data, from: start, file: file, position: position)
    } else {
      var at = start
      var longBlankLines = 0
      while at < data.count {
        let from = at
        let lineBytesMax = plan.limits.lineBytesMax
        at =
          checksum?.update(alongside: &unhashed) {
            prefilter.scan(data, from: from, lineBytesMax: lineBytesMax, into: &found, alongside: $0)
          } ?? prefilter.scan(data, from: from, lineBytesMax: lineBytesMax, into: &found)
        for i in 0..<found.count {
          let line = found[i]
          if line.count > plan.limits.lineBytesMax, data[line].isBlank {
            longBlankLines += 1
            continue
          }
          candidate(data[line], file: file) { position(line.lowerBound) }
        }
      }
      // Candidates have counted themselves; the other lines are events, or blank.
      let blank = found.blank + longBlankLines
      let others = found.newlines - blank - (counts.candidates - candidatesBefore)
      precondition(others >= 0, "lines were counted twice")
      counts.lines += found.newlines
      counts.blankLines += blank
      counts.records += others
      counts.events += others
    }
  }

  private mutating func scanEveryLine(
    _ data: UnsafeBytes, from start: Int, file: Int, position: (Int) -> Position
  ) {
    var at = start
    while at < data.count {
      let end = at + (data[at..<data.count].firstIndex(of: UInt8(ascii: "\n")) ?? data.count - at)
      let line = data[at..<end]
      counts.lines += 1
      if line.isBlank { counts.blankLines += 1 } else { candidate(line, file: file) { position(at) } }
      at = end + 1
    }
  }

  /// Scans a line that lay across ranges.
  mutating func scan(_ line: Seams.Line, file: Int) {
    joined.reserve(line.bytes.count, keeping: 0)
    joined.write(line.bytes, at: 0)
    let text = joined.view(0..<line.bytes.count)
    counts.lines += 1
    if line.isBlank {
      counts.blankLines += 1
    } else if line.count > plan.limits.lineBytesMax {
      counts.candidates += 1
      counts.records += 1
      rejectLong(count: line.count, file: file) { line.position }
    } else if line.followsHole || line.precedesHole {
      besideHole(text, isBetweenHoles: line.followsHole && line.precedesHole, file: file, line.position)
    } else if plan.isCandidate(text) {
      candidate(text, file: file) { line.position }
    } else {
      counts.records += 1
      counts.events += 1
    }
  }

  /// What stands beside bytes that could not be used may be half a line. If a hole is on one side only and it is one
  /// whole object nevertheless, it is an event: neither the beginning nor the end of an object is an object. Between
  /// two holes it may be part of another, and is not used.
  private mutating func besideHole(_ text: UnsafeBytes, isBetweenHoles: Bool, file: Int, _ position: Position)
  {
    if !isBetweenHoles, (try? reader.read(text)) != nil {
      candidate(text, file: file) { position }
    } else {
      counts.candidates += 1
      counts.records += 1
      reject(
        "cut", "what is left of a line of which a damaged part is missing (\(text.count) bytes)", file,
        position)
    }
  }

  // MARK: Candidates

  private mutating func candidate(_ line: UnsafeBytes, file: Int, position: () -> Position) {
    counts.candidates += 1
    counts.records += 1
    guard line.count <= plan.limits.lineBytesMax else {
      return rejectLong(count: line.count, file: file, position)
    }
    do throws(LineWalker.Fault) {
      try reader.read(line)
    } catch {
      return reject(error.reason, "\(error.message) (byte \(error.offset) of the line)", file, position())
    }
    var rules: UInt32 = 0
    for index in filters.indices {
      var steps = 0
      while steps < filters[index].count, filters[index][steps].holds({ reader.value($0) }) { steps += 1 }
      passed[index] = steps
      if steps == filters[index].count { rules |= 1 << UInt32(index) }
    }
    if rules != 0 {
      guard let time = reader.value(.published).flatMap({ EventTime($0) }) else {
        let names = plan.rules.indices.filter { rules & (1 << UInt32($0)) != 0 }.map { plan.rules[$0].id }
        return reject(
          "time", "an event that \(names.joined(separator: ", ")) looks at has no usable time", file,
          position())
      }
      if plan.includes(time) { observer.observe(&reader, rules: rules, time: time) }
    }
    counts.events += 1
    for index in passed.indices {
      for step in 0..<passed[index] { counts.funnel[index][step] += 1 }
    }
  }

  private mutating func rejectLong(count: Int, file: Int, _ position: () -> Position) {
    reject(
      "line-length", "a line of \(count) bytes, where \(plan.limits.lineBytesMax) are allowed", file,
      position())
  }

  private mutating func reject(_ reason: String, _ message: String, _ file: Int, _ position: Position) {
    counts.rejected[reason, default: 0] += 1
    log.add(
      file: file, position, reason: reason,
      position.offsetInBlock == 0
        ? message : "\(message); the line starts at byte \(position.offsetInBlock) of the block, decoded")
  }
}

extension UnsafeBytes {
  /// Nothing but white space.
  var isBlank: Bool {
    for i in 0..<count {
      let byte = self[i]
      guard byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A else { return false }
    }
    return true
  }
}
