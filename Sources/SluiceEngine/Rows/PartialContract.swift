import CXXHash
import SluiceRecords
import SluiceRules

/// Properties that two partials must share to be merged: the observed events, their fields and the limits.
struct PartialContract: Hashable, Sendable {
  /// Version of how fields are read from events. Raise it when that changes.
  static let normalisation = 1

  var shardCount: Int
  var isStrict: Bool
  var verifies: Bool
  var blockBytesMax: Int
  var lineBytesMax: Int
  var nestingMax: Int
  /// Fields that are kept, by facet.
  var fields: [[Field]]
  /// Filters that decide which events are observed, as text. Observations refer to the filters they passed by number.
  var filters: [String]

  private static let name = "sluice.partial/1"
  private static let hashName = "xxh3-64"

  init(_ plan: ScanPlan, verifies: Bool) {
    shardCount = plan.tuning.shardCount
    isStrict = plan.isStrict
    self.verifies = verifies
    blockBytesMax = plan.limits.blockBytesMax
    lineBytesMax = plan.limits.lineBytesMax
    nestingMax = plan.limits.nestingMax
    fields = plan.layout.fields
    filters = plan.rules.map { $0.filterText(plan.placement) }
  }

  // MARK: Coding

  var bytes: [UInt8] {
    var bytes = ByteWriter()
    bytes.counted(Self.name.utf8)
    bytes.varint(Self.normalisation)
    bytes.varint(shardCount)
    bytes.counted(Self.hashName.utf8)
    bytes.varint(isStrict ? 1 : 0)
    bytes.varint(verifies ? 1 : 0)
    bytes.varint(blockBytesMax)
    bytes.varint(lineBytesMax)
    bytes.varint(nestingMax)
    for fields in fields { bytes.list(fields) { $0.counted($1.name.utf8) } }
    bytes.list(filters) { $0.counted($1.utf8) }
    return bytes.bytes
  }

  init(from reader: inout ByteReader) throws(PartialError) {
    guard try reader.text() == Self.name else { throw PartialError("its contract is none that is known") }
    let normalisation = try reader.number()
    guard normalisation == Self.normalisation else {
      throw PartialError(
        "fields were read in another way (version \(normalisation), now \(Self.normalisation)); make it again"
      )
    }
    shardCount = try reader.number(max: 1 << 20)
    guard shardCount > 0, shardCount & (shardCount - 1) == 0 else {
      throw PartialError("\(shardCount) shards are not a power of two")
    }
    guard try reader.text() == Self.hashName else {
      throw PartialError("its shards are picked in another way")
    }
    isStrict = try reader.flag()
    verifies = try reader.flag()
    blockBytesMax = try reader.number()
    lineBytesMax = try reader.number()
    nestingMax = try reader.number()
    fields = []
    for facet in Facet.allCases {
      fields.append(
        try reader.list { reader throws(PartialError) in
          let name = try reader.text()
          guard let field = Field(name: name) else { throw PartialError("there is no field '\(name)'") }
          guard field.facet == facet else { throw PartialError("the field '\(name)' is not kept there") }
          return field
        })
    }
    filters = try reader.list { reader throws(PartialError) in try reader.text() }
    guard filters.count <= Observation.ruleCountMax else { throw PartialError("it has too many filters") }
  }

  /// Returns a readable description of the difference between two contracts.
  func difference(from other: PartialContract) -> String {
    if shardCount != other.shardCount {
      return "it has \(NumberFormat.count(shardCount, "shard")), that one \(other.shardCount)"
    }
    if filters != other.filters { return "it was made for other rules, or only one with --frame-per-shard" }
    if fields != other.fields { return "it keeps other fields" }
    if isStrict != other.isStrict { return "one was made with --strict" }
    if verifies != other.verifies { return "one was made with --no-verify" }
    return "it was made with other limits"
  }

  static func hash(_ bytes: [UInt8]) -> UInt64 {
    bytes.withUnsafeBytes { XXH3_64bits($0.baseAddress, $0.count) }
  }

  // MARK: Rules

  /// Returns whether two contracts differ only in the events and fields that are kept.
  func isAlike(_ other: PartialContract) -> Bool {
    var other = other
    (other.fields, other.filters) = (fields, filters)
    return other == self
  }

  /// Returns the filter number of each rule.
  ///
  /// - Parameter isDealt: whether only rows of some shards are present.
  /// - Throws: if a rule cannot be evaluated, with the reason.
  func filters(of rules: [Rule], isDealt: Bool = false) throws(PartialError) -> [Int] {
    var numbers: [Int] = []
    for rule in rules {
      let byKey = filters.firstIndex(of: rule.filterText(.byKey))
      guard let number = filters.firstIndex(of: rule.filterText(.byRule)) ?? byKey else {
        throw PartialError("it was made without the events that the filter of rule \(rule.id) asks for")
      }
      if isDealt, rule.clientIP == .none, number == byKey {
        throw PartialError(
          """
          rule \(rule.id) does not group by the client IP, so some shards do not hold all its events; merge \
          all shards, or make the partials again with --frame-per-shard
          """
        )
      }
      let missing = rule.fieldsKept.union(FacetLayout.ofCopies).subtracting(fields.joined())
      if let field = missing.min(by: { $0.rawValue < $1.rawValue }) {
        throw PartialError("it was made without \(field.name), which rule \(rule.id) uses")
      }
      numbers.append(number)
    }
    return numbers
  }
}

extension Rule {
  /// Returns the filter and the grouping, which decide which events are observed and in which shard. The text is JSON,
  /// and equal for rules that agree in both.
  func filterText(_ placement: RowPlacement) -> String {
    var json = JSONWriter()
    json.object { json in
      switch (clientIP, placement) {
      case (.client, _), (.none, .byClientIP): json.member("group", "client")
      case (.clientOrActor, _): json.member("group", "client, actor or chain")
      case (.none, .byRule): json.member("group", "rule")
      case (.none, .byKey):
        json.key("key")
        json.array { json in
          for part in restOfKey {
            guard case .field(let field) = part.source else { continue }
            json.write(.list([.text(LogText(field.name)), .text(part.null)]))
          }
        }
      }
      json.key("steps")
      json.array { json in for step in filter { step.predicate.write(to: &json) } }
    }
    return String(decoding: json.bytes, as: UTF8.self)
  }
}

extension Predicate {
  fileprivate func write(to json: inout JSONWriter) {
    func write(_ name: String, _ field: Field, _ texts: [LogText] = []) {
      json.write(.list([.text(LogText(name)), .text(LogText(field.name))] + texts.map { .text($0) }))
    }
    func write(_ name: String, _ predicates: [Predicate]) {
      json.array { json in
        json.write(.text(LogText(name)))
        for predicate in predicates { predicate.write(to: &json) }
      }
    }
    switch self {
    case .isEqual(let field, let text): write("==", field, [text])
    case .isOne(let field, let texts): write("in", field, texts)
    case .hasPrefix(let field, let text): write("starts with", field, [text])
    case .contains(let field, let text): write("contains", field, [text])
    case .lists(let field, let text): write("lists", field, [text])
    case .exists(let field): write("exists", field)
    case .isTrue(let field): write("is true", field)
    case .all(let predicates): write("and", predicates)
    case .any(let predicates): write("or", predicates)
    case .not(let predicate): write("not", [predicate])
    }
  }
}
