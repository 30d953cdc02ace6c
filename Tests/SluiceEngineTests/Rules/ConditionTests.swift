@testable import SluiceEngine
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// Conditions over columns against a naive evaluator of their syntax tree, and the search for impossible conditions
/// against a search through small windows.
@Suite struct ConditionTests {
  /// Events of a small window by user, from which all columns below are computed.
  struct Window {
    /// The number of events of each user, and how many of them are wanted.
    var users: [(events: Int, wanted: Int)]
  }

  static let columns = """
    {events: count(), wanted: 'count(eventType == "x")', users: groups(), top: max(attempts), low: min(attempts),
     mean: avg(attempts), all: sum(attempts), few: groups(attempts <= 2), pct: few * 100.0 / users,
     topwanted: max(wanted), per: wanted / few, twice: 2 * events - users,
     single: groups(attempts <= 1), wantedall: sum(wanted), rest: 'count(not eventType == "x")',
     share: wanted * 1.0 / events, part: 3 * wanted / (wanted + rest), spread: events / users, left: few - single}
    """
  static let names = [
    "events", "wanted", "users", "top", "low", "mean", "all", "few", "pct", "topwanted", "per", "twice",
    "single",
    "wantedall", "rest", "share", "part", "spread", "left",
  ]

  /// Returns a column's value by an independent implementation; nil if there is none.
  static func value(_ name: String, _ window: Window) -> Double? {
    let counts = window.users.map { Double($0.events) }
    let (events, users) = (counts.reduce(0, +), Double(counts.count))
    let few = Double(window.users.count { $0.events <= 2 })
    let wanted = Double(window.users.reduce(0) { $0 + $1.wanted })
    switch name {
    case "events", "all": return events
    case "wanted": return wanted
    case "users": return users
    case "top": return counts.max()
    case "low": return counts.min()
    case "mean": return events / users
    case "few": return few
    case "pct": return few * 100 / users
    case "topwanted": return window.users.map { Double($0.wanted) }.max()
    case "per": return few == 0 ? nil : wanted / few
    case "single": return Double(window.users.count { $0.events == 1 })
    case "wantedall": return wanted
    case "rest": return events - wanted
    case "share": return wanted / events
    case "part": return 3 * wanted / events
    case "spread": return events / users
    case "left": return few - Double(window.users.count { $0.events == 1 })
    default: return 2 * events - users
    }
  }

  private static func number(_ syntax: ExpressionSyntax, _ window: Window) -> Double? {
    switch syntax.node {
    case .number(let value, _): return value
    case .name(let name): return value(name, window)
    case .negate(let part): return number(part, window).map { -$0 }
    case .arithmetic(let operation, let a, let b):
      guard let a = number(a, window), let b = number(b, window) else { return nil }
      switch operation {
      case .add: return a + b
      case .subtract: return a - b
      case .multiply: return a * b
      case .divide: return b == 0 ? nil : a / b
      }
    default: return nil
    }
  }

  static func holds(_ syntax: ExpressionSyntax, _ window: Window) -> Bool {
    switch syntax.node {
    case .all(let parts): return parts.allSatisfy { holds($0, window) }
    case .any(let parts): return parts.contains { holds($0, window) }
    case .not(let part): return !holds(part, window)
    case .compare(let comparison, let a, let b):
      guard let a = number(a, window), let b = number(b, window) else { return false }
      switch comparison.rawValue {
      case "==": return a == b
      case "!=": return a != b
      case ">=": return a >= b
      case "<=": return a <= b
      case ">": return a > b
      default: return a < b
      }
    default: return false
    }
  }

  private static func term(_ rng: inout SplitMix64, depth: Int) -> String {
    switch depth > 0 ? Int.random(in: 0..<8, using: &rng) : Int.random(in: 0..<4, using: &rng) {
    case 0, 1: return rng.pick(names)
    case 2, 3: return rng.pick(["0", "1", "2", "3", "4", "5", "2.5", "50", "100.0"])
    case 4: return "-" + term(&rng, depth: depth - 1)
    default:
      let operation = rng.pick([" + ", " - ", " * ", " / "])
      return "(" + term(&rng, depth: depth - 1) + operation + term(&rng, depth: depth - 1) + ")"
    }
  }

  private static func condition(_ rng: inout SplitMix64, depth: Int) -> String {
    switch depth > 0 ? Int.random(in: 0..<5, using: &rng) : 0 {
    case 0, 1:
      // Most comparisons have a column and a number, as people write them.
      let comparison = rng.pick(["==", "!=", ">=", "<=", ">", "<"])
      if rng.oneIn(2) {
        return "\(rng.pick(names)) \(comparison) \(rng.pick(["0", "1", "2", "3", "4", "5", "2.5", "50"]))"
      }
      let factor = rng.pick(["", "", "2 * ", "0.5 * ", "3 * "])
      if rng.oneIn(2) { return "\(rng.pick(names)) \(comparison) \(factor)\(rng.pick(names))" }
      return "\(term(&rng, depth: 2)) \(comparison) \(term(&rng, depth: 2))"
    case 2: return "not (" + condition(&rng, depth: depth - 1) + ")"
    default:
      let word = rng.pick([" and ", " and ", " or "])
      let parts = (0..<rng.pick([2, 3])).map { _ in "(" + condition(&rng, depth: depth - 1) + ")" }
      return parts.joined(separator: word)
    }
  }

  /// All windows of up to three users with up to four events each, and some larger ones.
  private static let windows: [Window] = {
    let users = (1...4).flatMap { events in (0...events).map { (events: events, wanted: $0) } }
    var windows = users.map { Window(users: [$0]) }
    for a in users { for b in users { windows.append(Window(users: [a, b])) } }
    for a in users { for b in users { for c in users { windows.append(Window(users: [a, b, c])) } } }
    return windows + [Window(users: Array(repeating: (3, 1), count: 30)), Window(users: [(60, 5), (1, 0)])]
  }()

  private static let rule = RuleText([
    (
      "groups", "{by: [actor.alternateId], columns: {attempts: count(), wanted: 'count(eventType == \"x\")'}}"
    ),
    ("columns", columns.split(separator: "\n").joined()), ("condition", "events >= 1"),
  ])

  private func expression(_ text: String) throws -> (ExpressionSyntax, Expression, Rule) {
    let rule = try Self.rule.rule()
    var checker = ColumnChecker(reasonMatch: .listed, inner: rule.groups?.columns)
    for pair in Self.names {
      let column = try #require(rule.columns.first { $0.name == pair })
      checker.add(column)
    }
    let syntax = try ExpressionParser.parse(text)
    let expression = checker.condition(syntax)
    return (syntax, try #require(expression, "\(text): \(checker.errors)"), rule)
  }

  @Test func conditionsCalledImpossibleHoldOfNoWindow() throws {
    var impossible = 0
    for seed: UInt64 in 1...800 {
      var rng = SplitMix64(seed: seed)
      let text = Self.condition(&rng, depth: 3)
      let (syntax, expression, rule) = try expression(text)
      let why = ImpossibleCondition.impossibility(of: expression, columns: rule.columns, groups: rule.groups)
      if why != nil { impossible += 1 }
      for window in TestScale.some(Self.windows) where why != nil || rng.oneIn(20) {
        let expected = Self.holds(syntax, window)
        let found = expression.evaluate { index in
          Self.evaluated(index, rule.columns, window)
        }
        #expect((found != 0) == expected, "seed \(seed): \(text), \(window)")
        #expect(
          !expected || why == nil,
          "seed \(seed): \(text) is called impossible (\(why ?? "")), and holds of \(window)")
        // The minimum number of events that the engine derives must not exceed the number in a matching window.
        if expected {
          let floor = expression.eventFloor { rule.columns[$0].aggregate.isBoundedByEvents(rule.groups) }
          #expect(floor <= window.users.reduce(0) { $0 + $1.events }, "seed \(seed): \(text)")
        }
      }
    }
    #expect(impossible > 60, "the search finds too little to be tested: \(impossible)")
  }

  private static func evaluated(_ index: Int, _ columns: [Column], _ window: Window) -> Double {
    if case .expression(let expression) = columns[index].aggregate {
      return expression.evaluate { evaluated($0, columns, window) }
    }
    return value(columns[index].name, window) ?? .nan
  }

  @Test(arguments: [
    "top <= 2 and low >= 3", "events > 5 and events < 6", "events < 1", "wanted > events", "wanted < 0",
    "users > events",
    "users >= 15 and all <= 10", "mean > 3 and top < 3", "mean < 2 and low > 2", "mean < 1", "few > users",
    "few > 3 and users < 3", "top > 5 and all < 5", "all >= 25 and users <= 5 and top <= 4", "pct < 0",
    "events != events + 0 and 1 > 2",
    "low >= 3 and users >= 4 and all < 12", "not (events >= 1)", "events == 2.5", "1 > 2", "not (1 < 2)",
    "(top <= 2 or events < 4) and low >= 5", "(events > 5 and events < 3) or (users > 4 and events < 2)",
    "events >= 3 and not (events > 2)", "twice < -5 and events > 1 and users < 2",
    "wanted >= 4 and 4 > events",
    "topwanted > 3 and events < 3", "few != few",
    // A part compared with its whole, however scaled.
    "pct > 100", "share > 1", "part > 3", "part >= 3.5", "2 * share > 2", "users / events > 1", "spread < 1",
    "wanted * 100 / events >= 101", "left < 0", "users - few < 0", "events - users < 0",
    "wanted * 3 > events * 3",
    // One condition implies another.
    "single > few", "single > users", "wantedall > wanted", "wantedall != wanted", "topwanted > top",
    "few > 1 and single > few",
    // A property that all groups share.
    "top == 1 and all > users", "top <= 2 and all > 2 * users", "low >= 2 and all < 2 * users",
    "top <= 2 and few < users", "top <= 2 and pct < 100", "low >= 3 and few >= 1", "low >= 2 and single > 0",
    "mean >= 3 and users >= 4 and all < 12", "mean <= 2 and all >= 9 and users <= 4",
    "mean < 1.9 and all >= 2 * users",
    // The condition contradicts itself.
    "wanted > single and single > wanted", "wanted >= single and single > wanted",
    "few == wanted and few != wanted",
    "wanted > single and single > low and low > wanted",
    "wanted >= 2 * single and single > wanted and single > 0",
  ])
  func impossibleConditionsAreFound(text: String) throws {
    let (_, expression, rule) = try expression(text)
    #expect(
      ImpossibleCondition.impossibility(of: expression, columns: rule.columns, groups: rule.groups) != nil)
  }

  /// The message quotes the user's text, and no more of it than is at fault.
  @Test(arguments: [
    (
      "users >= 1 and low >= 3 and top <= 2",
      "'low >= 3' and 'top <= 2' cannot hold together: 'low' would have to be at least 3 and at most 2"
    ),
    ("pct > 100", "'pct > 100' can never hold: 'pct' is at least 0 and at most 100"),
    ("single > few and all > 5", "'single > few' can never hold"),
    ("few >= 1 and top == 1 and all > users", "'top == 1' and 'all > users' cannot hold together"),
    (
      "events > 5 and not (events >= 3)",
      "'events > 5' and 'events < 3' cannot hold together: 'events' would have to be at least 6 and at most 2"
    ),
    ("2 * (events - -1) < 0", "'2 * (events - -1) < 0' can never hold"),
    ("wanted < 0 or top < 1", "'wanted < 0' can never hold: 'wanted' is at least 0"),
  ])
  func theReasonNamesOnlyTheTermsToBlame(text: String, reason: String) throws {
    let (_, expression, rule) = try expression(text)
    #expect(
      ImpossibleCondition.impossibility(of: expression, columns: rule.columns, groups: rule.groups) == reason)
  }

  /// Columns that each use the previous one twice are checked once each.
  @Test func longChainsOfColumnsAreCheckedInShortTime() throws {
    let chain = (1...60).map { "c\($0): c\($0 - 1) + c\($0 - 1)" }.joined(separator: ", ")
    let diagnostics = RuleText([("columns", "{c0: count(), \(chain)}"), ("condition", "c60 < 1")]).diagnostics
    #expect(diagnostics.map(\.message).filter { $0.contains("can never hold") }.count == 1)
  }

  /// Some window satisfies each of these, although they look impossible. A missing value satisfies neither a
  /// comparison nor its opposite.
  @Test(arguments: [
    "not (per >= 0) and not (per < 0)", "not (per == per)", "not (wanted / few >= 0)",
    "top <= 2 and low >= 2",
    "mean > 2 and mean < 3", "events >= 3 and users <= 3 and top <= 1", "events == 3", "few < 1", "pct <= 0",
    "top <= 1 or (top <= 2 and low >= 3)", "all >= 12 and users <= 3 and top <= 4", "-events <= -3",
    "twice == events",
    "pct >= 100", "pct == 100", "share >= 1", "part >= 3", "spread <= 1", "left <= 0", "single >= few",
    "wantedall == wanted",
    "topwanted >= top", "top == 1 and all >= users", "top <= 2 and all >= 2 * users",
    "low >= 2 and all <= 2 * users",
    "top <= 2 and few >= users", "low >= 2 and few >= 1", "mean >= 3 and users >= 3 and all < 10",
    "wanted >= 2 * single and single >= wanted", "2 * wanted <= few and 2 * few <= wanted", "share > 0.99",
    // If a share has no value, the consequences of having one need not hold.
    "(2 * wanted <= single and 2 * single <= wanted) or wanted / single > 3",
  ])
  func possibleConditionsAreNotRefused(text: String) throws {
    let (syntax, expression, rule) = try expression(text)
    #expect(
      ImpossibleCondition.impossibility(of: expression, columns: rule.columns, groups: rule.groups) == nil)
    #expect(Self.windows.contains { Self.holds(syntax, $0) }, "the case is none")
  }

  @Test(arguments: [
    ("total_attempts >= 25 and unique_users >= 15 and max_attempts_per_user <= 2", 25),
    ("total_attempts > 5.5", 6),
    ("5 < total_attempts", 6), ("unique_users == 3 or total_attempts >= 7", 3),
    ("not (total_attempts < 9)", 1),
    ("total_attempts >= 9007199254740992", 1_000_000_000_000_000), ("total_attempts >= -3", 1),
    ("total_attempts <= 4", 1),
    ("pct_users_few_attempts >= 80", 1), ("avg_attempts_per_user >= 80", 80),
  ])
  func theEventFloorFollowsFromTheCondition(condition: String, floor: Int) throws {
    let text = "rules:\n  - id: okta-credential-stuffing\n    condition: \(condition)\n"
    let (book, diagnostics) = Rulebook.reading(Array(text.utf8), file: "f")
    #expect(
      try #require(book?.activeRules(["okta-credential-stuffing"]).first, "\(diagnostics)").eventFloor
        == floor)
  }
}
