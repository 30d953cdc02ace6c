import SluiceRecords

/// Checks the syntax of columns and of conditions over them, and turns it into ``Column`` and ``Expression``.
///
/// Each level has one checker: the inner groups' columns, then the rule's own. A column may use the columns above it,
/// by the whole name or by the part after the last dot, if only one column has that part. The checker continues after
/// an error, so that all errors are reported. A column with an error counts as unknown only where it is needed.
struct ColumnChecker {
  let reasonMatch: ReasonMatch
  /// The columns of the inner groups; nil if there are none.
  let inner: [Column]?
  let isInner: Bool
  let keyParts: [String]
  private(set) var columns: [Column] = []
  /// Columns that had an error; their uses report no further error.
  private var invalidNames: Set<String> = []
  private(set) var errors: [ExpressionError] = []

  init(reasonMatch: ReasonMatch, inner: [Column]?, isInner: Bool = false, keyParts: [String] = []) {
    self.reasonMatch = reasonMatch
    self.inner = inner
    self.isInner = isInner
    self.keyParts = keyParts
  }

  /// Returns the errors since the last call.
  mutating func takeErrors() -> [ExpressionError] {
    defer { errors = [] }
    return errors
  }

  mutating func add(_ column: Column) { columns.append(column) }

  mutating func add(_ name: String, _ syntax: ExpressionSyntax?) {
    guard let syntax, let (aggregate, type) = column(syntax) else {
      invalidNames.insert(name)
      return
    }
    if isInner, type == .text || type == .list {
      invalidNames.insert(name)
      return report(syntax.offset, "columns of inner groups are numbers or times")
    }
    add(Column(name: name, aggregate: aggregate, type: type))
  }

  /// Checks a condition over the columns.
  mutating func condition(_ syntax: ExpressionSyntax) -> Expression? {
    guard let (expression, type) = expression(syntax) else { return nil }
    guard type == .condition else {
      report(syntax.offset, "a condition should be here, such as count > 5")
      return nil
    }
    return expression
  }

  /// Returns the index of the column with a name; nil if none or several match.
  func column(named name: String) -> Int? { columns.index(named: name) }

  mutating func report(_ offset: Int, _ message: String) {
    errors.append(ExpressionError(offset: offset, message: message))
  }

  // MARK: Columns

  private typealias Made = (aggregate: Aggregate, type: ColumnType)

  private mutating func column(_ syntax: ExpressionSyntax) -> Made? {
    if case .call(let name, let arguments) = syntax.node, let function = AggregateFunction(rawValue: name) {
      if isInner, function.isOuterOnly {
        report(syntax.offset, "\(name) cannot stand in the columns of inner groups")
        return nil
      }
      guard function.argumentCounts.contains(arguments.count) else {
        report(syntax.offset, "\(name) takes \(function.arguments)")
        return nil
      }
      return aggregate(function, arguments, syntax.offset)
    }
    guard let (expression, type) = expression(syntax) else { return nil }
    switch type {
    case .integer: return (.expression(expression), .integer)
    case .real: return (.expression(expression), .real)
    case .time, .condition:
      report(syntax.offset, "a column is an aggregate such as count(), or arithmetic over columns above it")
      return nil
    }
  }

  private mutating func aggregate(
    _ function: AggregateFunction, _ arguments: [ExpressionSyntax], _ offset: Int
  ) -> Made? {
    switch function {
    case .count:
      guard let argument = arguments.first else { return (.eventCount, .integer) }
      return predicate(argument).map { (.eventCountWhere($0), .integer) }
    case .firstTime: return (.firstTime, .time)
    case .lastTime: return (.lastTime, .time)
    case .windowStart: return (.windowStart, .time)
    case .distinct, .values:
      let null = arguments.count == 2 ? text(arguments[1]) : nil
      guard let field = field(arguments[0]), arguments.count == 1 || null != nil else { return nil }
      return function == .distinct
        ? (.distinctCount(field, null: null), .integer) : (.values(field, null: null), .list)
    case .elements: return field(arguments[0]).map { (.elements($0), .list) }
    case .text: return text(arguments[0]).flatMap { template($0, arguments[0].offset) }
    case .groups:
      guard inner != nil else {
        report(offset, "there are no inner groups; they are made by 'groups:'")
        return nil
      }
      guard let argument = arguments.first else { return (.groupCount, .integer) }
      var checker = ColumnChecker(reasonMatch: reasonMatch, inner: nil)
      checker.columns = inner ?? []
      let condition = checker.condition(argument)
      errors += checker.errors
      return condition.map { (.groupCountWhere($0), .integer) }
    case .sum, .min, .max, .avg: return statistic(function, arguments[0])
    case .clientIP:
      guard let argument = arguments.first else { return (.clientIP, .text) }
      return text(argument).map { (.clientIPText(null: $0), .text) }
    case .key:
      guard let name = text(arguments[0])?.description else { return nil }
      guard let index = keyParts.firstIndex(of: name) else {
        report(
          arguments[0].offset,
          "the key has no part '\(name)'\(Suggestion.text(for: name, among: keyParts))")
        return nil
      }
      return (.keyPart(index), .text)
    }
  }

  private mutating func statistic(_ function: AggregateFunction, _ argument: ExpressionSyntax) -> Made? {
    guard case .name(let name) = argument.node, let statistic = Statistic(rawValue: function.rawValue) else {
      report(argument.offset, "the name of an inner column, or of a field that holds numbers, should be here")
      return nil
    }
    var scope = ColumnChecker(reasonMatch: reasonMatch, inner: nil)
    scope.columns = inner ?? []
    if let index = scope.column(named: name) {
      let type = scope.columns[index].type
      if type == .time, statistic == .sum || statistic == .avg {
        report(argument.offset, "times have neither sum nor average")
        return nil
      }
      return (.ofGroups(statistic, index), statistic == .avg ? .real : type)
    }
    guard let field = Field(name: name) else {
      let names = (inner ?? []).map(\.name) + Field.allCases.filter { $0.kind == .integer }.map(\.name)
      report(
        argument.offset,
        "there is no inner column and no field '\(name)'\(Suggestion.text(for: name, among: names))")
      return nil
    }
    guard field.kind == .integer else {
      report(argument.offset, "\(name) holds no numbers")
      return nil
    }
    return (.ofField(statistic, field), statistic == .avg ? .real : .integer)
  }

  private mutating func template(_ text: LogText, _ offset: Int) -> Made? {
    var parts: [Template.Part] = []
    for part in TemplateText(text.description).parts {
      switch part {
      case .text(let text): parts.append(.text(LogText(text)))
      case .placeholder("client_ip", let null): parts.append(.clientIP(null: LogText(null)))
      case .placeholder(let name, let null):
        guard let field = Field(name: name) else {
          report(offset, "in the text, " + PredicateChecker.noField(name))
          return nil
        }
        parts.append(.field(field, null: LogText(null)))
      }
    }
    return (.texts(Template(parts: parts)), .list)
  }

  // MARK: Arguments

  private mutating func predicate(_ syntax: ExpressionSyntax) -> Predicate? {
    var checker = PredicateChecker(reasonMatch: reasonMatch)
    let predicate = checker.check(syntax)
    errors += checker.errors
    return predicate
  }

  private mutating func field(_ syntax: ExpressionSyntax) -> Field? {
    var checker = PredicateChecker(reasonMatch: reasonMatch)
    let field = checker.field(syntax)
    errors += checker.errors
    return field
  }

  private mutating func text(_ syntax: ExpressionSyntax) -> LogText? {
    guard case .text(let text) = syntax.node else {
      report(syntax.offset, "a text should be here, in quotes")
      return nil
    }
    return LogText(text)
  }

  // MARK: Arithmetic and conditions

  private enum Kind { case integer, real, time, condition }

  private mutating func expression(_ syntax: ExpressionSyntax) -> (Expression, Kind)? {
    switch syntax.node {
    case .number(let value, let isInteger): return (.number(value), isInteger ? .integer : .real)
    case .name(let name): return reference(name, syntax.offset)
    case .negate(let part):
      guard let (expression, kind) = number(part) else { return nil }
      return (.negate(expression), kind)
    case .arithmetic(let operation, let left, let right):
      let (left, right) = (number(left), number(right))
      guard let (a, kindOfA) = left, let (b, kindOfB) = right else { return nil }
      let isInteger = operation != .divide && kindOfA == .integer && kindOfB == .integer
      return (.arithmetic(operation, a, b), isInteger ? .integer : .real)
    case .compare(let comparison, let left, let right):
      let (checkedLeft, checkedRight) = (expression(left), expression(right))
      guard let (a, kindOfA) = checkedLeft, let (b, kindOfB) = checkedRight else { return nil }
      guard kindOfA != .condition, kindOfB != .condition, (kindOfA == .time) == (kindOfB == .time) else {
        report(syntax.offset, "'\(comparison.rawValue)' compares two numbers, or two times")
        return nil
      }
      return (.compare(comparison, a, b), .condition)
    case .all(let parts): return conditions(parts).map { (.all($0), .condition) }
    case .any(let parts): return conditions(parts).map { (.any($0), .condition) }
    case .not(let part): return condition(part).map { (.not($0), .condition) }
    case .call(let name, let arguments): return call(name, arguments, syntax.offset)
    case .text:
      report(syntax.offset, "a number should be here, not a text")
      return nil
    case .isOne, .relate:
      report(
        syntax.offset, "columns are compared as numbers; fields of events belong into 'filter' or count(…)")
      return nil
    }
  }

  private mutating func conditions(_ parts: [ExpressionSyntax]) -> [Expression]? {
    let checked = parts.map { condition($0) }
    let found = checked.compactMap { $0 }
    return found.count == parts.count ? found : nil
  }

  private mutating func number(_ syntax: ExpressionSyntax) -> (Expression, Kind)? {
    guard let (expression, kind) = expression(syntax) else { return nil }
    guard kind == .integer || kind == .real else {
      report(
        syntax.offset,
        "a number should be here, not a \(kind == .time ? "time; see minutes(…)" : "condition")")
      return nil
    }
    return (expression, kind)
  }

  /// All functions that columns may call.
  static let functions = AggregateFunction.allCases.map(\.rawValue) + units.keys.sorted()

  private static let units: [String: Double] = ["seconds": 1000, "minutes": 60_000, "hours": 3_600_000]

  /// Returns the function name of a unit of time, or the milliseconds if no unit has that length.
  static func unitName(milliseconds: Double) -> String {
    units.first { $0.value == milliseconds }?.key ?? "\(milliseconds)"
  }

  private mutating func call(_ name: String, _ arguments: [ExpressionSyntax], _ offset: Int)
    -> (Expression, Kind)?
  {
    guard let unit = Self.units[name] else {
      if AggregateFunction(rawValue: name) != nil {
        report(offset, "\(name)(…) makes a column of its own; give it a name in 'columns:' and use that here")
      } else {
        let near = Suggestion.text(for: name, among: Self.functions, what: "functions")
        report(offset, "there is no function '\(name)'\(near)")
      }
      return nil
    }
    guard arguments.count == 2 else {
      report(offset, "\(name) takes two times, the earlier first")
      return nil
    }
    let times = arguments.map { argument -> Expression? in
      guard let (expression, kind) = expression(argument) else { return nil }
      if kind != .time { report(argument.offset, "a time should be here, such as a column first_time()") }
      return kind == .time ? expression : nil
    }
    guard let from = times[0], let to = times[1] else { return nil }
    return (.wholeUnits(unit, from: from, to: to), .integer)
  }

  private mutating func reference(_ name: String, _ offset: Int) -> (Expression, Kind)? {
    guard let index = column(named: name) else {
      if invalidNames.contains(where: { $0 == name || $0.hasSuffix(".\(name)") }) { return nil }
      if columns.contains(where: { $0.name.hasSuffix(".\(name)") }) {
        report(offset, "'\(name)' is the last part of more than one column's name; write the whole name")
      } else if Field(name: name) != nil {
        report(offset, "'\(name)' is a field of events, not a column")
      } else {
        let names = columns.flatMap { [$0.name, $0.name.split(separator: ".").last.map(String.init) ?? ""] }
        report(offset, "there is no column '\(name)' above\(Suggestion.text(for: name, among: names))")
      }
      return nil
    }
    switch columns[index].type {
    case .integer: return (.column(index), .integer)
    case .real: return (.column(index), .real)
    case .time: return (.column(index), .time)
    case .text, .list:
      report(offset, "the column '\(name)' is no number")
      return nil
    }
  }
}

/// A function that computes a column from a window's events or from its inner groups.
enum AggregateFunction: String, CaseIterable {
  case count, distinct, values, elements, sum, min, max, avg, groups, text, key
  case firstTime = "first_time"
  case lastTime = "last_time"
  case windowStart = "window_start"
  case clientIP = "client_ip"

  var isOuterOnly: Bool {
    switch self {
    case .groups, .text, .key, .windowStart, .clientIP, .values, .elements: true
    default: false
    }
  }

  var argumentCounts: ClosedRange<Int> {
    switch self {
    case .firstTime, .lastTime, .windowStart: 0...0
    case .count, .groups, .clientIP: 0...1
    case .values, .distinct: 1...2
    case .elements, .sum, .min, .max, .avg, .text, .key: 1...1
    }
  }

  /// The arguments that it takes, in words.
  var arguments: String {
    switch self {
    case .firstTime, .lastTime, .windowStart: "nothing: \(rawValue)()"
    case .count: "nothing, or a condition on an event's fields"
    case .groups: "nothing, or a condition on the inner columns"
    case .clientIP: "nothing, or a text for null"
    case .values, .distinct: "a field, and a text for null if null is to count"
    case .elements: "a field that holds a list"
    case .sum, .min, .max, .avg: "an inner column, or a field that holds numbers"
    case .text: "a text with fields in it, such as \"{actor.alternateId|none}\""
    case .key: "the name of a part of the key, as a text"
    }
  }
}
