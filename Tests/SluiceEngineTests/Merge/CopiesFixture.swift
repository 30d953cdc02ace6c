@testable import SluiceEngine
import SluiceRecords
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// An archive in which copies of events differ in fields that rules group by, with the expected result.
struct CopiesFixture {
  var rng: SplitMix64
  let folder = TemporaryFolder()
  var options = ScanOptions(paths: [])
  private let events: [Event]

  private struct Event {
    var uuid: String?
    var ip: String?
    /// Minutes from the start.
    var minute: Int64
    var user: String?
    var device: String?
    var result: String?
  }

  private static let rulesFile = """
    rules:
      - id: locks-by-user
        title: Locks of one user
        severity: low
        filter: ['eventType == "user.account.lock"']
        key: [{name: user, field: actor.alternateId, null: nobody}]
        window: {length: 10m}
        columns: {n: count(), devices: values(client.device), ips: values(client.ipAddress)}
        condition: n >= 1
      - id: failures-by-device-and-result
        title: Failures
        severity: low
        filter: ['eventType == "user.account.lock"', 'outcome.result in ("FAILURE", "DENY")']
        key: [{name: device, field: client.device, null: none}, {name: result, field: outcome.result, null: x}]
        window: {length: 10m}
        columns: {n: count(), devices: values(client.device), ips: values(client.ipAddress)}
        condition: n >= 2
      - id: locks-by-address
        title: Locks from one address
        severity: low
        filter: ['eventType == "user.account.lock"']
        key: [client_ip]
        window: {length: 10m}
        columns: {n: count(), devices: values(client.device), ips: values(client.ipAddress)}
        condition: n >= 2
    """
  private static let start: Int64 = 1_767_607_200_000
  private static let windowMinutes: Int64 = 10

  init(seed: UInt64) throws {
    rng = SplitMix64(seed: seed &* 0x5851_F42D)
    let uuids = ["a", "b", "c", "5b1e6ba6-3a4f-11ee-9c2d-0242ac120002", nil]
    var events: [Event] = []
    for _ in 0..<Int.random(in: 2...60, using: &rng) {
      events.append(
        Event(
          uuid: rng.pick(uuids), ip: rng.pick(["192.0.2.1", "192.0.2.2", "2001:db8::1", nil]),
          minute: Int64.random(in: 0...2, using: &rng) * 9, user: rng.pick(["u", "v", "nobody", nil]),
          device: rng.pick(["Computer", "Mobile", nil]), result: rng.pick(["FAILURE", "DENY", "ALLOW", nil])))
    }
    self.events = events
    let fileCount = rng.pick([1, 2, 5])
    for number in 0..<fileCount {
      let own = events.indices.filter { $0 % fileCount == number }.map { Self.line(events[$0], $0) }
      options.paths.append(folder.write("archive/\(number).json", own.joinedLines()))
    }
    let (book, faults) = Rulebook.reading(Array(Self.rulesFile.utf8), file: "f.yaml")
    options.rules = try #require(book, "\(faults)").activeRules([
      "locks-by-user", "failures-by-device-and-result", "locks-by-address",
    ])
    options.threads = 1
    options.memoryBytes = nil
    options.triages = false
  }

  private static func line(_ event: Event, _ number: Int) -> [UInt8] {
    func json(_ text: String?) -> JSONTree { text.map { .string($0) } ?? .null }
    var builder = EventBuilder(
      eventType: "user.account.lock", at: EventTime(milliseconds: start + event.minute * 60_000))
    (builder.uuid, builder.ip, builder.user) = (json(event.uuid), json(event.ip), json(event.user))
    (builder.device, builder.result) = (json(event.device), json(event.result))
    return builder.line
  }

  /// Returns options with random values that must not change the result.
  mutating func freely() -> ScanOptions {
    var options = options
    options.threads = rng.pick([1, 2, 3, 8])
    options.tuning.hashSeed = rng.next()
    options.tuning.shardCount = rng.pick([1, 4, 64])
    options.tuning.rangeBytesTarget = rng.pick([1, 500, 5000, 1 << 20])
    options.tuning.spillBytes = rng.pick([nil, 0, 5000])
    options.memoryBytes = rng.pick([nil, 1, 1 << 30])
    options.paths.shuffle(using: &rng)
    return options
  }

  /// Writes a partial of each file.
  mutating func partials(shards: Int, framesPerShard: Bool) throws -> [String] {
    try options.paths.enumerated().map { number, path in
      var options = freely()
      options.tuning.shardCount = shards
      let partial = folder.path + "/\(number).partial"
      try writePartial(of: [path], to: partial, framesPerShard: framesPerShard, options)
      return partial
    }
  }

  // MARK: The plainest code

  /// The content of a detection, comparable in any order.
  struct ExpectedDetection: Hashable {
    var rule: String
    var key: [String]
    var startMinute: Int64
    var count: Int
    var devices: Set<String>
    var ips: Set<String>
  }

  private struct Identity: Hashable {
    var uuid: String
    var ip: String?
    var minute: Int64
  }

  /// The expected result of each rule. It filters the events, keeps the copy whose fields come first, and groups by
  /// key.
  var expected: (found: Set<ExpectedDetection>, duplicates: Int) {
    var found: Set<ExpectedDetection> = []
    var duplicates = 0
    func add(
      _ rule: String, floor: Int, _ passes: (Event) -> Bool, key: (Event) -> [String]
    ) {
      let passed = events.filter(passes)
      var counted = passed.filter { $0.uuid == nil }
      let copies = Dictionary(grouping: passed.filter { $0.uuid != nil }) {
        Identity(uuid: $0.uuid ?? "", ip: $0.ip, minute: $0.minute)
      }
      for copies in copies.values { counted += [copies.min(by: Self.comesFirst)].compactMap { $0 } }
      duplicates += passed.count - counted.count
      for group in Dictionary(grouping: counted, by: key).values {
        for events in Dictionary(grouping: group, by: { $0.minute / Self.windowMinutes }).values
        where events.count >= floor {
          found.insert(
            ExpectedDetection(
              rule: rule, key: key(events[0]),
              startMinute: events[0].minute / Self.windowMinutes * Self.windowMinutes, count: events.count,
              devices: Set(events.compactMap(\.device)), ips: Set(events.compactMap(\.ip))))
        }
      }
    }
    add("locks-by-user", floor: 1, { _ in true }) { [$0.user ?? "nobody"] }
    add(
      "failures-by-device-and-result", floor: 2, { $0.result == "FAILURE" || $0.result == "DENY" }
    ) { [$0.device ?? "none", $0.result ?? "x"] }
    add("locks-by-address", floor: 2, { _ in true }) { [$0.ip ?? "null"] }
    return (found, duplicates)
  }

  /// Compares by user, then device, then result; null comes before all texts.
  private static func comesFirst(_ a: Event, _ b: Event) -> Bool {
    for (a, b) in [(a.user, b.user), (a.device, b.device), (a.result, b.result)] where a != b {
      guard let a else { return true }
      guard let b else { return false }
      return a < b
    }
    return false
  }

  func found(_ detections: [Detection]) -> Set<ExpectedDetection> {
    Set(
      detections.map { detection in
        let rule = detection.rule.id
        return ExpectedDetection(
          rule: rule,
          key: rule == "locks-by-address"
            ? [detection.clientIP?.description ?? "null"]
            : detection.restOfKey.map { Self.texts($0.value).first ?? "" },
          startMinute: (detection.windowStart.milliseconds - Self.start) / 60_000,
          count: detection.eventCount, devices: Set(Self.texts(detection[column: "devices"])),
          ips: Set(Self.texts(detection[column: "ips"])))
      })
  }

  private static func texts(_ value: Value?) -> [String] {
    switch value {
    case .list(let values): values.flatMap { texts($0) }
    case .text(let text): [text.description]
    case .address(let address): [address.description]
    default: []
    }
  }
}
