import SluiceRecords

/// What a scan is asked for; the same for all workers.
struct ScanPlan: Sendable {
  var rules: [Rule]
  var from: EventTime?
  var to: EventTime?
  /// Every line is walked and must be whole, valid JSON.
  var isStrict: Bool
  var limits: Limits
  var tuning: Tuning
  /// Which fields observations keep.
  let layout: FacetLayout
  /// Of the fields that the rules read, and of those by which an observation goes.
  let tries: ShapeTries
  /// Finds lines by the addresses that they hold, if that is what is asked for.
  let addressFilter: Prefilter?
  /// nil if every line must be walked.
  let literals: [[UInt8]]?
  /// Those of all rules that have some: what in a record of no known shape shows that it may be an event nevertheless.
  let knownLiterals: [[UInt8]]
  /// Whether it is found out if records that are not parsed are Okta events; a second read need not.
  let samplesRecords: Bool
  /// By rule; nil if every line must be walked for it.
  let literalsByRule: [[[UInt8]]?]
  /// Bits of the rules for which every line must be walked.
  let rulesOfEveryLine: UInt32
  let simdTarget: SIMDTarget
  let filters: RuleFilters
  /// By what shards are picked, if all processes must pick the same; else by a key that nobody knows.
  var shardKey: HashKey?
  var placement = RowPlacement.byClientIP

  /// - Parameters:
  ///   - addresses: if given, lines that hold none of them are not looked at, whatever the rules.
  ///   - fields: what observations keep beside what the rules use.
  ///   - isSecondRead: whether the archive has been scanned before.
  init(
    rules: [Rule], from: EventTime?, to: EventTime?, isStrict: Bool, limits: Limits, tuning: Tuning,
    addresses: [IPAddress]? = nil, beside fields: [Field] = [], isSecondRead: Bool = false
  ) {
    precondition(rules.count <= Observation.ruleCountMax)
    self.rules = rules
    self.from = from
    self.to = to
    self.isStrict = isStrict
    self.limits = limits
    self.tuning = tuning
    samplesRecords = !isSecondRead
    layout = FacetLayout(rules: rules, beside: fields)
    tries = .of(
      rules.reduce(Set(layout.fields.joined()).union(Self.fieldsOfEveryPlan)) { fields, rule in
        rule.filter.reduce(fields) { $0.union($1.predicate.fields) }
      })
    literals = isStrict ? nil : addresses == nil ? RuleLiterals.all(of: rules) : []
    literalsByRule = rules.map(\.literals)
    knownLiterals = literalsByRule.compactMap { $0 }.flatMap { $0 }
    rulesOfEveryLine = literalsByRule.indices.reduce(0) { [literalsByRule] bits, rule in
      literalsByRule[rule] == nil ? bits | 1 << UInt32(rule) : bits
    }
    filters = RuleFilters(rules)
    simdTarget =
      tuning.simdTarget.map { name in
        guard let simdTarget = SIMDTarget(rawValue: name), simdTarget.isSupported else {
          preconditionFailure("this machine has no kernel \(name)")
        }
        return simdTarget
      } ?? .best
    addressFilter = addresses.map { [simdTarget] in Prefilter(addresses: $0, simdTarget: simdTarget) }
  }

  /// What an observation's key, time and derived fields come from.
  private static let fieldsOfEveryPlan: Set<Field> = [
    .published, .uuid, .clientIP, .actorID, .actorType, .ipChainFirst, .logOnlySecurityData, .risk,
  ]

  /// What the prefilter says of a line, said of one line that it was not given.
  func isCandidate(_ line: UnsafeBytes) -> Bool {
    if let addressFilter { return addressFilter.findsAddress(in: line) }
    guard let literals else { return true }
    return line.contains(Array("\\u00".utf8)) || literals.contains { line.contains($0) }
  }

  /// Bits of the rules for which a line is parsed.
  func rulesReading(_ line: UnsafeBytes) -> UInt32 {
    let isSpelled = line.contains(Array("\\u00".utf8))
    return literalsByRule.enumerated().reduce(0) { bits, rule in
      let isRead = isSpelled || rule.element?.contains { line.contains($0) } ?? true
      return isRead ? bits | 1 << UInt32(rule.offset) : bits
    }
  }

  func includes(_ time: EventTime) -> Bool {
    (from.map { $0 <= time } ?? true) && (to.map { time < $0 } ?? true)
  }
}

/// Where the rows of rules that do not group by the client IP lie.
enum RowPlacement {
  /// In the shard of the client IP, with all others.
  case byClientIP
  /// In the shard of the rule's key.
  case byKey
  /// In one shard for each rule. A process that is given some shards can evaluate the rules that lie there,
  /// because copies of one event meet, whatever their keys.
  case byRule
}
