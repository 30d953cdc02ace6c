import SluiceEngine
import SluiceRecords
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// Whole rules files: overrides, and the safety of arbitrary files.
@Suite struct RulesFileTests {
  private func read(_ text: String) -> (book: Rulebook?, diagnostics: [RuleDiagnostic]) {
    Rulebook.reading(Array(text.utf8), file: "f.yaml")
  }

  private func entry(_ text: String, _ id: String) throws -> Rulebook.Entry {
    let (book, diagnostics) = read(text)
    return try #require(book?.entries.first { $0.rule.id == id }, "\(diagnostics)")
  }

  @Test func builtInRulesAreSortedAndThreeAreOn() {
    let entries = Rulebook.builtIn.entries
    #expect(entries.map(\.rule.id) == entries.map(\.rule.id).sorted())
    #expect(entries.count == 8)
    #expect(
      Rule.builtIn.map(\.id) == [
        "okta-accounts-locked-out", "okta-credential-stuffing", "okta-threatinsight-unknown-users",
      ])
    #expect(entries.allSatisfy { $0.source?.hasPrefix("https://") == true && $0.note == nil })
    #expect(!LiteralSet.areTooMany(entries.map(\.rule)))
    for metadata: RuleMetadata in [.accountsLockedOut, .credentialStuffing, .threatInsightUnknownUsers] {
      #expect(entries.contains { $0.rule.metadata == metadata })
    }
  }

  // MARK: Rules in full

  /// A rule is shown as a rules file with the same meaning, which is shown the same way again.
  @Test func aShownRuleReadsBack() throws {
    let unusual = RuleText([
      ("title", "\"a \\\"b\\\" \\e\\u202e \\\\ é '\""), ("vendor", "' x '"), ("risk_score", "~"),
      ("tactics", "[]"),
      ("key", "[]"), ("columns", "{n: count(), \"m: #\": 'count(eventType == \"it''s\")'}"),
      ("condition", ">-\n      n >= 1\n      and n < 9"),
      ("message", "|\n      {n} in\n      two lines"),
    ])
    for (name, text) in [("unusual", unusual.text), ("none", "rules: []")] {
      let (whole, diagnostics) = read(text)
      let book = try #require(whole, "\(diagnostics)")
      for entry in book.entries {
        let id = entry.rule.id
        let shown = try #require(book.text(ofRule: id)).map(\.description)
        let (again, diagnostics) = read(shown.joined(separator: "\n"))
        #expect(again?.text(ofRule: id)?.map(\.description) == shown, "\(name) \(id) \(diagnostics)")
        let back = try #require(again?.entries.first { $0.rule.id == id })
        #expect(back.file == "f.yaml")
        #expect(back.rule.metadata == entry.rule.metadata)
        #expect(back.conditionText == entry.conditionText)
        #expect(back.isEnabled == entry.isEnabled)
        #expect(
          String(describing: back.rule) == String(describing: entry.rule),
          "all of the rule, by its parts' values")
      }
    }
    #expect(Rulebook.builtIn.text(ofRule: "none") == nil)
  }

  @Test func aShownRuleNamesTheTextsItsFilterLooksFor() throws {
    func first(_ filter: String) throws -> String? {
      try #require(read(RuleText([("filter", filter)]).text).book).text(ofRule: "test-rule")?.first?
        .description
    }
    #expect(
      try first("['eventType in (\"user.a\", \"user.b\")']")
        == "# On. Lines are parsed that hold: user.a, user.b")
    #expect(try first("['exists(uuid)']")?.hasPrefix("# On. All lines are parsed: from this filter") == true)
  }

  // MARK: Overriding

  private static let stuffing = "rules:\n  - id: okta-credential-stuffing\n    "

  @Test func eachKeyOverridesOnlyItself() throws {
    let id = "okta-credential-stuffing"
    let known = try entry("rules: []", id)
    #expect(try !entry(Self.stuffing + "enabled: false", id).isEnabled)
    #expect(try entry(Self.stuffing + "severity: high", id).rule.metadata.severity == "high")
    #expect(try entry(Self.stuffing + "risk_score: 5", id).rule.metadata.riskScore == 5)
    #expect(try entry(Self.stuffing + "risk: {impact: 50, confidence: 50}", id).rule.metadata.riskScore == 25)
    #expect(try entry(Self.stuffing + "risk_score: null", id).rule.metadata.riskScore == nil)
    #expect(try entry(Self.stuffing + "title: T", id).rule.metadata.title == "T")
    #expect(try entry(Self.stuffing + "tactics: []", id).rule.metadata.tactics == [])
    #expect(try entry(Self.stuffing + "window: {length: 1h}", id).rule.windowText == "1h")
    #expect(
      try entry(Self.stuffing + "condition: total_attempts > 3", id).conditionText == "total_attempts > 3")
    // All other values stay.
    let changed = try entry(Self.stuffing + "severity: high", id)
    #expect(changed.conditionText == known.conditionText)
    #expect(changed.isEnabled)
    #expect(changed.rule.windowText == "15m every 5m")
    #expect(changed.rule.metadata.riskScore == 47)
    // A risk score replaces the numbers from which the built-in rule computes its score.
    let locks = "rules:\n  - id: okta-accounts-locked-out\n    risk_score: 1"
    #expect(try entry(locks, "okta-accounts-locked-out").rule.metadata.riskScore == 1)
  }

  private func detections(_ rules: String, _ lines: [[UInt8]], textWindows: Bool = false) throws
    -> [Detection]
  {
    let book = try #require(read(rules).book)
    return scanned(lines.joinedLines(), named: "a.json") {
      $0.rules = book.activeRules()
      $0.usesTextWindows = textWindows
    }.detections
  }

  @Test func anOverriddenConditionDecides() throws {
    let lines = (0..<6).map { shortLine($0) }
    func count(_ condition: String) throws -> Int {
      try detections("rules:\n  - id: okta-accounts-locked-out\n    condition: \(condition)", lines).count
    }
    #expect(try count("count > 5") == 1)
    #expect(try count("count > 6") == 0)
    #expect(try count("count == 6 and distinct_users == 1") == 1)
    #expect(
      try count("count / (distinct_users - 1) >= 0 or count < 0") == 0,
      "nothing compares with a division by zero")
    #expect(try count("not (count / (distinct_users - 1) >= 0)") == 1)
  }

  @Test func anOverriddenWindowDecides() throws {
    let lines = [0, 1, 2, 8, 9, 9].map { minute in
      Array(#"{"eventType":"user.account.lock","published":"2026-01-05T10:0\#(minute):00Z"}"#.utf8)
    }
    func windows(_ window: String, textWindows: Bool = false) throws -> [Int] {
      try detections(
        "rules:\n  - id: okta-accounts-locked-out\n    window: \(window)\n    condition: count >= 3", lines,
        textWindows: textWindows
      ).map(\.eventCount)
    }
    #expect(try windows("{length: 5m}") == [3, 3])
    #expect(try windows("{length: 10m}") == [6])
    #expect(
      try windows("{length: 10m}", textWindows: true) == [6], "the text's window follows, if it is not said")
    #expect(try windows("{length: 10m, slide: 5m}") == [3, 6, 3])
    #expect(try windows("{keep_alive: 1m, maximum: 1h}") == [3, 3])
    #expect(try windows("{keep_alive: 5m, maximum: 1h}") == [3, 3])
    #expect(try windows("{keep_alive: 6m, maximum: 1h}") == [6])
    #expect(try windows("{maximum: 9m}") == [6])
    #expect(try windows("{maximum: 8m}") == [4])
    #expect(try windows("whole") == [6])
  }

  @Test func reasonMatchTakesListedOrExactReasons() throws {
    let phrase = "Login failures with high unknown users count"
    let lines = [phrase, "Password Spray, \(phrase)"].map { reason in
      Array(
        #"""
        {"eventType":"security.threat.detected","published":"2026-01-05T10:00:00Z",\#
        "outcome":{"reason":"\#(reason)"},"debugContext":{"debugData":{"threatSuspected":"true"}}}
        """#
        .utf8)
    }
    func count(_ match: String) throws -> Int? {
      try detections("rules:\n  - id: okta-threatinsight-unknown-users\n    reasonMatch: \(match)", lines)
        .first?
        .eventCount
    }
    #expect(try count("listed") == 2)
    #expect(try count("exact") == 1)
  }

  /// An error that an override causes in the built-in part is reported at the override.
  @Test func errorsInTheBuiltInPartAreNamedAtTheOverride() {
    let (book, diagnostics) = read(Self.stuffing + "columns: {n: count()}")
    #expect(book == nil)
    #expect(!diagnostics.isEmpty, "\(diagnostics)")
    #expect(
      diagnostics.allSatisfy { $0.file == "f.yaml" && $0.line == 2 && $0.column == 5 }, "\(diagnostics)")
    #expect(diagnostics.contains { $0.message.contains("okta-credential-stuffing.yaml") })
  }

  // MARK: New rules

  @Test func aNewRuleFiresBesideTheBuiltInOnes() throws {
    let text = RuleText([
      ("vendor", "Us"), ("risk_score", "7"), ("message", "\"{n} from {client_ip|nobody}\""),
    ])
    let book = try #require(read(text.text).book)
    #expect(book.activeRules().map(\.id).contains("test-rule"))
    #expect(book.activeRules().count == 4)
    let result = scanned((0..<3).map { shortLine($0) }.joinedLines(), named: "a.json") {
      $0.rules = book.activeRules()
    }
    let detection = try #require(result.detections.first { $0.rule.id == "test-rule" })
    #expect(detection.message == "3 from 192.0.2.1")
    #expect(detection[column: "n"] == .integer(3))
    #expect(detection.rule.vendor == "Us")
    #expect(detection.rule.riskScore == 7)
    #expect(
      result.stats.funnel.contains { $0.rule == "test-rule" && $0.steps.map(\.name) == ["eventType"] })
  }

  /// Without a literal, every line is parsed, and events are still found.
  @Test func aRuleWithoutLiteralsWalksEveryLine() throws {
    let rule = try RuleText([("filter", "['not (eventType == \"user.account.lock\")']")]).rule()
    let result = scanned(shortText(0..<10), named: "a.json") { $0.rules = [rule] }
    #expect(result.stats.candidates == 10)
    #expect(result.detections.map(\.eventCount) == [5])
  }

  @Test func noMoreRulesThanAnObservationHasBits() {
    func rules(_ count: Int) -> String {
      "rules:\n"
        + (0..<count).map {
          RuleText([("id", "rule-\($0)")]).text.split(separator: "\n").dropFirst().joined(separator: "\n")
        }
        .joined(separator: "\n")
    }
    #expect(read(rules(Rulebook.ruleCountMax - 3)).book != nil)
    #expect(read(rules(Rulebook.ruleCountMax - 2)).book == nil)
  }

  // MARK: Any file

  @Test(arguments: [
    ("", 1, 1, "nothing in this file"), ("# a comment\n", 1, 1, "nothing in this file"),
    ("~", 1, 1, "nothing"),
    ("[]", 1, 1, "a mapping with 'rules:'"), ("rules", 1, 1, "not a text"),
    ("rules: x", 1, 8, "a list of rules"),
    ("rules:\n  - x", 2, 5, "a rule is a mapping"), ("rule: []", 1, 1, "did you mean 'rules'?"),
    ("rules: [", 2, 1, "no YAML"), ("a: b: c", 1, 5, "no YAML"), ("\tx: 1", 1, 1, "no YAML"),
    ("rules: []\n---\nrules: []", 2, 1, "no YAML"), ("rules: []\nrules: []", 2, 1, "comes twice"),
    ("rules: *x", 1, 8, "no YAML"), ("rules: &a [*a]", 1, 12, "no YAML"), ("rules: \u{7}", 1, 8, "no YAML"),
    ("rules:\n  - id: a\n    id: b", 3, 5, "comes twice"), ("? [a]\n: b", 1, 3, "there is no key ''"),
    (
      "rules:\n  - {id: okta-credential-stuffing}\n  - {id: okta-credential-stuffing}", 3, 10,
      "stands here twice"
    ),
  ])
  func anInvalidFileIsRefusedAtItsLocation(text: String, line: Int, column: Int, says: String) {
    let (book, diagnostics) = read(text)
    #expect(book == nil)
    #expect(
      diagnostics.contains { ($0.line, $0.column) == (line, column) && $0.message.contains(says) },
      "\(diagnostics)")
  }

  /// A repeated key hides no other error. It is reported at the later position.
  @Test(arguments: [
    // Errors before and after it, in both lists.
    (
      "rules:\n  - {id: a, titel: x}\nrules:\n  - {id: b, wimdow: y}\n",
      ["2:13 titel", "3:1 rules", "4:13 wimdow"]
    ),
    // Several repeated keys, one of them three times, and quoted in different ways.
    (
      "rules:\n  - id: a\n    'id': b\n    \"id\": c\n    titel: x\n    title: y\n    title: z\n",
      ["3:5 id", "4:5 id", "5:5 titel", "7:5 title"]
    ),
    ("rules:\r\n  - {id: a, id: b, titel: x}\r\n", ["2:13 id", "2:20 titel"]),
    ("\u{FEFF}rules:\n  - {ü: a, ü: b, titel: x}\n", ["2:12 ü", "2:18 titel"]),
    // A repeated key in an alias is reported once.
    ("rules:\n  - &x {id: a, id: b}\n  - *x\nrulez: []", ["2:16 id", "4:1 rulez"]),
    // Columns have their own names, and conditions use the first of a repeated name.
    (
      "rules:\n  - {id: a, columns: {n: count(), n: cuont()}, condition: n < 0}\n",
      ["2:35 n", "2:38 cuont"]
    ),
    // If the rest of the file is no YAML, both errors are reported.
    ("rules:\n  - {id: a, id: b}\n  - [", ["2:6 id", "4:1 YAML"]),
    // A key that is no plain name ends the reading, because it cannot be told from others.
    ("rules:\n  - {\"\": a, \"\": b}\nrulez: []", ["2:6 comes twice"]),
    ("rules:\n  - {[a]: a, [a]: b}\nrulez: []", ["2:6 comes twice"]),
  ])
  func aRepeatedKeyHidesNoOtherError(text: String, locations: [String]) {
    let (book, diagnostics) = read(text)
    #expect(book == nil)
    for location in locations {
      let parts = location.split(separator: " ", maxSplits: 1)
      #expect(
        diagnostics.contains { "\($0.line):\($0.column)" == parts[0] && $0.message.contains(parts[1]) },
        "\(location): \(diagnostics)")
    }
    let repeated = diagnostics.filter { $0.message.contains("comes twice") }
    #expect(Set(repeated).count == repeated.count, "\(diagnostics)")
  }

  /// Each repeated key costs another pass over the file, so that only a limited number is followed.
  @Test func veryManyRepeatedKeysAreNamedInShortTime() {
    let keys = (0..<40).map { "k\($0): 1\nk\($0): 2\n" }.joined()
    let diagnostics = read(keys).diagnostics
    #expect(diagnostics.count > 16, "\(diagnostics)")
    #expect(diagnostics.allSatisfy { $0.message.contains("comes twice") }, "\(diagnostics)")
  }

  @Test func hostileFilesAreReadOrRefused() {
    let texts: [String] = [
      String(repeating: "[", count: 100_000), String(repeating: "{a: ", count: 50_000),
      String(repeating: "- ", count: 100_000), String(repeating: "? ", count: 20_000),
      "rules:\n" + String(repeating: "  - {}\n", count: 90_000),
      // Each list contains the one before it ten times. As a key, the last list would be expanded to be hashed.
      "a0: &a0 [x]\n"
        + (1...40).map { n in
          "a\(n): &a\(n) [\(Array(repeating: "*a\(n - 1)", count: 10).joined(separator: ","))]\n"
        }
        .joined() + "? *a40\n: 1\n",
      "rules: &a [1,2,3,4,5,6,7,8,9]\nexceptions: [*a, *a, *a, *a, *a, *a, *a]",
      RuleText([("condition", String(repeating: "(", count: 10_000))]).text,
      RuleText([("condition", "n > " + String(repeating: "9", count: 5000))]).text,
      // Long filters and conditions, with and without contradictions.
      RuleText([("filter", "[" + (0..<5000).map { "'eventType != \"\($0)\"'" }.joined(separator: ", ") + "]")]
      ).text,
      RuleText([("condition", (0..<5000).map { "n != \($0)" }.joined(separator: " and "))]).text,
      RuleText([("condition", (0..<3000).map { "(n > \($0) or n < 1)" }.joined(separator: " and "))]).text,
      RuleText([("condition", "n > 1e999")]).text, RuleText([("condition", "n > .nan")]).text,
      RuleText([("columns", "{" + (0..<3000).map { "c\($0): count()" }.joined(separator: ", ") + "}")]).text,
    ]
    for text in texts {
      let (book, diagnostics) = read(text)
      #expect(book != nil || diagnostics.contains { !$0.isWarning }, "\(text.prefix(40))")
    }
    let binary = (0..<5000).map { UInt8(truncatingIfNeeded: $0 * 167 + 11) }
    #expect(Rulebook.reading(binary, file: "f").book == nil)
    #expect(Rulebook.reading(Array(repeating: 0x20, count: 2 << 20), file: "f").diagnostics.count == 1)
    #expect(Rulebook.reading([0, 1, 2], file: "f").book == nil)
    #expect(Rulebook.reading([0xFF, 0xFE, 0x41, 0], file: "f").book == nil)
  }
}
