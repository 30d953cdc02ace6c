@testable import SluiceEngine
@testable import SluiceRules
import Testing

/// The expression language of rules: precedence, and the position of each error.
@Suite struct ExpressionParserTests {
  /// Returns the tree as text with brackets around everything.
  static func shown(_ syntax: ExpressionSyntax) -> String {
    switch syntax.node {
    case .number(let value, let isInteger): isInteger ? "\(Int(value))" : "\(value)"
    case .text(let text): "\"\(text)\""
    case .name(let name): name
    case .call(let name, let arguments): "\(name)[\(arguments.map(shown).joined(separator: ", "))]"
    case .negate(let part): "(-\(shown(part)))"
    case .arithmetic(let operation, let a, let b):
      "(\(shown(a)) \(["add": "+", "subtract": "-", "multiply": "*", "divide": "/"]["\(operation)"]!) \(shown(b)))"
    case .compare(let comparison, let a, let b): "(\(shown(a)) \(comparison.rawValue) \(shown(b)))"
    case .isOne(let a, let options): "(\(shown(a)) in \(options.map(shown)))"
    case .relate(let relation, let a, let b): "(\(shown(a)) \(relation.rawValue) \(shown(b)))"
    case .all(let parts): "(\(parts.map(shown).joined(separator: " and ")))"
    case .any(let parts): "(\(parts.map(shown).joined(separator: " or ")))"
    case .not(let part): "(not \(shown(part)))"
    }
  }

  @Test(arguments: [
    ("a or b and c", "(a or (b and c))"), ("a and b or c", "((a and b) or c)"),
    ("(a or b) and c", "((a or b) and c)"), ("not a and b", "((not a) and b)"),
    ("not not a", "(not (not a))"), ("not a == 1", "(not (a == 1))"),
    ("a or b or c", "(a or b or c)"), ("a and b and c", "(a and b and c)"),
    ("a + b * c >= d - 1", "((a + (b * c)) >= (d - 1))"), ("a - b - c", "((a - b) - c)"),
    ("a / b / c", "((a / b) / c)"), ("a * b / c", "((a * b) / c)"), ("(a + b) * c", "((a + b) * c)"),
    ("-a * b", "((-a) * b)"), ("--a", "(-(-a))"), ("a - -1", "(a - (-1))"), ("a<b", "(a < b)"),
    ("a <= 2 and b >= 3.50", "((a <= 2) and (b >= 3.5))"), ("a != 1", "(a != 1)"),
    ("a.b in (\"x\", 'y')", "(a.b in [\"\\\"x\\\"\", \"\\\"y\\\"\"])"),
    ("a starts_with 'x' or a contains \"y\"", "((a starts_with \"x\") or (a contains \"y\"))"),
    ("a lists 'x'", "(a lists \"x\")"), ("target[0].id == 'x'", "(target[0].id == \"x\")"),
    ("count()", "count[]"), ("f(a, g(b) > 1)", "f[a, (g[b] > 1)]"),
    (#"a == "q\"b\\\n""#, "(a == \"q\"b\\\n\")"), ("  a\n and\tb ", "(a and b)"),
    ("android == 1", "(android == 1)"), ("nothing", "nothing"), ("a == \"é'\"", "(a == \"é'\")"),
  ])
  func operatorsBindByPrecedence(text: String, tree: String) throws {
    #expect(try Self.shown(ExpressionParser.parse(text)) == tree)
  }

  @Test(arguments: [
    ("", 0), ("   ", 0), ("a and", 5), ("a b", 2), ("and a", 0), ("a == ", 5), ("a = 1", 2), ("a && b", 2),
    ("!a", 0), ("a ? b", 2), ("(a", 2), ("a)", 1), ("a == 1 == 2", 7), ("a < b < c", 6), ("f(a", 3),
    ("f(a,)", 4), ("a in b", 5), ("a in ()", 6), ("a in (\"x\"", 9), ("a == \"x", 5), (#"a == "\q""#, 6),
    ("1a", 1), ("1.2.3", 3), ("99999999999999999999", 0), ("a + * b", 4), ("é == 1", 0), ("ä", 0),
    ("a == 'é' ?", 9), ("not", 3), ("a contains", 10), ("-", 1), ("1.", 1),
  ])
  func anErrorIsReportedAtItsOffset(text: String, offset: Int) {
    do throws(ExpressionError) {
      let syntax = try ExpressionParser.parse(text)
      Issue.record("\(text) is taken as \(Self.shown(syntax))")
    } catch {
      #expect(error.offset == offset, "\(text): \(error.message)")
      #expect(!error.message.isEmpty)
    }
  }

  /// No text exhausts the stack. Nesting beyond a limit is refused, and accepted text can be checked.
  @Test(arguments: ["(", "not ", "-", "f(", "a or (", "1 + (", "1 * -("])
  func deepNestingIsRefused(opening: String) {
    let text = String(repeating: opening, count: 3000)
    #expect(throws: ExpressionError.self) { try ExpressionParser.parse(text) }
  }

  @Test func chainsAreLimitedTooUnlessTheyAreFlat() throws {
    #expect(throws: ExpressionError.self) {
      try ExpressionParser.parse(Array(repeating: "1", count: 1000).joined(separator: "+"))
    }
    let flat = Array(repeating: "a > 1", count: 1000).joined(separator: " and ")
    guard case .all(let parts) = try ExpressionParser.parse(flat).node else { return #expect(Bool(false)) }
    #expect(parts.count == 1000)
    #expect(throws: ExpressionError.self) {
      try ExpressionParser.parse(String(repeating: "a", count: 20_001))
    }
  }
}
