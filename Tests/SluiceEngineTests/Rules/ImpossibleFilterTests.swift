@testable import SluiceEngine
import SluiceRecords
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// The search for filters that no event can pass, against a search through small worlds.
@Suite struct ImpossibleFilterTests {
  /// Values of two fields, nil for null.
  private typealias World = (a: String?, b: String?)

  private static let texts: [String?] = {
    var texts = [""]
    for _ in 0..<3 { texts += texts.flatMap { text in ["a", "b", ","].map { text + $0 } } }
    return [nil, "true", "TRUE", "tRue", "false"] + Set(texts).subtracting([""]).sorted()
  }()

  /// Returns whether a value satisfies a condition. This is an independent implementation of the user page Rules.md.
  private static func holds(_ syntax: ExpressionSyntax, _ world: World) -> Bool {
    func value(_ name: ExpressionSyntax) -> String? {
      if case .name("eventType") = name.node { world.a } else { world.b }
    }
    func text(_ syntax: ExpressionSyntax) -> String {
      if case .text(let text) = syntax.node { text } else { "" }
    }
    switch syntax.node {
    case .all(let parts): return parts.allSatisfy { holds($0, world) }
    case .any(let parts): return parts.contains { holds($0, world) }
    case .not(let part): return !holds(part, world)
    case .compare(let comparison, let name, let other):
      return (value(name) == text(other)) == (comparison == .equal)
    case .isOne(let name, let options): return options.contains { value(name) == text($0) }
    case .relate(let relation, let name, let other):
      guard let value = value(name) else { return false }
      return switch relation {
      case .startsWith: value.hasPrefix(text(other))
      case .contains: value.contains(text(other))
      case .lists: value.split(separator: ",").contains { $0 == text(other) }
      }
    case .call("exists", let arguments): return value(arguments[0]) != nil
    case .call(_, let arguments): return value(arguments[0])?.lowercased() == "true"
    default: return false
    }
  }

  private static func condition(_ rng: inout SplitMix64, depth: Int) -> String {
    let field = rng.oneIn(4) ? "outcome.reason" : "eventType"
    switch depth > 0 ? Int.random(in: 0..<6, using: &rng) : 0 {
    case 0, 1:
      let text = rng.pick(["a", "b", "ab", "ba", "aa", "true", "a,b"])
      return switch Int.random(in: 0..<8, using: &rng) {
      case 0: "\(field) == \"\(text)\""
      case 1: "\(field) != \"\(text)\""
      case 2: "\(field) in (\"\(text)\", \"b\")"
      case 3: "\(field) starts_with \"\(text)\""
      case 4: "\(field) contains \"\(text)\""
      case 5: "\(field) lists \"\(rng.pick(["a", "b", "ab"]))\""
      case 6: "exists(\(field))"
      default: "is_true(\(field))"
      }
    case 2: return "not (" + condition(&rng, depth: depth - 1) + ")"
    default:
      let parts = (0..<rng.pick([2, 3])).map { _ in "(" + condition(&rng, depth: depth - 1) + ")" }
      return parts.joined(separator: rng.pick([" and ", " and ", " or "]))
    }
  }

  private func predicate(_ text: String) throws -> (ExpressionSyntax, Predicate) {
    var checker = PredicateChecker(reasonMatch: .listed)
    let syntax = try ExpressionParser.parse(text)
    let predicate = checker.check(syntax)
    return (syntax, try #require(predicate, "\(text): \(checker.errors)"))
  }

  private static let worlds: [World] = texts.flatMap { a in texts.map { (a, $0) } }

  @Test func filtersCalledImpossibleMatchNoEvent() throws {
    var (impossible, missed) = (0, 0)
    for seed: UInt64 in 1...1500 {
      var rng = SplitMix64(seed: seed)
      let text = Self.condition(&rng, depth: 3)
      let (syntax, predicate) = try predicate(text)
      let why = ImpossibleFilter.impossibility(of: predicate)
      // Most conditions hold of an early world. The impossible ones take nearly all the time.
      let worlds = why == nil ? Self.worlds : TestScale.some(Self.worlds)
      let world = worlds.first { Self.holds(syntax, $0) }
      #expect(
        why == nil || world == nil,
        "seed \(seed): \(text) is called impossible (\(why ?? "")), and holds of \(String(describing: world))"
      )
      if why != nil { impossible += 1 } else if world == nil { missed += 1 }
    }
    #expect(impossible > 100, "found \(impossible), missed \(missed)")
    #expect(missed * 10 < impossible, "found \(impossible), missed \(missed)")
  }

  @Test(arguments: [
    (
      "eventType == \"a\" and exists(uuid) and eventType == \"b\"",
      "'eventType == \"a\"' and 'eventType == \"b\"' cannot hold together"
    ),
    (
      "exists(uuid) and not exists(uuid)", "'exists(uuid)' and 'not exists(uuid)' cannot hold together"
    ),
    (
      "eventType starts_with \"user.\" and eventType in (\"policy.a\", \"b\")",
      "'eventType starts_with \"user.\"' and 'eventType in (\"policy.a\", \"b\")' cannot hold together"
    ),
    (
      "eventType starts_with \"a\" and eventType starts_with \"b\"",
      "'eventType starts_with \"a\"' and 'eventType starts_with \"b\"' cannot hold together"
    ),
    (
      "outcome.reason lists \"LOCKED_OUT\" and not outcome.reason contains \"LOCK\"",
      "'outcome.reason lists \"LOCKED_OUT\"' and 'not outcome.reason contains \"LOCK\"' cannot hold together"
    ),
    (
      "eventType == \"a\" and eventType != \"a\"",
      "'eventType == \"a\"' and 'eventType != \"a\"' cannot hold together"
    ),
    (
      "is_true(outcome.reason) and outcome.reason == \"yes\"",
      "'is_true(outcome.reason)' and 'outcome.reason == \"yes\"' cannot hold together"
    ),
  ])
  func theReasonNamesTheTermsThatExcludeEachOther(text: String, reason: String) throws {
    #expect(ImpossibleFilter.impossibility(of: try predicate(text).1) == reason)
  }

  /// Steps that exclude each other are reported at the first step that lets nothing pass.
  @Test func stepsThatExcludeEachOtherAreNamed() throws {
    let rule = RuleText([
      (
        "filter",
        "['eventType == \"a\"', 'exists(uuid)', 'eventType starts_with \"b\"', 'not exists(uuid)']"
      )
    ])
    let diagnostics = rule.diagnostics.filter { !$0.isWarning }
    let location = rule.location(of: "filter")
    #expect(
      diagnostics.map { [$0.line, $0.column] } == [[location.line, location.column + 37]], "\(diagnostics)")
    #expect(diagnostics.first?.message.hasPrefix("no event can pass this filter: ") == true)
  }

  /// A condition compares the number of impossible events with a positive number.
  @Test func aCountOfImpossibleEventsIsZero() throws {
    let diagnostics = RuleText([
      ("columns", "{n: 'count(eventType == \"a\" and eventType == \"b\")'}"), ("condition", "n > 2"),
    ]).diagnostics
    #expect(
      diagnostics.contains { $0.message.contains("'n > 2' can never hold: 'n' is at least 0 and at most 0") })
  }
}
