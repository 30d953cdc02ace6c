import SluiceRecords

private let millisecondsPerMinute: Int64 = 60_000
private let hour: Int64 = 3_600_000

extension SceneWriter {
  /// Adds failed sign-ins at the thresholds of 25 attempts, 15 users and 2 attempts per user.
  mutating func stuffing(near base: EventTime) {
    let source = rng.pick(sources)
    let offsets: [Int64] = rng.pick([
      // Within one slide; over the whole window; beyond it by one millisecond on either side; on its edges only.
      [0, 299_999], [0, 899_999], [-1, 899_999], [0, 900_000], [0, 1, 299_999, 300_000, 899_999],
      [299_999, 300_000, 300_001],
    ])
    // The numbers of users who try once, twice, three times.
    let (once, twice, thrice) = rng.pick([
      (25, 0, 0), (24, 0, 0), (5, 10, 0), (3, 11, 0), (4, 11, 0), (6, 10, 0), (30, 0, 1), (4, 15, 0),
      (40, 0, 0),
    ])
    let attempts = [(1, once), (2, twice), (3, thrice)].flatMap { Array(repeating: $0.0, count: $0.1) }
    for (number, count) in attempts.enumerated() {
      let user = rng.oneIn(8) ? rng.pick(oddUsers) : .string("user\(number)@example.org")
      for _ in 0..<count {
        let offset =
          rng.oneIn(2) ? Int64.random(in: offsets[0]...offsets.last!, using: &rng) : rng.pick(offsets)
        events.append(failedSignIn(user, at: base + offset, source))
      }
    }
    // A third attempt in the next window does not silence this one; in this window it does.
    if rng.oneIn(4) {
      for _ in 0..<2 {
        events.append(
          failedSignIn("user0@example.org", at: base + rng.pick([-1, 0, 899_999, 900_000]), source))
      }
    }
  }

  private mutating func failedSignIn(_ user: JSONTree, at time: EventTime, _ source: Source) -> EventBuilder {
    let type = rng.pick([
      "user.session.start", "user.authentication.sso", "user.authentication.auth_via_mfa",
      "user.authentication.",
    ])
    var event = event(type, at: time, ip: source)
    event.user = user
    event.reason = rng.pick(["INVALID_CREDENTIALS", "INVALID_CREDENTIALS", "LOCKED_OUT"])
    event.result = rng.pick(["FAILURE", "FAILURE", "SUCCESS", .null])
    event.threatSuspected = rng.pick(["true", "false", "FALSE", .bool(true), .bool(false), .null, nil, ""])
    return event
  }

  /// Adds locked accounts at the threshold of 6 in a bucket of 5 min.
  mutating func locks(near base: EventTime) {
    let source = rng.pick(sources)
    let offsets: [Int64] = rng.pick([
      [0, 1, 299_999], [299_999, 300_000], [-1, 0], [60_000], [0, 299_999, 300_000, 599_999],
    ])
    let oneResult = !rng.oneIn(3)
    for number in 0..<rng.pick([5, 6, 6, 7, 11, 12, 13]) {
      var event = event("user.account.lock", at: base + rng.pick(offsets), ip: source)
      event.user = rng.pick([
        .string("user\(number % 4)@example.org"), .null, nil, "", "unknown", oddUsers[0],
      ])
      let otherResults: [JSONTree?] = ["FAILURE", .null, nil, "", "unknown"]
      event.result = oneResult ? "FAILURE" : rng.pick(otherResults)
      event.reason = rng.pick(["LOCKED_OUT", .null])
      events.append(event)
      if rng.oneIn(25) { events[events.count - 1].set("outcome", to: rng.pick([.null, nil, .object([])])) }
    }
  }

  /// Adds ThreatInsight events with gaps at the keep-alive of 1 h and the maximum of 24 h.
  mutating func threats(near base: EventTime) {
    let source = rng.pick(sources)
    var time = base
    let gaps: [Int64] = rng.pick([
      [0, 1, 60_000], [hour - 1, hour, hour + 1], [hour], [30 * millisecondsPerMinute, hour, hour - 1],
    ])
    let chainLength = rng.oneIn(4) ? 27 : Int.random(in: 1...5, using: &rng)
    for number in 0..<chainLength {
      events.append(threat(at: time, source))
      // In a chain of whole hours, the 25th event comes exactly 24 h after the first, or 1 ms earlier or later.
      time = time + (chainLength == 27 && number < 23 ? hour : rng.pick(gaps))
    }
  }

  private mutating func threat(at time: EventTime, _ source: Source) -> EventBuilder {
    let phrase = "Login failures with high unknown users count"
    var event = event("security.threat.detected", at: time, ip: source)
    event.reason = rng.pick([
      .string("Password Spray, \(phrase), Login Failures"), .string(phrase),
      .string("Login Failures,\t\(phrase) ,"),
      .string(phrase), .string("\(phrase)s, Password Spray"),
      .string("login failures with high unknown users count"),
    ])
    event.result = rng.pick(["DENY", "ALLOW", "RATE_LIMIT", .null])
    event.threatSuspected = rng.pick(["true", "true", "TRUE", "True", .bool(true), "false", .null, "yes", 1])
    event.threatDetections = rng.pick([nil, .null, #"{"Password Spray":"HIGH"}"#, "{}"])
    event.user = "unknown"
    event.actorType = rng.pick(["IP address", "IP address", "User", "ip address"])
    event.actorID = rng.pick(["198.51.100.9", "unknown", .null, "2001:db8::1"])
    event.ipChain = rng.pick([
      nil, .null, .array([]), .array([.null, .members(["ip": "198.51.100.10"])]),
      .array([.members(["ip": "198.51.100.9"]), .members(["ip": "198.51.100.10"])]), .object([]),
    ])
    return event
  }

  /// Returns an event that looks like a rule's, but that no rule may match.
  mutating func nearMiss(at time: EventTime) -> EventBuilder {
    let type = rng.pick([
      "user.account.lock.limit", "user.account.lock", "user.account.unlock", "user.authentication",
      "User.session.start",
      "user.authenticationx.sso", "user.session.start ", "user.session.end", "security.threat.detected",
      "policy.evaluate_sign_on",
    ])
    var event = event(type, at: time, ip: rng.pick(sources))
    event.reason = rng.pick([
      "LOCKED_OUT", "INVALID_CREDENTIALS", "INVALID_CREDENTIALS, LOCKED_OUT", "locked_out", .null,
      "VERIFICATION_ERROR",
    ])
    if type == "user.session.start " || rng.oneIn(4) {
      event.eventType = rng.pick(["user.session.start", "user.authentication.sso"])
      // The rule does not match a failed sign-in without a user or with another reason.
      if rng.oneIn(2) {
        event.user = rng.pick([nil, .null, "", 7, .object([])])
      } else {
        event.reason = "UNKNOWN"
      }
    }
    if rng.oneIn(6) { event.set("actor", to: rng.pick([nil, .null, .object([]), "jane"])) }
    if rng.oneIn(6) { event.eventType = rng.pick([nil, .null, 7, .array(["user.account.lock"])]) }
    return event
  }
}

private func + (time: EventTime, milliseconds: Int64) -> EventTime {
  EventTime(milliseconds: time.milliseconds + milliseconds)
}
