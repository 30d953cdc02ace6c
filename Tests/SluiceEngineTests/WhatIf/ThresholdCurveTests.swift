@testable import SluiceEngine
import SluiceRecords
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// A threshold curve against as many scans, each with one value in the rules file.
@Suite struct ThresholdCurveTests {
  private static let exceptions = """
    exceptions:
      - {ip: 192.0.2.1, to: '2026-01-05T10:07:00Z', owner: o, reason: r}
      - {user: 'user*', owner: o, reason: r}

    """

  private func book(_ rules: String) throws -> Rulebook {
    let (book, diagnostics) = Rulebook.reading(Array(rules.utf8), file: "f.yaml")
    return try #require(book, "\(diagnostics.map(\.message)): \(rules)")
  }

  /// Returns a built-in rule, or `test-rule`, with another condition.
  private func rules(_ rule: String, _ condition: String) throws -> Rulebook {
    if rule != "test-rule" {
      return try book("rules:\n  - id: \(rule)\n    condition: \"\(condition)\"\n" + Self.exceptions)
    }
    let text = RuleText([
      ("filter", "['outcome.reason in (\"INVALID_CREDENTIALS\", \"LOCKED_OUT\")']"),
      ("window", "{length: 10m, slide: 5m}"),
      (
        "columns",
        "{n: count(), users: groups(), most: max(attempts), x.share: users * 1.0 / n, asn: min(securityContext.asNumber)}"
      ),
      ("condition", "\"\(condition)\""),
    ]).text
    return try book(text + Self.exceptions)
  }

  /// Rule, its condition with a placeholder for the value, the term, and the range.
  private static let cases: [(rule: String, condition: String, term: String, range: String)] = [
    (
      "okta-credential-stuffing",
      "total_attempts >= 25 and unique_users >= # and max_attempts_per_user <= 2 and pct_users_few_attempts >= 80.0",
      "unique_users >=", "10..27"
    ),
    (
      "okta-credential-stuffing", "total_attempts >= 20 and max_attempts_per_user <= #",
      "Esql.max_attempts_per_user <=",
      "1..5"
    ),
    (
      "okta-credential-stuffing", "# <= total_attempts and max_attempts_per_user <= 2", "total_attempts >=",
      "1..41 step 4"
    ),
    ("okta-accounts-locked-out", "count > #", "count >", "-1..12"),
    ("okta-threatinsight-unknown-users", "event_count >= #", "event_count>=", "0..6"),
    // Conditions that hold in an interval, in separate ones, or where the term fails.
    ("test-rule", "n >= 3 and not (users > #)", "users >", "1..13 step 3"),
    ("test-rule", "users == # or n == 7", "users ==", "0..14 step 2"),
    ("test-rule", "n != # and n < 30", "n !=", "20..30"),
    ("test-rule", "x.share < # and n > 4 or most > 2 and n < 9", "share <", "0.1..0.95 step 0.05"),
    ("test-rule", "not (n >= 4 and n < #) and users >= 2", "n <", "4..30 step 5"),
    // A column without a value satisfies no comparison.
    ("test-rule", "not (asn >= #) and n >= 2", "asn >=", "64495..64501"),
    ("test-rule", "n >= 2 and users >= 2 + # - 2", "users >=", "1..1"),
  ]

  @Test(arguments: cases.indices) func aCurveAgreesWithAScanForEachThreshold(index: Int) throws {
    let (rule, condition, term, range) = Self.cases[index]
    var (detections, joined, suppressed, values) = (0, 0, 0, Set<Int>())
    for seed: UInt64 in 1...5 {
      var rng = SplitMix64(seed: seed)
      let folder = TemporaryFolder()
      for (number, lines) in [RandomCorpus(seed: seed).lines, RandomCorpus(seed: seed + 100).lines]
        .enumerated()
      {
        folder.write("\(number).json", lines.joinedLines())
      }
      var options = ScanOptions(paths: [folder.path])
      options.usesTextWindows = rng.oneIn(4)
      options.keepsDuplicates = rng.oneIn(4)
      func with(_ value: String) throws -> Rulebook {
        try rules(rule, condition.replacing("#", with: value))
      }
      let book = try with("1")
      options.exceptions = book.exceptions
      options.threads = rng.pick([1, 3])
      options.tuning.shardCount = rng.pick([1, 64])
      let threshold = try ThresholdTerm("\(term) \(range)", in: try #require(book.activeRules([rule]).first))
      let points = try Scan(options).curve(of: threshold).curve.points
      #expect(points.count == threshold.range.count)
      #expect(points.count { $0.isOwn } <= 1)
      for point in TestScale.some(points, every: 5) {
        options.threads = 1
        options.rules = try with(point.value).activeRules([rule])
        let found = scanned(options).detections
        let counts = (
          found.count, Set(found.map(\.episode)).count, found.count { $0.suppressed != nil }
        )
        #expect(
          (point.detections, point.episodes, point.suppressed) == counts,
          "seed \(seed), \(term) \(point.value)")
        detections += counts.0
        joined += counts.0 - counts.1
        suppressed += counts.2
        values.insert(counts.0)
      }
    }
    #expect(detections > 0)
    if range != "1..1" { #expect(values.count > 3, "the values should differ") }
    if rule == "okta-credential-stuffing" {
      #expect(joined > 0)
      #expect(suppressed > 0)
      #expect(suppressed < detections)
    }
  }

  // MARK: Terms

  private func error(_ term: String, _ condition: String) throws -> String {
    let rule = try #require(rules("test-rule", condition).activeRules(["test-rule"]).first)
    do throws(ThresholdError) {
      _ = try ThresholdTerm(term, in: rule)
      return ""
    } catch {
      return error.description
    }
  }

  @Test(arguments: [
    ("n >= 1..3", "n > 2 and users >= 2", "'n >=' does not stand in the condition of test-rule"),
    ("n >= 1..3", "n > 2 and users >= 2", "'n > 2', 'users >= 2'"),
    ("m >= 1..3", "n > 2", "'m >=' does not stand"),
    ("n > 1..3", "n > 2 and users > 1 or n > 5", "stands 2 times"),
    ("n > 1..3", "n > users", "no column is compared"),
    ("n > 1..3", "n + 0 > 2", "no column is compared"), ("n 1..3", "n > 2", "is no comparison"),
    ("n => 1..3", "n > 2", "is no comparison"), ("", "n > 2", "is no comparison"),
    ("n > 3", "n > 2", "is no range"),
    ("n > 3..2", "n > 2", "is empty"),
  ])
  func unusableTermsAreExplained(term: String, condition: String, says: String) throws {
    let found = try error(term, condition)
    #expect(found.contains(says), "\(found)")
  }

  @Test func theRulesOwnValueIsMarked() throws {
    let rule = try #require(
      rules("test-rule", "-2 + 7 < n and x.share >= 0.5").activeRules(["test-rule"]).first)
    let term = try ThresholdTerm("n > 4..6", in: rule)
    #expect(term.ownValue == 5)
    #expect(term.columnName == "n")
    #expect(term.operatorText == ">")
    let folder = TemporaryFolder()
    let options = ScanOptions(paths: [folder.write("a.json", shortText(0..<4))])
    let (curve, _) = try Scan(options).curve(of: term)
    #expect(curve.points.map(\.isOwn) == [false, true, false])
    #expect(curve.points.map(\.value) == ["4", "5", "6"])
    #expect(
      curve.table.description
        == "n >  DETECTIONS  EPISODES\n  4           0         0\n  5           0         0  < the rule's own\n  6           0         0\n"
    )
    let share = try ThresholdTerm("share >= 0.6..0.8 step 0.1", in: rule)
    #expect(share.columnName == "x.share")
    let (other, stats) = try Scan(options).curve(of: share)
    #expect(other.table.description.hasSuffix("The rule's own value, 0.5, is none of these.\n"))
    #expect(stats.records.events == 4)
    let json = String(decoding: other.json(isComplete: true), as: UTF8.self)
    #expect(
      json
        == #"""
        {"schema":"sluice.what-if/1","rule":"test-rule","column":"x.share","operator":">=","own_value":0.5,\#
        "values":[{"value":0.6,"detections":0,"episodes":0},{"value":0.7,"detections":0,"episodes":0},\#
        {"value":0.8,"detections":0,"episodes":0}],"complete":true}
        """#
    )
  }
}
