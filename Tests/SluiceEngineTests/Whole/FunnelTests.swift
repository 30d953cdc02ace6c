@testable import SluiceEngine
import SluiceRecords
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// Funnels and candidates. A rule's funnel depends only on the rule and the archive. The number of candidates depends
/// only on the rules in force and the archive. Other parsed lines, because of `--strict`, other rules or an earlier
/// run, do not matter.
@Suite struct FunnelTests {
  private static let rulesFile = """
    rules:
      - id: locks-of-users
        filter: ['exists(actor.alternateId)', 'eventType == "user.account.lock"']
        title: A rule
        severity: low
        key: [client_ip]
        window: {length: 5m}
        columns: {n: count()}
        condition: n >= 1
      - id: unlocks
        filter: ['eventType == "user.account.unlock"']
        title: A rule
        severity: low
        key: [client_ip]
        window: {length: 5m}
        columns: {n: count()}
        condition: n >= 1
      - id: others
        filter: ['not eventType == "user.account.lock"']
        title: A rule
        severity: low
        key: [client_ip]
        window: {length: 5m}
        columns: {n: count()}
        condition: n >= 1
      - id: locks
        filter: ['eventType == "user.account.lock"']
        title: A rule
        severity: low
        key: [client_ip]
        window: {length: 5m}
        columns: {n: count()}
        condition: n >= 1
    """

  /// Each line, with the rules for which it is a candidate.
  private static let lines: [(line: [UInt8], rules: Set<String>)] = {
    func event(_ type: String, user: JSONTree? = "jane", time: JSONTree? = "2026-01-05T10:00:00Z") -> JSONTree
    {
      var event = EventBuilder(eventType: .string(type), at: EventTime(milliseconds: 0))
      (event.user, event.published) = (user, time)
      return event.tree
    }
    let lock: Set = ["locks-of-users", "others", "locks"]
    let unlock: Set = ["unlocks", "others"]
    return [
      (event("user.account.lock").plain, lock), (event("user.account.lock").plain, lock),
      (event("user.account.lock").plain, lock), (event("user.account.lock", user: .null).plain, lock),
      (event("user.account.unlock").plain, unlock), (event("user.account.unlock").plain, unlock),
      (event("policy.evaluate").plain, ["others"]),
      // Events without a usable time are rejected for a rule whose filter they pass.
      (event("user.account.unlock", time: .null).plain, unlock),
      (event("user.account.lock", user: .null, time: .null).plain, lock),
      // Invalid JSON, with and without a rule's literal.
      (Array(#"{"eventType":"user.account.lock",}"#.utf8), lock), (Array(#"{"a":1,}"#.utf8), ["others"]),
      // A record of no known shape.
      (Array(#"{"type":"user.account.unlock"}"#.utf8), unlock),
      // Two events on one line.
      (
        JSONTree.array([event("user.account.lock"), event("user.account.unlock")]).plain,
        lock.union(unlock)
      ),
    ]
  }()

  private static let funnels: [String: [Int]] = [
    // One of six has neither user nor time. It does not pass the whole filter, so it is an event.
    "locks-of-users": [6, 4],
    "unlocks": [3], "others": [4], "locks": [5],
  ]

  private struct Fixture {
    let folder = TemporaryFolder()
    var options: ScanOptions
    let book: Rulebook

    init() throws {
      let (book, diagnostics) = Rulebook.reading(Array(rulesFile.utf8), file: "f.yaml")
      self.book = try #require(book, "\(diagnostics)")
      options = ScanOptions(paths: [folder.write("a/a.json", lines.map(\.line).joinedLines())])
      options.triages = false
      options.threads = 1
    }

    func rules(_ ids: Set<String>) -> [Rule] { book.activeRules(ids.sorted()) }
  }

  private static let ids = ["locks-of-users", "unlocks", "others", "locks"]
  private static let subsets: [Set<String>] = (1..<16).map { bits in
    Set(ids.indices.filter { bits >> $0 & 1 == 1 }.map { ids[$0] })
  }

  private func expectStats(_ result: ScanResult, _ rules: Set<String>, _ comment: Comment) {
    let stats = result.stats
    let funnel = Dictionary(uniqueKeysWithValues: stats.funnel.map { ($0.rule, $0.steps.map(\.passed)) })
    #expect(funnel == Self.funnels.filter { rules.contains($0.key) }, comment)
    let candidates = Self.lines.count { !$0.rules.isDisjoint(with: rules) }
    #expect(stats.candidates == candidates, comment)
  }

  /// The step whose literals find lines comes first, whatever its position in the rule.
  @Test func theStepWhoseTextsFindLinesIsFirst() throws {
    let scene = try Fixture()
    let rule = try #require(scene.rules(["locks-of-users"]).first)
    #expect(rule.filter.map(\.name) == ["eventType", "actor.alternateId"])
  }

  @Test(arguments: [false, true]) func theFunnelOfAScanIsExact(isStrict: Bool) throws {
    var scene = try Fixture()
    scene.options.isStrict = isStrict
    for rules in Self.subsets {
      scene.options.rules = scene.rules(rules)
      for range in [1, 300, 1 << 20] {
        scene.options.tuning.rangeBytesTarget = range
        expectStats(scanned(scene.options), rules, "\(rules), ranges of \(range) bytes")
      }
    }
  }

  @Test(arguments: [false, true]) func theFunnelOfPartialsMadeForMoreRulesIsExact(isStrict: Bool) throws {
    var scene = try Fixture()
    scene.options.isStrict = isStrict
    for made in Self.subsets {
      scene.options.partials = PartialFolder("\(scene.folder.path)/\(made.sorted())").later(by: 10)
      scene.options.rules = scene.rules(made)
      _ = scanned(scene.options)
      for rules in Self.subsets where rules.isSubset(of: made) {
        scene.options.rules = scene.rules(rules)
        let result = scanned(scene.options)
        #expect(result.stats.cacheUse.filesRead == 0)
        expectStats(result, rules, "\(rules) of partials for \(made)")
      }
    }
  }

  @Test func theFunnelOfMergedPartialsIsExact() throws {
    var scene = try Fixture()
    let path = scene.folder.path + "/all.partial"
    try writePartial(of: scene.options.paths, to: path) { $0.rules = scene.rules(Set(Self.ids)) }
    for rules in Self.subsets {
      scene.options.rules = scene.rules(rules)
      expectStats(try Scan(scene.options).merging([path]), rules, "\(rules)")
    }
  }

  /// An unreadable line may contain anything. In a page that is too long, each event is a line by itself.
  @Test func linesThatAreTooLongAreCandidatesOfAllRules() throws {
    var scene = try Fixture()
    scene.options.limits.lineBytesMax = 10
    for isStrict in [false, true] {
      scene.options.isStrict = isStrict
      for id in Self.ids {
        scene.options.rules = scene.rules([id])
        let stats = scanned(scene.options).stats
        let longLines = Self.lines.count { $0.line.count > 10 }
        #expect(stats.records.rejected["line-length"] == longLines + 1)
        #expect(stats.candidates == longLines + (id == "others" ? 2 : 1))
      }
    }
  }
}
