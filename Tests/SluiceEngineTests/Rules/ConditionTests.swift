import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Conditions over columns against a naive evaluator of their text's tree, and the search for impossible ones against a
/// search through small windows.
@Suite struct ConditionTests {
  /// Events of a small window by user; all that the columns below are made of.
  struct Window {
    /// Of each user how many events, and of these how many are of the wanted kind.
    var users: [(events: Int, wanted: Int)]
  }

  static let columns = """
    {events: count(), wanted: 'count(eventType == "x")', users: groups(), top: max(attempts), low: min(attempts),
     mean: avg(attempts), all: sum(attempts), few: groups(attempts <= 2), pct: few * 100.0 / users,
     topwanted: max(wanted), per: wanted / few, twice: 2 * events - users}
    """
  static let names = [
    "events", "wanted", "users", "top", "low", "mean", "all", "few", "pct", "topwanted", "per", "twice",
  ]

  /// Written down anew: nil where there is no value.
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
      // As a rule a column and a number, as people write.
      let comparison = rng.pick(["==", "!=", ">=", "<=", ">", "<"])
      if !rng.oneIn(4) {
        return "\(rng.pick(names)) \(comparison) \(rng.pick(["0", "1", "2", "3", "4", "5", "2.5", "50"]))"
      }
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
    return (syntax, try #require(expression, "\(text): \(checker.faults)"), rule)
  }

  @Test func randomConditions() throws {
    var impossible = 0
    for seed: UInt64 in 1...700 {
      var rng = SplitMix64(seed: seed)
      let text = Self.condition(&rng, depth: 3)
      let (syntax, expression, rule) = try expression(text)
      let why = ConditionBounds.impossibility(of: expression, columns: rule.columns, groups: rule.groups)
      if why != nil { impossible += 1 }
      for window in Self.windows where why != nil || rng.oneIn(20) {
        let expected = Self.holds(syntax, window)
        let found = expression.evaluate { index in
          Self.evaluated(index, rule.columns, window)
        }
        #expect((found != 0) == expected, "seed \(seed): \(text), \(window)")
        #expect(
          !expected || why == nil,
          "seed \(seed): \(text) is called impossible (\(why ?? "")), and holds of \(window)")
        // What is looked at only from so many events on must not need fewer.
        if expected {
          let floor = expression.eventFloor { rule.columns[$0].aggregate.isBoundedByEvents(rule.groups) }
          #expect(floor <= window.users.reduce(0) { $0 + $1.events }, "seed \(seed): \(text)")
        }
      }
    }
    #expect(impossible > 25, "the search finds too little to be tested: \(impossible)")
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
  ])
  func impossible(text: String) throws {
    let (_, expression, rule) = try expression(text)
    #expect(ConditionBounds.impossibility(of: expression, columns: rule.columns, groups: rule.groups) != nil)
  }

  /// Some window satisfies them, although at first sight none might: what has no value satisfies no comparison, nor its
  /// opposite.
  @Test(arguments: [
    "not (per >= 0) and not (per < 0)", "not (per == per)", "not (wanted / few >= 0)",
    "top <= 2 and low >= 2",
    "mean > 2 and mean < 3", "events >= 3 and users <= 3 and top <= 1", "events == 3", "few < 1", "pct <= 0",
    "top <= 1 or (top <= 2 and low >= 3)", "all >= 12 and users <= 3 and top <= 4", "-events <= -3",
    "twice == events",
  ])
  func possible(text: String) throws {
    let (syntax, expression, rule) = try expression(text)
    #expect(ConditionBounds.impossibility(of: expression, columns: rule.columns, groups: rule.groups) == nil)
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
  func eventFloors(condition: String, floor: Int) throws {
    let text = "rules:\n  - id: okta-credential-stuffing\n    condition: \(condition)\n"
    let (book, faults) = Rulebook.reading(Array(text.utf8), file: "f")
    #expect(try #require(book?.inForce(["okta-credential-stuffing"]).first, "\(faults)").eventFloor == floor)
  }
}
