import SluiceRecords

/// A small archive of raw events, at most 330 lines, drawn to be on the edges of the three rules.
///
/// It has few addresses (in several spellings), few users, times at the ends of windows, counts at the thresholds,
/// duplicates, near misses and disorder. All lines are valid JSON objects. The same seed gives the same lines.
///
/// In seeds 1...1000, 548 give a detection of `okta-threatinsight-unknown-users`, 542 of `okta-credential-stuffing`,
/// and 379 of `okta-accounts-locked-out` (test `randomCorporaReachEveryRule`).
public struct RandomCorpus: Sendable {
  public let seed: UInt64
  public let lines: [[UInt8]]
  /// The event of each line.
  public let events: [EventBuilder]

  public init(seed: UInt64) {
    self.seed = seed
    var scenes = SceneWriter(seed: seed)
    scenes.writeAll()
    lines = scenes.lines()
    events = scenes.events
  }
}

/// A generator of events in scenes, each of which aims at one edge of one rule.
struct SceneWriter {
  var rng: SplitMix64
  var events: [EventBuilder] = []
  /// The times of the events, as far as they have one.
  private(set) var times: [EventTime] = []
  /// The few times near which scenes start, so that they overlap.
  private let bases: [EventTime]
  private let spellsTimesFreely: Bool
  private let eventCountMax = 280

  init(seed: UInt64) {
    rng = SplitMix64(seed: seed)
    // A multiple of 5 min, in some corpora before the epoch or across a leap day.
    let origin: Int64 = rng.pick([1_767_607_200_000, 1_767_607_200_000, 1_709_164_500_000, -86_700_000])
    bases = [0, 0, 300_000, 900_000, 3_600_000, 86_400_000].map { EventTime(milliseconds: origin + $0) }
    spellsTimesFreely = rng.oneIn(3)
  }

  mutating func writeAll() {
    if rng.oneIn(50) { return }
    for _ in 0..<Int.random(in: 2...5, using: &rng) where events.count < eventCountMax {
      let base = rng.pick(bases)
      switch Int.random(in: 0..<8, using: &rng) {
      case 0...3: stuffing(near: base)
      case 4, 5: locks(near: base)
      default: threats(near: base)
      }
    }
    for _ in 0..<Int.random(in: 0...12, using: &rng) { events.append(nearMiss(at: rng.pick(bases))) }
    duplicateSome()
    breakSomeTimes()
    addSignIns()
  }

  mutating func lines() -> [[UInt8]] {
    if !rng.oneIn(4) { events.shuffle(using: &rng) }
    let plain = rng.oneIn(3)
    return events.map { plain ? $0.line : $0.serialize(using: &rng) }
  }

  /// Returns an event whose values common to all scenes are random.
  mutating func event(_ type: String, at time: EventTime, ip: Source) -> EventBuilder {
    times.append(time)
    var event = EventBuilder(eventType: .string(type), at: time)
    if spellsTimesFreely { event.published = .string(randomSpelling(of: time, using: &rng)) }
    event.uuid =
      rng.oneIn(20)
      ? rng.pick([nil, .null, ""]) : .string("uuid-\(UInt32.random(in: 0...UInt32.max, using: &rng))")
    event.ip = rng.pick(ip.spellings)
    event.userAgent = rng.pick(userAgents)
    event.device = rng.pick(["Computer", "Mobile", .null, nil, "", 5])
    event.country = rng.pick(["Germany", "Österreich", .null, ""])
    event.city = rng.pick(["Jena", "Wien", nil])
    event.asNumber = rng.pick([
      64500, 64496, .null, nil, "64500", .number("1.0"), .number("9223372036854775808"),
    ])
    event.asOrg = rng.pick(["example transit", "Example Transit", .null])
    event.isProxy = rng.pick([true, false, .null, nil, "true"])
    event.risk = rng.pick(riskTexts)
    event.logOnlySecurityData = rng.pick(securityDataTexts)
    event.target = rng.pick([
      .null, nil, .array([]),
      .array([.members(["id": "00u9", "type": "User", "alternateId": "other@example.org"])]),
    ])
    if rng.oneIn(30) {
      event.set("client.geographicalContext", to: rng.pick([nil, .null, .object([]), "Jena"]))
    }
    if rng.oneIn(30) { event.set("securityContext", to: rng.pick([nil, .null, .object([]), 3])) }
    if rng.oneIn(30) { event.set("client.userAgent", to: rng.pick([nil, .null, .object([]), .array([])])) }
    if rng.oneIn(20) {
      event.set(
        "debugContext.debugData.originalPrincipal", to: .members(["alternateId": "principal@example.org"]))
    }
    return event
  }

  /// Adds exact copies, and copies with the same `uuid` and other content, time or address.
  private mutating func duplicateSome() {
    guard !events.isEmpty, rng.oneIn(2) else { return }
    for _ in 0..<Int.random(in: 1...6, using: &rng) {
      var copy = rng.pick(events)
      switch Int.random(in: 0..<8, using: &rng) {
      case 0: copy.userAgent = rng.pick(userAgents)
      case 1: copy.user = rng.pick(oddUsers)
      case 2: copy.result = rng.pick(["DENY", "FAILURE", .null, "ALLOW"])
      case 3: copy.ip = rng.pick(rng.pick(sources).spellings)
      case 4: copy.risk = rng.pick(riskTexts)
      case 5:
        (copy.country, copy.isProxy) = (
          rng.pick(["Germany", .null, "Albania"]), rng.pick([true, false, .null])
        )
      default: break
      }
      events.append(copy)
    }
  }

  private mutating func breakSomeTimes() {
    guard !events.isEmpty, rng.oneIn(6) else { return }
    for _ in 0..<Int.random(in: 1...3, using: &rng) {
      events[Int.random(in: events.indices, using: &rng)].published = rng.pick(unusableTimes)
    }
  }
}
