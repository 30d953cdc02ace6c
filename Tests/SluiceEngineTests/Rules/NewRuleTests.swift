@testable import SluiceEngine
import SluiceRecords
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// Rules that no vendor published, against groupings computed here: keys without the client IP, inner groups with
/// their own columns, every aggregate.
@Suite struct NewRuleTests {
  struct Event: Hashable {
    var uuid: Int?
    var user: String?
    var ip: String?
    var asNumber: Int?
    var message: String?
    /// Minutes after 10:00.
    var minute: Int
    var isLock: Bool

    var line: [UInt8] {
      var event = EventBuilder(
        eventType: .string(isLock ? "user.account.lock" : "user.account.unlock"),
        at: EventTime(milliseconds: 1_767_607_200_000 + Int64(minute) * 60_000))
      event.uuid = uuid.map { .string("u-\($0)") }
      event.user = user.map { .string($0) } ?? .null
      event.ip = ip.map { .string($0) } ?? .null
      event.asNumber = asNumber.map { .number("\($0)") } ?? .null
      event.set("displayMessage", to: message.map { .string($0) } ?? .null)
      return event.line
    }
  }

  static func events(_ seed: UInt64) -> [Event] {
    var rng = SplitMix64(seed: seed)
    var events: [Event] = (0..<rng.pick([30, 80])).map { number in
      Event(
        uuid: rng.oneIn(5) ? nil : number, user: rng.pick(["a", "b", "c", "unknown", nil]),
        ip: rng.pick(["192.0.2.1", "192.0.2.2", "::ffff:192.0.2.2", "2001:db8::1", nil]),
        asNumber: rng.pick([nil, 1, 2, 10, 300]), message: rng.pick(["x", "y", nil]),
        minute: Int.random(in: 0..<40, using: &rng), isLock: !rng.oneIn(4))
    }
    events += events.filter { _ in rng.oneIn(6) }
    return events.shuffled(using: &rng)
  }

  /// Returns one copy of each event with a uuid, and all events without one.
  static func distinct(_ events: [Event]) -> [Event] {
    events.filter { $0.uuid == nil } + Set(events.filter { $0.uuid != nil })
  }

  static func address(_ event: Event) -> String? {
    event.ip.map { $0.hasPrefix("::ffff:") ? String($0.dropFirst(7)) : $0 }
  }

  private func scan(_ events: [Event], _ rules: [Rule], threads: Int) -> [Detection] {
    let folder = TemporaryFolder()
    for part in 0..<4 {
      let lines = events.indices.filter { $0 % 4 == part }.map { events[$0].line }
      folder.write("\(part).json", lines.joinedLines())
    }
    var options = ScanOptions(paths: [folder.path])
    options.rules = rules
    options.threads = threads
    options.tuning.shardCount = [1, 4, 64][threads % 3]
    return scanned(options).detections
  }

  private static let byUser = RuleText([
    (
      "key", "[{field: actor.alternateId, null: unknown}, {name: what, field: displayMessage, null: nothing}]"
    ),
    ("filter", "['eventType in (\"user.account.lock\", \"user.account.unlock\")']"),
    ("window", "{length: 10m, slide: 5m}"),
    (
      "columns",
      "{n: count(), locks: 'count(eventType == \"user.account.lock\")', ips: values(client.ipAddress), "
        + "some: distinct(client.ipAddress), first: 'count(client.ipAddress == \"192.0.2.2\")', user: key(\"actor.alternateId\")}"
    ),
    ("condition", "n >= 3 and locks >= 2"), ("groups", nil),
  ])

  /// Events of one user are in the same group whatever their addresses, and threads do not matter.
  @Test func aKeyWithoutTheClientIPGroupsAcrossAddresses() throws {
    // A rule by client IP takes the same events.
    let rules = [try Self.byUser.rule(), .accountsLockedOut]
    var found = 0
    for seed: UInt64 in 1...25 {
      let events = Self.events(seed)
      var expected: [String] = []
      let groups = Dictionary(grouping: Self.distinct(events)) {
        [$0.user ?? "unknown", $0.message ?? "nothing"]
      }
      for (key, events) in groups {
        for start in stride(from: -5, through: 40, by: 5) {
          let window = events.filter { $0.minute >= start && $0.minute < start + 10 }
          guard window.count >= 3, window.count(where: \.isLock) >= 2 else { continue }
          let ips = Set(window.compactMap(Self.address)).compactMap { IPAddress(text: $0) }.sorted().map {
            "\($0)"
          }
          let first = window.count { Self.address($0) == "192.0.2.2" }
          expected.append(
            "\(start) \(key) \(window.count) \(window.count(where: \.isLock)) \(ips) \(ips.count) \(first)")
        }
      }
      for threads in 1...4 {
        let detections = scan(events, rules, threads: threads).filter { $0.rule.id == "test-rule" }
        let shown = detections.map { detection -> String in
          let ips: [String] =
            if case .list(let values)? = detection[column: "ips"] { values.map(Self.text) } else { [] }
          let key = detection.restOfKey.map { Self.text($0.value) }
          let start = (detection.windowStart.milliseconds - 1_767_607_200_000) / 60_000
          #expect(detection.clientIP == nil)
          #expect(detection[column: "user"] == detection.restOfKey[0].value)
          return "\(start) \(key) \(Self.number(detection, "n")) \(Self.number(detection, "locks")) \(ips) "
            + "\(Self.number(detection, "some")) \(Self.number(detection, "first"))"
        }
        #expect(shown.sorted() == expected.sorted(), "seed \(seed), \(threads) threads")
        #expect(detections.map(\.ndjson) == detections.sorted(by: Detection.inOrder).map(\.ndjson))
        found += shown.count
      }
    }
    #expect(found > 200)
  }

  private static func text(_ value: Value) -> String {
    switch value {
    case .text(let text): text.description
    case .address(let address): "\(address)"
    case .integer(let number): "\(number)"
    case .double(let number): "\(number)"
    default: "null"
    }
  }

  private static func number(_ detection: Detection, _ column: String) -> String {
    detection[column: column].map(text) ?? "absent"
  }

  /// Two levels of aggregates, some over numeric fields.
  @Test func innerGroupsAggregateTheirOwnColumns() throws {
    let rule = try RuleText([
      ("filter", "['eventType starts_with \"user.account.\"']"), ("window", "whole"),
      (
        "groups",
        "{by: [actor.alternateId, displayMessage], columns: {n: count(), ips: distinct(client.ipAddress), "
          + "as: max(securityContext.asNumber), locks: 'count(eventType == \"user.account.lock\")', rest: n - locks}}"
      ),
      (
        "columns",
        "{groups: groups(), most: max(ips), sum: sum(as), mean: avg(as), least: min(as), rest: sum(rest), "
          + "quiet: groups(locks == 0 and n > 0), as_sum: sum(securityContext.asNumber), as_mean: avg(securityContext.asNumber), "
          + "ratio: rest * 1.0 / groups}"
      ),
      ("condition", "groups >= 1"),
    ]).rule()
    for seed: UInt64 in 1...25 {
      let events = Self.events(seed)
      let expected = Dictionary(grouping: Self.distinct(events), by: Self.address).values.map {
        events -> [String] in
        let groups = Dictionary(grouping: events) { [$0.user, $0.message] }.values
        let most = groups.map { Set($0.compactMap(Self.address)).count }.max() ?? 0
        let numbers = groups.compactMap { $0.compactMap(\.asNumber).max() }
        let all = events.compactMap(\.asNumber)
        func mean(_ numbers: [Int]) -> String {
          numbers.isEmpty ? "null" : "\(Double(numbers.reduce(0, +)) / Double(numbers.count))"
        }
        func sum(_ numbers: [Int]) -> String { numbers.isEmpty ? "null" : "\(numbers.reduce(0, +))" }
        let rest = events.count { !$0.isLock }
        return [
          "\(groups.count)", "\(most)", sum(numbers), mean(numbers), numbers.min().map { "\($0)" } ?? "null",
          "\(rest)",
          "\(groups.count { $0.allSatisfy { !$0.isLock } })", sum(all), mean(all),
          "\(Double(rest) / Double(groups.count))",
        ]
      }
      for threads in [1, 3] {
        let found = scan(events, [rule], threads: threads).map { $0.columns.map { Self.text($0.value) } }
        #expect(Set(found) == Set(expected), "seed \(seed)")
        #expect(found.count == expected.count, "seed \(seed)")
      }
    }
  }

  /// Other rules change only a rule's list of rules that saw the same incident, even if copies of an event differ in
  /// fields that other rules show.
  @Test func rulesDoNotTouchEachOther() throws {
    let severity = try RuleText([("id", "by-severity"), ("columns", "{v: values(severity), n: count()}")])
      .rule("by-severity")
    let zone = try RuleText([("id", "by-zone"), ("columns", "{v: values(client.zone), n: count()}")]).rule(
      "by-zone")
    let both = try RuleText([
      ("id", "by-both"), ("columns", "{v: values(client.zone), w: values(severity), n: count()}"),
    ]).rule("by-both")
    var lines: [[UInt8]] = []
    for (severity, zone) in [("A", "2"), ("B", "1"), ("C", "0")] {
      var event = EventBuilder(eventType: "user.account.lock", at: EventTime(milliseconds: 1_767_607_200_000))
      event.uuid = "same"
      event.set("severity", to: .string(severity))
      event.set("client.zone", to: .string(zone))
      lines.append(event.line)
    }
    func columns(_ rules: [Rule], _ id: String, _ lines: [[UInt8]]) -> [[UInt8]] {
      scanned(lines.joinedLines(), named: "a.json") { $0.rules = rules }.detections.filter {
        $0.rule.id == id
      }.map { detection in
        let seen = Set(rules.map(\.id)).subtracting([id])
        #expect(detection.alsoSeenBy == seen.sorted())
        var detection = detection.withoutFiles
        detection.alsoSeenBy = []
        detection.incident = detection.episode
        return detection.ndjson
      }
    }
    let all = [severity, zone, both]
    for rule in all {
      let alone = columns([rule], rule.id, lines)
      #expect(alone.count == 1)
      for others in [[severity], [zone], [both], all, all.reversed()] {
        #expect(columns(others + [rule], rule.id, lines.reversed()).first == alone[0], "\(rule.id)")
      }
    }
    #expect(String(decoding: columns(all, "by-zone", lines)[0], as: UTF8.self).contains(#""v":["0"],"n":1"#))
  }
}

extension IPAddress {
  fileprivate init?(text: String) {
    guard let address = withBytes(Array(text.utf8), { IPAddress($0) }) else { return nil }
    self = address
  }
}
