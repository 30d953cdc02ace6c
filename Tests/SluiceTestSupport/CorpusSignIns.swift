import SluiceRecords

private let hour: Int64 = 3_600_000

extension SceneWriter {
  /// Adds events for triage: sign-ins, most of them successful, on the edges of the time ranges of earlier events,
  /// with copies. It also sets accounts and networks of all events.
  mutating func addSignIns() {
    for index in events.indices {
      events[index].isp = rng.pick(["example isp", "Example ISP", .null, nil, ""])
      events[index].domain = rng.pick(["example.net", "example.com", .null, 7])
      // ThreatInsight's actor is an address.
      if events[index].eventType != "security.threat.detected" { events[index].actorID = accountID() }
    }
    guard !times.isEmpty else { return }
    for _ in 0..<Int.random(in: 0...16, using: &rng) {
      let time = rng.pick(times).milliseconds
      let offset = rng.pick([
        -hour - 1, -hour, -1, 0, 1, 60_000, hour, 12 * hour, 24 * hour, 24 * hour + 1, 30 * hour,
      ])
      events.append(signIn(at: EventTime(milliseconds: time + offset)))
      if rng.oneIn(6) {
        var copy = events[events.count - 1]
        copy.actorID = accountID()
        if rng.oneIn(2) { copy.result = rng.pick(["SUCCESS", "FAILURE", .null]) }
        events.append(copy)
      }
    }
  }

  private mutating func signIn(at time: EventTime) -> EventBuilder {
    let type = rng.pick([
      "user.session.start", "user.session.start", "user.authentication.sso", "user.authentication.",
      "user.session.end", "user.authentication",
    ])
    var event = event(type, at: time, ip: rng.pick(sources))
    event.user =
      rng.oneIn(6) ? rng.pick(oddUsers) : .string("user\(Int.random(in: 0..<6, using: &rng))@example.org")
    if rng.oneIn(10) { event.user = rng.pick([.null, nil, ""]) }
    event.result = rng.pick(["SUCCESS", "SUCCESS", "SUCCESS", "FAILURE", "success", .null])
    event.reason = rng.pick([.null, "VERIFICATION_ERROR"])
    event.actorID = accountID()
    return event
  }

  private mutating func accountID() -> JSONTree? {
    rng.pick([
      "00u1a2b3c4d5e6f7g8h9", "00u1a2b3c4d5e6f7g8h9", "unknown", .null, nil, "", "192.0.2.1",
      "::ffff:c000:201",
      "2001:DB8::1", "Unknown",
    ])
  }
}
