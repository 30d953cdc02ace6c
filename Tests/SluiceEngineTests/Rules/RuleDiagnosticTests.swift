import SluiceEngine
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// Diagnostics of rules files. All errors are reported, with line and column.
@Suite struct RuleDiagnosticTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var key: String
    var text: String?
    /// The number of columns after the start of the value; after the start of the rule if the key is missing.
    var offset: Int
    var says: String
    var testDescription: String { "\(key): \(text ?? "")" }
  }

  private static func error(_ key: String, _ text: String?, _ offset: Int = 0, _ says: String) -> Case {
    Case(key: key, text: text, offset: offset, says: says)
  }

  static let cases: [Case] =
    ["title", "severity", "filter", "key", "window", "columns", "condition"].map {
      error($0, nil, 0, "the rule has no '\($0)'")
    } + [
      error("title", "[a]", "a text should be here, not a list"), error("title", "null", "not nothing"),
      error("title", "\"\"", "not an empty one"),
      error("id", "a b", "an id is made of"), error("enabled", "yes", "true or false"),
      error("enabled", "\"true\"", "true or false"), error("risk_score", "101", "from 0 to 100"),
      error("risk_score", "99999999999999999999", "from 0 to 100"),
      error("risk_score", "NaN", "from 0 to 100"),
      error("risk", "{impact: 10}", "'risk' has no 'confidence'"),
      error("risk", "{impact: 10, confidence: -1}", 25, "from 0 to 100"),
      error("tactics", "TA0006", "a list should be here"), error("reasonMatch", "fuzzy", "listed or exact"),
      // Filters.
      error("filter", "[]", "an empty one"), error("filter", "a", "a list of conditions"),
      error("filter", "['eventType == 1']", 15, "put quotes around this"),
      error("filter", "['eventTyp == \"a\"']", 2, "did you mean 'eventType'?"),
      error("filter", "['exists(eventType) and eventType']", 24, "a field alone is no condition"),
      error("filter", "['eventType > \"a\"']", 12, "'==' and '!=' only"),
      error("filter", "['eventType == \"\"']", 15, "an empty text counts as null"),
      error("filter", "['outcome.reason lists \"a,b\"']", 23, "no element of a list"),
      error("filter", "['securityContext.asNumber == \"x\"']", 30, "is an integer"),
      error("filter", "['securityContext.asNumber == -5']", 30, "an integer from 0 on"),
      error("filter", "['securityContext.asNumber == \"-5\"']", 30, "an integer from 0 on"),
      error("filter", "['securityContext.asNumber == 1.5']", 30, "an integer from 0 on"),
      error("filter", "['securityContext.asNumber in (1, x)']", 34, "an integer from 0 on"),
      error("filter", "['securityContext.isProxy == \"yes\"']", 29, "\"true\" or \"false\""),
      error("filter", "['exist(eventType)']", 2, "did you mean 'exists'?"),
      error("filter", "['quantile(eventType)']", 2, "the conditions are exists, is_true, reason_is"),
      error("filter", "['exists()']", 2, "takes one field"),
      error("filter", "[{a: exists(uuid), b: exists(uuid)}]", 1, "a step is"),
      error("filter", "[{a: exists(uuid)}, {a: exists(uuid)}]", 21, "two steps are named 'a'"),
      error("filter", "['(exists(uuid)']", 15, "')' should be here"),
      // Keys.
      error("key", "client_ip", "a list should be here"),
      error("key", "[client.ipAddress]", 1, "is 'client_ip'"),
      error("key", "[client_ip, client_ip]", 12, "twice"),
      error("key", "[{field: uuid, nul: x}]", 15, "no key 'nul'"),
      error("key", "[{constant: x}]", 1, "needs a name"),
      error("key", "[{name: x}]", 1, "either 'field' or 'constant'"),
      error("key", "[uuid, uuid]", 7, "two parts of the key"),
      error("key", "[usr]", 1, "there is no field 'usr'"),
      // Windows.
      error("window", "5m", "'whole', {length"), error("window", "{length: 5}", 9, "a length of time"),
      error("window", "{length: 0m}", 9, "from 1ms to 3660d"),
      error("window", "{length: 99999999999999999999d}", 9, "from 1ms to 3660d"),
      error("window", "{length: 3660d1ms}", 9, "from 1ms to 3660d"),
      error("window", "{length: 1d, slide: 1ms}", "more than 10000 windows"),
      error("window", "{length: 5m, maximum: 1h}", "either a length"),
      error("window", "{slide: 5m}", "a window has a 'length'"),
      error("window", "{keep_alive: 5m}", "a window has a 'length'"),
      error("window", "{maximum: 5m, slide: 1m}", "a session has no slide"),
      error("text_window", "{lenght: 5m}", 1, "did you mean 'length'?"),
      // Columns.
      error("columns", "{}", "a mapping of names"),
      error("columns", "{n: count(1)}", 10, "a condition on the event's fields"),
      error("columns", "{n: cuont()}", 4, "did you mean 'count'?"),
      error("columns", "{n: quantile(5)}", 4, "; the functions are count, distinct, values,"),
      error("columns", "{\"\": count()}", 1, "not an empty one"),
      error("columns", "{n: count(), n2: m + 1}", 17, "no column 'm'"),
      error("columns", "{m: n, n: count()}", 4, "no column 'n' above"),
      error("columns", "{n: 'values(eventType, 1)'}", 23, "a text should be here"),
      error("columns", "{n: values(eventType), m: n + 1}", 26, "is no number"),
      error("columns", "{n: sum(attemps)}", 8, "did you mean 'attempts'?"),
      error("columns", "{n: sum(eventType)}", 8, "holds no numbers"),
      error("columns", "{n: groups(tries > 1)}", 11, "no column 'tries'"),
      error("columns", "{n: groups(attempts)}", 11, "a condition should be here"),
      error("columns", "{n: key(\"user\")}", 8, "the key has no part 'user'"),
      error("columns", "{n: first_time() + 1}", 4, "makes a column of its own"),
      error("columns", "{t: first_time(), n: t + 1}", 21, "not a time"),
      error("columns", "{n: 'count() > 1'}", 5, "makes a column of its own"),
      error("columns", "{n: 'text(\"{user}\")'}", 10, "there is no field 'user'"),
      error("columns", "{a.n: count(), b.n: count(), m: n + 1}", 32, "more than one column"),
      error("groups", "{by: [], columns: {attempts: count()}}", 5, "a list of fields"),
      error("groups", "{columns: {attempts: count()}}", "a list of fields"),
      error("groups", "{by: [user], columns: {attempts: count()}}", 6, "there is no field 'user'"),
      error(
        "groups", "{by: [uuid], columns: {attempts: values(uuid)}}", 33,
        "cannot stand in the columns of inner groups"),
      // Conditions.
      error("condition", "n", "a condition should be here"),
      error("condition", "n >= \"1\"", 5, "not a text"),
      error("condition", "m >= 1", "there is no column 'm'"),
      error("condition", "eventType == 1", "is a field of events"),
      error("condition", "n >= 1 and n + (n > 2) > 1", 18, "not a condition"),
      error("condition", "not n", 4, "a condition should be here"),
      error("condition", "n starts_with \"a\"", 2, "columns are compared as numbers"),
      error("condition", "n > 5 and n < 3", "at least 6 and at most 2"),
      error("condition", "n > 5 and", 9, "a value should be here"),
      error("message", "\"{m}\"", "there is no column 'm'"),
      error("colums", "{n: count()}", -8, "there is no key 'colums' here; did you mean 'columns'?"),
    ]

  private static func error(_ key: String, _ text: String?, _ says: String) -> Case {
    error(key, text, 0, says)
  }

  @Test(arguments: cases) func anErrorIsNamedWithLineAndColumn(case item: Case) throws {
    let rule = RuleText([(item.key, item.text)])
    let (line, column) = item.text == nil ? (2, 5) : rule.location(of: item.key)
    let diagnostics = rule.diagnostics.filter { !$0.isWarning }
    let diagnostic = try #require(diagnostics.first { $0.message.contains(item.says) }, "\(diagnostics)")
    #expect((diagnostic.line, diagnostic.column) == (line, column + item.offset), "\(diagnostic)")
    #expect(diagnostic.file == "f.yaml")
    #expect(
      diagnostic.text.description == "f.yaml:\(diagnostic.line):\(diagnostic.column): \(diagnostic.message)")
    #expect(Rulebook.reading(Array(rule.text.utf8), file: "f.yaml").book == nil)
  }

  @Test func allErrorsAreNamedOnce() {
    let diagnostics = RuleText([
      ("title", nil), ("window", "{length: x}"), ("columns", "{n: cuont(), m: count(foo)}"),
      ("condition", "n > 1 and k > 2"),
    ]).diagnostics
    // The condition's `n` is the column that already has an error.
    #expect(diagnostics.map(\.line) == [2, 6, 8, 8, 9], "\(diagnostics)")
    #expect(diagnostics.map(\.column) == [5, 22, 18, 36, 26])
  }

  @Test(arguments: [
    ("severity", "urgent", 0), ("tactics", "[TA6]", 1), ("techniques", "[T1110, T1110.1]", 8),
    ("window", "{length: 5m, slide: 6m}", 20), ("condition", "1 < 2", 0), ("reasonMatch", "exact", 0),
    ("filter", "['exists(eventType)']", 0),
  ])
  func aDoubtfulValueIsAWarningAtItsLocation(key: String, text: String, offset: Int) throws {
    let rule = RuleText([(key, text)])
    let diagnostics = rule.diagnostics
    #expect(diagnostics.map(\.isWarning) == [true], "\(diagnostics)")
    #expect(
      (diagnostics.first?.line, diagnostics.first?.column) == (
        rule.location(of: key).line, rule.location(of: key).column + offset
      ))
    _ = try rule.rule()
  }

  /// The message lists all missing keys once, and suggests a built-in rule with a similar name.
  @Test func aMisspelledIDIsNotANewRule() {
    func messages(_ text: String) -> [String] {
      Rulebook.reading(Array(text.utf8), file: "f.yaml").diagnostics.map(\.text.description)
    }
    let missing = "f.yaml:2:5: the rule has no 'title', 'severity', 'filter', 'key', 'window', 'columns'"
    #expect(
      messages("rules:\n  - {id: okta-credential-stufing, condition: unique_users > 5}")
        .first == "\(missing); did you mean the rule 'okta-credential-stuffing', which has them?")
    let unlike = messages("rules:\n  - {id: something-else, enabled: false}")
    #expect(unlike == ["\(missing), 'condition'"])
    let near = RuleText([("id", "okta-credential-stufing"), ("title", nil)]).diagnostics.map(\.message)
    #expect(
      near == ["the rule has no 'title'; did you mean the rule 'okta-credential-stuffing', which has it?"])
    #expect(
      RuleText([("id", "okta-credential-stufing")]).diagnostics.isEmpty, "a whole rule may be called so")
  }

  @Test func aNullScoreMayStandBesideItsParts() throws {
    let text = RuleText([("risk_score", "null"), ("risk", "{impact: 50, confidence: 40}")])
    #expect(try text.rule().metadata.riskScore == 20)
    #expect(text.diagnostics.isEmpty)
    #expect(RuleText([("risk_score", "5"), ("risk", "{impact: 50, confidence: 40}")]).diagnostics.count == 1)
  }

  /// Three built-in rules are enabled; at most 24 more may be.
  @Test(
    arguments: [(24, 0, nil), (25, 0, 26), (27, 0, 26), (25, 1, nil), (26, 2, nil), (27, 2, 28)]
      as [(Int, Int, Int?)])
  func tooManyEnabledRulesAreRefused(count: Int, off: Int, line: Int?) {
    let rules = (1...count).map { number in
      let enabled = number <= off ? "false" : "true"
      return "  - {id: r\(1000 - number), title: t, severity: low, enabled: \(enabled), "
        + "filter: ['eventType == \"aa\"'], key: [], window: whole, columns: {n: count()}, condition: n > 0}\n"
    }
    let (book, diagnostics) = Rulebook.reading(Array(("rules:\n" + rules.joined()).utf8), file: "f.yaml")
    #expect((book == nil) == (line != nil))
    #expect(diagnostics.map(\.line) == [line].compactMap { $0 }, "\(diagnostics)")
    #expect(diagnostics.allSatisfy { $0.column == 5 && $0.message.contains("of 27 at most") })
  }

  /// The message distinguishes literals that are too short from filters without a literal.
  @Test(arguments: [
    ("['eventType == \"a\"']", true), ("['eventType contains \"é/é\"']", true),
    ("['eventType in (\"long\", \"b\")']", true), ("['exists(uuid)']", false),
    ("['not eventType == \"a\"']", false), ("['not eventType == \"long\"']", false),
  ])
  func aWarningSaysWhyEveryLineIsParsed(filter: String, isShort: Bool) {
    let messages = RuleText([("filter", filter)]).diagnostics.map(\.message)
    #expect(messages.count == 1, "\(messages)")
    #expect(messages.first?.contains("too short to look for") == isShort, "\(messages)")
    #expect(messages.first?.contains("no text follows") == !isShort)
    #expect(messages.first?.contains("every line is parsed") == true)
  }

  @Test func aRuleWithoutErrorGivesNoDiagnostic() { #expect(RuleText().diagnostics.isEmpty) }

  /// Expressions in quotes, in block scalars and over several lines.
  @Test(arguments: [
    ("condition: \"n >= 1 and\\\n      \\\"x\\\" > 1\"\n", 11, 7),
    ("condition: 'n >= 1 and ''x'' > 1'\n", 10, 28),
    ("condition: |\n      n >= 1\n      and \"x\" > 1\n", 12, 11),
    ("condition: >-\n\n      n >= 1\n\n      and \"x\" > 1\n", 14, 11),
    ("condition: n >= 1\n      and \"x\" > 1\n", 11, 11), ("condition: \"n >= 1 and 'x' > 1\"\r\n", 10, 28),
  ])
  func placesWithinScalarsAreExact(last: String, line: Int, column: Int) {
    let text = RuleText([("condition", nil)]).text + "    " + last
    let diagnostics = Rulebook.reading(Array(text.utf8), file: "f").diagnostics
    #expect(diagnostics.map { [$0.line, $0.column] } == [[line, column]], "\(diagnostics)")
  }
}
