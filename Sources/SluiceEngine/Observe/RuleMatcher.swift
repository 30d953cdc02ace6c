import SluiceRecords

/// Tries the rules' filters on each event, and puts what passes into the worker's own shards.
///
/// An event that passes a filter and has no usable time is rejected. Of events that no rule looks at times are sampled
/// (``TimeSampler``).
struct RuleMatcher: EventSink, ~Copyable {
  /// The shards are handed from the worker's thread to those that merge, once, when the worker has ended.
  struct Findings: Sendable {
    var shards: WorkerShards
    /// By rule, then by filter step: how many events passed it and all before it.
    var funnel: [[Int]]
    var candidates: CandidateCounts
    var hours: CoveredHours
    var times: FileTimeRanges
    /// What was written out for want of memory.
    var spilled: [SortedRun] = []
    /// Why something could not be.
    var spillFault: String?
  }

  private let plan: ScanPlan
  private let funnel: Funnel
  private var observer: Observer
  private var sampler: TimeSampler
  /// Of the files before the one in hand, and of that one, before the part in hand.
  private var times = FileTimeRanges()
  private var fileTimes = FileTimeRanges.File()
  private var place: (file: Int, offset: Int)?
  private var spill: Spill?
  private var candidates = CandidateCounts()
  /// Bits of the rules whose candidate the line in hand is.
  private var concerned: UInt32 = 0

  /// - Parameter spill: which says how much memory observations may take; nil if any.
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
    if let place {
      var last = fileTimes
      last.add(sampler.span, at: place.offset)
      times.merge(last, of: place.file)
    }
    return Findings(
      shards: observer.shards, funnel: funnel.eventsPassed, candidates: candidates, hours: sampler.hours,
      times: times,
      spilled: spill?.runs ?? [], spillFault: spill?.fault)
  }

  mutating func begin(file: Int, offset: Int, isInLines: Bool) {
    if let place, place != (file, offset) {
      fileTimes.add(sampler.span, at: place.offset)
      sampler.span = nil
      if place.file != file {
        times.merge(fileTimes, of: place.file)
        fileTimes = FileTimeRanges.File()
      }
    }
    place = (file, offset)
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
        observer.observe(&event, rules: rules, time: time, file: place?.file ?? 0, offset: offset)
      }
    }
    if let published { sampler.note(published) }
    funnel.count()
    return nil
  }

  @inline(never)
  private func timeless(_ rules: UInt32) -> Rejection {
    // For the other rules it is an event that does not pass their filters.
    funnel.count(except: rules)
    let names = plan.rules.indices.filter { rules & (1 << UInt32($0)) != 0 }.map { plan.rules[$0].id }
    return Rejection(
      reason: "time", message: "an event that \(names.joined(separator: ", ")) looks at has no usable time")
  }

  mutating func consumeUnrecognised(_ record: inout EventReader) -> Rejection? {
    // Without a literal no rule would have looked at it, whatever its fields are called.
    guard record.strangeTextHolds(oneOf: plan.knownLiterals) else { return nil }
    for (rule, literals) in plan.literalsByRule.enumerated() {
      if let literals, record.strangeTextHolds(oneOf: literals) { concerned |= 1 << UInt32(rule) }
    }
    return Rejection(
      reason: "shape", message: "this is no event of a known shape, though it holds what a rule looks for")
  }

  mutating func finishLine(_ line: UnsafeBytes, isFaulty: Bool) {
    candidates.add(rules: concerned | plan.rulesOfEveryLine | (isFaulty ? plan.rulesReading(line) : 0))
    concerned = 0
  }

  mutating func consumeUnreadable() { candidates.add(rules: 1 << UInt32(plan.rules.count) - 1) }

  mutating func consumeUnparsed(_ record: UnsafeBytes, _ reader: inout EventReader) {
    _ = sampler.hours(in: record, &reader)
  }

  mutating func finishSegment(_ lines: UnsafeBytes, _ reader: inout EventReader) {
    // If every line is read, all times are known.
    if plan.literals != nil { sampler.sample(lines, &reader) }
  }
}
