import SluiceRecords

/// The cases on times, sessions, duplicates, keys and orders. Cases on frames, files and the run's statistics cannot
/// be expressed in events.
let finePrint: [PublishedCase] = sessionRows + timeRows + identityRows + episodeRows + orderRows

private let sessionRow =
  "session of rule 1: a match exactly 1 h after the last, or exactly 24 h after the first, still belongs"

/// Returns threat events of one address, each this many milliseconds after the first.
private func threats(after offsets: [Int]) -> [EventBuilder] {
  offsets.map { threat(at: clock(milliseconds: $0)) }
}

private let hour = 3_600_000
private let hourly = (0...24).map { $0 * hour }

private let sessionRows: [PublishedCase] = [
  PublishedCase(
    "\(sessionRow) — 1 h", .threatInsightUnknownUsers, gives: 1, threats(after: [0, hour]),
    check: holds("from first to last") { $0.first?.windowStart == clock() && $0.first?.windowEnd == clock(1) }
  ),
  PublishedCase(
    "\(sessionRow) — 1 h and 1 ms", .threatInsightUnknownUsers, gives: 2, threats(after: [0, hour + 1])),
  PublishedCase(
    "\(sessionRow) — 24 h", .threatInsightUnknownUsers, gives: 1, threats(after: hourly),
    check: column("event_count", is: .integer(25))),
  PublishedCase(
    "\(sessionRow) — 24 h and 1 ms", .threatInsightUnknownUsers, gives: 2,
    threats(after: hourly.dropLast() + [24 * hour - 1, 24 * hour + 1]),
    check: holds("the second has one event") { $0.last?.eventCount == 1 }),
]

private func published(_ spelling: JSONTree?, _ index: Int, of events: [EventBuilder]) -> [EventBuilder] {
  events.changing(index) { $0.published = spelling }
}

private let timeRows: [PublishedCase] =
  [
    PublishedCase(
      "digits of published beyond milliseconds: cut off, never rounded", .accountsLockedOut, gives: 1,
      locks(6).changed { $0.published = "2026-01-05T10:04:59.9999999Z" },
      check: columns(
        column("_time", is: .time(clock(10))),
        column("lastTime", is: .time(clock(10, 4, 59, milliseconds: 999))))),
    PublishedCase(
      "unusable time — other events are plain", .credentialStuffing, gives: 1,
      failures(users(25))
        + [failure("user99@example.org", at: clock(10))].changed {
          $0.published = .null
          $0.reason = "UNKNOWN"
        }),
  ]
  + [
    "2026-01-05T10:00:00.000Z", "2026-01-05t10:00:00.000z", "2026-01-05 10:00:00.000", "2026-01-05T10:00:00",
    "2026-01-05T10:00:00Z", "2026-01-05T10:00:00.000000000", "2026-01-05T11:30:00+01:30",
    "2026-01-05T11:30:00.000+0130",
    "2026-01-05T04:00:00-06:00", "2026-01-06T00:00:00.0+1400", "2026-01-05 10:00:00z",
    "2026-01-05T10:00:00.00+00:00",
  ].map { spelling in
    PublishedCase(
      "time spellings — \(spelling)", .accountsLockedOut, gives: 1,
      published(.string(spelling), 5, of: locks(6)).changing(0) { $0.published = "2026-01-05T10:04:59.999Z" },
      check: columns(column("count", is: .integer(6)), column("firstTime", is: .time(clock(10)))))
  }
  + unusableTimes.map { spelling in
    PublishedCase(
      "time spellings — unusable: \(spelling.map { String(decoding: $0.plain, as: UTF8.self) } ?? "absent")",
      .accountsLockedOut, gives: 0, published(spelling, 5, of: locks(6)))
  }

private let identityRows: [PublishedCase] = [
  PublishedCase(
    "duplicate: same uuid, client IP and time — other content", .accountsLockedOut, gives: 0,
    locks(6).changed {
      $0.uuid = "u"
      $0.published = .string("\(clock(10))")
    }),
  PublishedCase(
    "duplicate: same uuid, client IP and time — other time", .accountsLockedOut, gives: 1,
    locks(6).changed { $0.uuid = "u" }),
  PublishedCase(
    "duplicate: same uuid, client IP and time — other client IP", .accountsLockedOut, gives: 2,
    (locks(6) + locks(6).changed { $0.ip = "192.0.2.1" }).enumerated().map { index, event in
      var event = event
      event.uuid = .string("u\(index % 6)")
      return event
    }),
  PublishedCase(
    "duplicate: same uuid, client IP and time — without uuid every event counts", .accountsLockedOut,
    gives: 1,
    [lock(0, at: clock(10))].flatMap { event in
      ([nil, .null, "", nil, .null, ""] as [JSONTree?]).map { uuid in
        var event = event
        event.uuid = uuid
        return event
      }
    }),
  PublishedCase(
    "actor of type IP address whose id is no address: go on to ipChain[0].ip", .threatInsightUnknownUsers,
    gives: 1,
    [threat(at: clock(10))].changed {
      $0.ip = .null
      $0.actorID = "unknown"
      $0.ipChain = .array([.members(["ip": "192.0.2.9"]), .members(["ip": "192.0.2.10"])])
    }, check: holds("the key is 192.0.2.9") { $0.first?.clientIP?.description == "192.0.2.9" }),
  PublishedCase(
    "actor of type IP address whose id is an address", .threatInsightUnknownUsers, gives: 1,
    [threat(at: clock(10))].changed {
      $0.ip = .null
      $0.ipChain = .array([.members(["ip": "192.0.2.9"])])
    }, check: holds("the key is the actor's id") { $0.first?.clientIP?.description == "203.0.113.7" }),
  PublishedCase(
    "actor of another type: its id is not asked", .threatInsightUnknownUsers, gives: 1,
    [threat(at: clock(10))].changed {
      $0.ip = .null
      $0.actorType = "User"
    }, check: holds("the key is null") { $0.first.map { $0.clientIP == nil } ?? false }),
  PublishedCase(
    "lock event without user: user holds unknown", .accountsLockedOut, gives: 1,
    locks(6).changed { $0.user = .null },
    check: columns(column("user", is: texts("unknown")), column("distinct_users", is: .integer(1)))),
  PublishedCase(
    "addresses with a scope or blanks around: null", .accountsLockedOut, gives: 1,
    zip(
      locks(6),
      ["fe80::1%eth0", " 203.0.113.7", "203.0.113.7 ", "\t2001:db8::1", "null", "unknown"] as [JSONTree]
    ).map {
      var event = $0
      event.ip = $1
      return event
    }, check: column("src", is: .text("unknown"))),
]

private let episodeRows: [PublishedCase] = [
  PublishedCase(
    "episode — rule 1: each session its own", .threatInsightUnknownUsers, gives: 2,
    threats(after: [0, hour + 1]),
    check: holds("each is its own") { $0.allSatisfy { $0.episode == $0.id } }),
  PublishedCase(
    "episode — rule 3: consecutive buckets of one key", .accountsLockedOut, gives: 3,
    [0, 5, 15].flatMap { minute in (0..<6).map { lock($0, at: clock(10, minute, $0)) } },
    check: holds("the first two share one") {
      $0.count == 3 && $0[0].episode == $0[0].id && $0[1].episode == $0[0].id && $0[2].episode == $0[2].id
    }),
  PublishedCase(
    "episode — rule 3: consecutive buckets of other keys", .accountsLockedOut, gives: 2,
    locks(6) + (0..<6).map { lock($0, at: clock(10, 5, $0)) }.changed { $0.result = "DENY" },
    check: holds("each is its own") { $0.allSatisfy { $0.episode == $0.id } }),
  PublishedCase(
    "episode — rule 2: windows that overlap", .credentialStuffing, gives: 3,
    (0..<25).map { failure(.string("user\($0)@example.org"), at: clock(10, 0, $0)) },
    check: holds("09:50, 09:55 and 10:00 share one") { detections in
      detections.map(\.windowStart) == [clock(9, 50), clock(9, 55), clock(10)]
        && detections.allSatisfy { $0.episode == detections[0].id }
    }),
]

private let orderRows: [PublishedCase] = [
  PublishedCase(
    "risk_score of rule 1: null", .threatInsightUnknownUsers, gives: 1, [threat(at: clock(10))],
    check: holds("null") { $0.allSatisfy { $0.rule.riskScore == nil } }),
  PublishedCase(
    "severity, tactics of rule 3: medium, TA0006", .accountsLockedOut, gives: 1, locks(6),
    check: holds("medium, TA0006") {
      $0.allSatisfy { $0.rule.severity == "medium" && $0.rule.tactics == ["TA0006"] }
    }),
  PublishedCase(
    "order by client IP: null first, then the 16 bytes", .threatInsightUnknownUsers, gives: 5,
    (["2001:db8::1", "203.0.113.7", nil, "9.9.9.9", "::1"] as [JSONTree?]).map { ip in
      var event = threat(at: clock(10))
      event.ip = ip
      event.actorID = "unknown"
      return event
    },
    check: holds("null, ::1, 9.9.9.9, 203.0.113.7, 2001:db8::1") {
      $0.map { $0.clientIP?.description } == [nil, "::1", "9.9.9.9", "203.0.113.7", "2001:db8::1"]
    }),
  PublishedCase(
    "order in value lists: strings by UTF-8 bytes, numbers ascending, false before true",
    .threatInsightUnknownUsers, gives: 1,
    [("b", 10, true), ("\u{FF5E}", 9, false), ("B", 100, true), ("\u{1D11E}", 9, true), ("ä", 10, false)].map
    {
      city, number, proxy in
      var event = threat(at: clock(10))
      (event.city, event.asNumber, event.isProxy) = (.string(city), .number("\(number)"), .bool(proxy))
      return event
    },
    check: columns(
      column("cities", is: texts("B", "b", "ä", "\u{FF5E}", "\u{1D11E}")),
      column("as_numbers", is: .list([.integer(9), .integer(10), .integer(100)])),
      column("is_proxy", is: .list([.bool(false), .bool(true)])))),
]
