import SluiceRecords
import SluiceRules

/// The plan of a scan, which is the same for all workers.
struct ScanPlan: Sendable {
  var rules: [Rule]
  var from: EventTime?
  var to: EventTime?
  /// Whether every line is parsed and must be complete, valid JSON.
  var isStrict: Bool
  var limits: Limits
  var tuning: Tuning
  /// The fields that observations keep.
  let layout: FacetLayout
  /// The tries of the fields that the rules read, and of the fields that every observation needs.
  let tries: ShapeTries
  /// Prefilter for lines that contain certain addresses, if these are searched for.
  let addressFilter: Prefilter?
  /// The literals to search for; nil if every line must be parsed.
  let literals: [[UInt8]]?
  /// The literals of all rules that have some. A record of no known shape that contains one may be an event
  /// nevertheless.
  let knownLiterals: [[UInt8]]
  /// Whether unparsed records are sampled to recognise their files. A second pass need not do this.
  let samplesRecords: Bool
  /// The literals by rule; nil for a rule that needs every line.
  let literalsByRule: [[[UInt8]]?]
  /// Bits of the rules that need every line.
  let rulesOfEveryLine: UInt32
  let simdTarget: SIMDTarget
  let filters: RuleFilters
  /// The key by which shards are chosen if all processes must choose the same; otherwise a secret key is used.
  var shardKey: HashKey?
  var placement = RowPlacement.byClientIP

  /// - Parameters:
  ///   - addresses: if given, lines without any of them are not examined, whatever the rules.
  ///   - fields: the fields that observations keep in addition to those of the rules.
  ///   - isSecondPass: whether this is a second pass.
  init(
    rules: [Rule], from: EventTime?, to: EventTime?, isStrict: Bool, limits: Limits, tuning: Tuning,
    addresses: [IPAddress]? = nil, beside fields: [Field] = [], isSecondPass: Bool = false
  ) {
    precondition(rules.count <= Observation.ruleCountMax)
    self.rules = rules
    self.from = from
    self.to = to
    self.isStrict = isStrict
    self.limits = limits
    self.tuning = tuning
    samplesRecords = !isSecondPass
    layout = FacetLayout(rules: rules, beside: fields)
    tries = .of(
      rules.reduce(Set(layout.fields.joined()).union(Self.fieldsOfEveryPlan)) { fields, rule in
        rule.filter.reduce(fields) { $0.union($1.predicate.fields) }
      })
    literals = isStrict ? nil : addresses == nil ? LiteralSet.all(of: rules) : []
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

  /// The fields from which an observation's key, time and derived fields come.
  private static let fieldsOfEveryPlan: Set<Field> = [
    .published, .uuid, .clientIP, .actorID, .actorType, .ipChainFirst, .logOnlySecurityData, .risk,
  ]

  /// Returns the prefilter's verdict for a line that it was not given.
  func isCandidate(_ line: UnsafeBytes) -> Bool {
    if let addressFilter { return addressFilter.findsAddress(in: line) }
    guard let literals else { return true }
    return line.contains(Array("\\u00".utf8)) || literals.contains { line.contains($0) }
  }

  /// Returns the bits of the rules for which a line is parsed.
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

/// The shards in which the rows of rules that do not group by client IP are placed.
enum RowPlacement {
  /// Rows are in the shard of the client IP, with all others.
  case byClientIP
  /// Rows are in the shard of the rule's key.
  case byKey
  /// Each rule has one shard. A process that is given some shards can evaluate their rules, because copies of one
  /// event meet there, whatever their keys.
  case byRule
}
