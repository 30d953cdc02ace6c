import SluiceRecords

/// Sink of the second pass. It takes events of triaged client IPs and times and puts them into the worker's shards.
struct TriageMatcher: EventSink, ~Copyable {
  private let targets: TriageTargets
  private let filters: RuleFilters
  /// Bits of the rules that use another address of an event if the client's address is null.
  private let fallbackRules: UInt32
  private var observer: Observer
  /// Number of the file that contains the following events.
  private var file = 0

  init(plan: ScanPlan, targets: TriageTargets, key: HashKey) {
    self.targets = targets
    filters = plan.filters
    fallbackRules = plan.rules.enumerated().reduce(0) { bits, rule in
      rule.element.clientIP == .clientOrActor ? bits | 1 << UInt32(rule.offset) : bits
    }
    observer = Observer(plan: plan, key: key)
  }

  var findings: WorkerShards { observer.shards }

  mutating func begin(file: Int, offset: Int, isInLines: Bool) { self.file = file }

  mutating func consume(_ event: inout EventReader, at offset: Int) -> Rejection? {
    let client = event.value(.clientIP).flatMap { IPAddress($0) }
    guard let address = client ?? Observer.fallback(&event), targets.include(address) else { return nil }
    var rules = filters.rulesPassed { event.value($0) }
    if client == nil { rules &= fallbackRules }
    if rules == 0 { return nil }
    guard let time = event.value(.published).flatMap({ EventTime($0) }) else {
      return Rejection(reason: .time, message: "an event that triage looks at has no usable time")
    }
    if targets.include(address, at: time) {
      observer.observe(&event, rules: rules, time: time, file: file, offset: offset)
    }
    return nil
  }

  mutating func consumeUnrecognised(_ record: inout EventReader) -> Rejection? { nil }

  mutating func consumeUnparsed(_ record: UnsafeBytes, _ reader: inout EventReader) {}

  mutating func finishSegment(_ lines: UnsafeBytes, _ reader: inout EventReader) {}
}
