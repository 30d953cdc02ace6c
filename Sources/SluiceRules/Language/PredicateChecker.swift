import SluiceRecords

/// How ThreatInsight's reasons are matched: as elements of a list or as a whole; a rule's `reasonMatch`.
enum ReasonMatch: String, CaseIterable {
  case listed, exact
}

/// Checks the syntax of a condition on an event's fields and turns it into a ``Predicate``.
///
/// It continues after an error, so that all errors are reported, and returns nil then.
struct PredicateChecker {
  /// All functions that filters may call.
  static let functions = ["exists", "is_true", "reason_is"]

  let reasonMatch: ReasonMatch
  private(set) var errors: [ExpressionError] = []

  init(reasonMatch: ReasonMatch) { self.reasonMatch = reasonMatch }

  mutating func check(_ syntax: ExpressionSyntax) -> Predicate? {
    switch syntax.node {
    case .all(let parts): return checkAll(parts).map { .all($0) }
    case .any(let parts): return checkAll(parts).map { .any($0) }
    case .not(let part): return check(part).map { .not($0) }
    case .compare(let comparison, let left, let right): return compare(comparison, left, right, syntax.offset)
    case .isOne(let left, let options):
      guard let field = field(left) else { return nil }
      let texts = options.compactMap { literal($0, of: field) }
      return texts.count == options.count ? .isOne(field, of: texts) : nil
    case .relate(let relation, let left, let right):
      guard let field = field(left), let text = literal(right, of: field) else { return nil }
      return switch relation {
      case .startsWith: .hasPrefix(field, text)
      case .contains: .contains(field, text)
      case .lists: listed(field, text, right.offset)
      }
    case .call(let name, let arguments): return call(name, arguments, syntax.offset)
    case .name(let name):
      report(
        syntax.offset,
        Field(name: name) == nil
          ? Self.noField(name) : "a field alone is no condition; write exists(\(name)) or compare it")
      return nil
    case .number, .text, .negate, .arithmetic:
      report(syntax.offset, "a condition on the event's fields should be here")
      return nil
    }
  }

  private mutating func checkAll(_ parts: [ExpressionSyntax]) -> [Predicate]? {
    let predicates = parts.map { check($0) }
    let found = predicates.compactMap { $0 }
    return found.count == parts.count ? found : nil
  }

  private mutating func compare(
    _ comparison: Expression.Comparison, _ left: ExpressionSyntax, _ right: ExpressionSyntax, _ offset: Int
  ) -> Predicate? {
    guard let field = field(left), let text = literal(right, of: field) else { return nil }
    switch comparison {
    case .equal: return .isEqual(field, text)
    case .unequal: return .not(.isEqual(field, text))
    case .atLeast, .atMost, .moreThan, .lessThan:
      report(offset, "fields of an event are compared by '==' and '!=' only")
      return nil
    }
  }

  private mutating func call(_ name: String, _ arguments: [ExpressionSyntax], _ offset: Int) -> Predicate? {
    func wants(_ what: String) -> String { "\(name) takes \(what)" }
    switch name {
    case "exists", "is_true":
      guard arguments.count == 1 else {
        report(offset, wants("one field"))
        return nil
      }
      return field(arguments[0]).map { name == "exists" ? .exists($0) : .isTrue($0) }
    case "reason_is":
      guard arguments.count == 1 else {
        report(offset, wants("one text"))
        return nil
      }
      guard let text = literal(arguments[0], of: .outcomeReason) else { return nil }
      return reasonMatch == .exact
        ? .isEqual(.outcomeReason, text) : listed(.outcomeReason, text, arguments[0].offset)
    default:
      let near = Suggestion.text(for: name, among: Self.functions, what: "conditions")
      report(offset, "there is no condition '\(name)'\(near)")
      return nil
    }
  }

  /// Requires a possible list element: it contains no comma and neither begins nor ends with a space.
  private mutating func listed(_ field: Field, _ text: LogText, _ offset: Int) -> Predicate? {
    let isElement =
      text.bytes.trimmingBlanks().count == text.bytes.count && !text.bytes.contains(UInt8(ascii: ","))
    if !isElement {
      report(offset, "no element of a list is so: it would have been split at commas and trimmed")
    }
    return isElement ? .lists(field, text) : nil
  }

  // MARK: Names and constants

  mutating func field(_ syntax: ExpressionSyntax) -> Field? {
    guard case .name(let name) = syntax.node else {
      report(syntax.offset, "the name of a field should be here, such as eventType")
      return nil
    }
    guard let field = Field(name: name) else {
      report(syntax.offset, Self.noField(name))
      return nil
    }
    return field
  }

  static func noField(_ name: String) -> String {
    "there is no field '\(name)'\(Suggestion.text(for: name, among: Field.allCases.map(\.name)))"
  }

  /// Returns a constant as the field's value would be written.
  private mutating func literal(_ syntax: ExpressionSyntax, of field: Field) -> LogText? {
    switch (syntax.node, field.kind) {
    case (.text(let text), .boolean) where !["true", "false"].contains(text):
      report(syntax.offset, "\(field.name) is \"true\" or \"false\", or null")
    case (.number(let value, isInteger: true), .integer): return LogText(String(Int(value)))
    case (.text(let text), .integer) where Int(text).map { $0 >= 0 && String($0) == text } == true:
      return LogText(text)
    case (_, .integer): report(syntax.offset, "\(field.name) is an integer from 0 on, such as 64500, or null")
    case (.text(""), _):
      report(syntax.offset, "an empty text counts as null: write not exists(\(field.name))")
    case (.text(let text), _): return LogText(text)
    case (.name(let name), .boolean) where ["true", "false"].contains(name): return LogText(name)
    case (.number, _): report(syntax.offset, "\(field.name) is a text; put quotes around this")
    default: report(syntax.offset, "a text should be here, such as \"a\"")
    }
    return nil
  }

  mutating func report(_ offset: Int, _ message: String) {
    errors.append(ExpressionError(offset: offset, message: message))
  }
}
