import SluiceRecords

/// A sink that tries the rules' filters on each event, and puts the observations into the worker's own shards.
///
/// An event that passes a filter and has no usable time is rejected. Times of events that no rule examines are
/// sampled (``TimeSampler``).
struct RuleMatcher: EventSink, ~Copyable {
  /// The results of a worker. The worker's thread hands the shards to the threads that merge, once, when it has
  /// ended.
  struct Findings: Sendable {
    var shards: WorkerShards
    /// Numbers of events that passed a filter step and all steps before it, by rule and step.
    var funnel: [[Int]]
    var candidates: CandidateCounts
    var hours: CoveredHours
    var times: FileTimeRanges
    /// The sorted runs that were spilled.
    var spilled: [SortedRun] = []
    /// The reason why something could not be spilled.
    var spillError: String?
  }

  private let plan: ScanPlan
  private let funnel: Funnel
  private var observer: Observer
  private var sampler: TimeSampler
  /// Times of the files before the current one. `fileTimes` are those of the current file before its current part.
  private var times = FileTimeRanges()
  private var fileTimes = FileTimeRanges.File()
  private var location: (file: Int, offset: Int)?
  private var spill: Spill?
  private var candidates = CandidateCounts()
  /// Bits of the rules whose candidate the current line is.
  private var concerned: UInt32 = 0

  /// - Parameter spill: the limit of memory for observations; nil for no limit.
  init(plan: ScanPlan, key: HashKey, spill: Spill? = nil) {
    self.plan = plan
    self.spill = spill
    funnel = Funnel(plan.filters)
    observer = Observer(plan: plan, key: key)
    sampler = TimeSampler(
      hours: CoveredHours(from: plan.from, to: plan.to), lineBytesMax: plan.limits.lineBytesMax)
  }

  var findings: Findings {
    var times = times
    if let location {
      var last = fileTimes
      last.add(sampler.span, at: location.offset)
      times.merge(last, of: location.file)
    }
    return Findings(
      shards: observer.shards, funnel: funnel.eventsPassed, candidates: candidates, hours: sampler.hours,
      times: times,
      spilled: spill?.runs ?? [], spillError: spill?.error)
  }

  mutating func begin(file: Int, offset: Int, isInLines: Bool) {
    if let location, location != (file, offset) {
      fileTimes.add(sampler.span, at: location.offset)
      sampler.span = nil
      if location.file != file {
        times.merge(fileTimes, of: location.file)
        fileTimes = FileTimeRanges.File()
      }
    }
    location = (file, offset)
    if let spill, spill.isDue(observer.shards) {
      self.spill?.write(observer.shards)
      observer.renew()
    }
    if !isInLines { fileTimes.noteMultilineEvents() }
  }

  mutating func consume(_ event: inout EventReader, at offset: Int) -> Rejection? {
    let rules = funnel.tryAll { event.value($0) }
    concerned |= funnel.begun
    let published = event.value(.published)
    if rules != 0 {
      guard let time = published.flatMap({ EventTime($0) }) else { return timeless(rules) }
      if plan.includes(time) {
        observer.observe(&event, rules: rules, time: time, file: location?.file ?? 0, offset: offset)
      }
    }
    if let published { sampler.note(published) }
    funnel.count()
    return nil
  }

  @inline(never)
  private func timeless(_ rules: UInt32) -> Rejection {
    // For the other rules this is an event that does not pass their filters.
    funnel.count(except: rules)
    let names = plan.rules.indices.filter { rules & (1 << UInt32($0)) != 0 }.map { plan.rules[$0].id }
    return Rejection(
      reason: .time, message: "an event that \(names.joined(separator: ", ")) looks at has no usable time")
  }

  mutating func consumeUnrecognised(_ record: inout EventReader) -> Rejection? {
    // Without a literal no rule would have examined it, whatever its fields are called.
    guard record.unrecognisedTextHolds(oneOf: plan.knownLiterals) else { return nil }
    for (rule, literals) in plan.literalsByRule.enumerated() {
      if let literals, record.unrecognisedTextHolds(oneOf: literals) { concerned |= 1 << UInt32(rule) }
    }
    return Rejection(
      reason: .shape, message: "this is no event of a known shape, though it holds what a rule looks for")
  }

  mutating func finishLine(_ line: UnsafeBytes, hasErrors: Bool) {
    candidates.add(rules: concerned | plan.rulesOfEveryLine | (hasErrors ? plan.rulesReading(line) : 0))
    concerned = 0
  }

  mutating func consumeUnreadable() { candidates.add(rules: 1 << UInt32(plan.rules.count) - 1) }

  mutating func consumeUnparsed(_ record: UnsafeBytes, _ reader: inout EventReader) {
    _ = sampler.hours(in: record, &reader)
  }

  mutating func finishSegment(_ lines: UnsafeBytes, _ reader: inout EventReader) {
    // If every line is parsed, all times are known.
    if plan.literals != nil { sampler.sample(lines, &reader) }
  }
}
