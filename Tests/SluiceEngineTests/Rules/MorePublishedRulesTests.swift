import SluiceEngine
import SluiceRecords
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// The published rules that are disabled by default, end to end: events that fire, and events that just do not.
@Suite struct MorePublishedRulesTests {
  private static func time(_ seconds: Int) -> EventTime {
    EventTime(milliseconds: 1_767_607_200_000 + Int64(seconds) * 1000)
  }

  /// Returns a failed sign-in at this many seconds after 10:00.
  private static func failure(_ user: Int, at seconds: Int, _ change: (inout EventBuilder) -> Void = { _ in })
    -> EventBuilder
  {
    var event = EventBuilder(eventType: "user.session.start", at: time(seconds))
    event.reason = "INVALID_CREDENTIALS"
    event.user = .string("user\(user)@example.org")
    change(&event)
    return event
  }

  private func detections(_ id: String, _ events: [EventBuilder]) -> [Detection] {
    scanned(events.map(\.line).joinedLines(), named: "a.json") { $0.rules = [Rule.named(id)] }.detections
  }

  // MARK: Elastic, password spray

  /// Returns the detections of this many attempts by each user, spread over the given minutes from 10:00 on.
  private func spray(_ attempts: [Int], minutes: Int) -> [Detection] {
    let users = attempts.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) }
    let events = users.enumerated().map { number, user in
      Self.failure(user, at: number == users.count - 1 ? minutes * 60 : number)
    }
    // Windows slide by a quarter of an hour; one of those that hold all events is enough here.
    return detections("okta-password-spray", events).filter { $0.windowStart == Self.time(0) }
  }

  @Test func passwordSprayFiresAtItsThresholds() throws {
    let found = try #require(spray([3, 3, 3, 3, 3], minutes: 5).first)
    #expect(found[column: "Esql.unique_users"] == .integer(5))
    #expect(found[column: "Esql.total_attempts"] == .integer(15))
    #expect(found[column: "Esql.users_in_spray_band"] == .integer(5))
    #expect(found[column: "Esql.attack_duration_minutes"] == .integer(5))
    #expect(found[column: "Esql.pct_users_in_spray_band"] == .double(100))
    #expect(found[column: "Esql.avg_attempts_per_user"] == .double(3))
    #expect(found.columns.map(\.name).prefix(2) == ["Esql.unique_users", "Esql.total_attempts"])
    #expect(found.rule.vendorRuleID == "42bf698b-4738-445b-8231-c834ddefd8a0")
    #expect(found.rule.riskScore == 47)
    #expect(found.windowEnd == Self.time(3600))
    #expect(spray([4, 4, 4, 3], minutes: 5).isEmpty, "four users")
    #expect(spray([3, 3, 3, 3, 2], minutes: 5).isEmpty, "14 attempts")
    #expect(spray([3, 3, 3, 3, 3], minutes: 4).isEmpty, "four minutes and some are four")
    #expect(spray([3, 3, 3, 3, 8], minutes: 5).count == 1, "80 % in the band")
    #expect(spray([3, 3, 3, 3, 9], minutes: 5).isEmpty, "nine attempts at one user")
    #expect(spray([6, 6, 6, 1, 1], minutes: 5).count == 1, "60 % in the band")
    #expect(spray([6, 6, 7, 1, 1], minutes: 5).isEmpty, "40 % in the band")
    #expect(spray(Array(repeating: 1, count: 15), minutes: 5).isEmpty, "nobody twice")
  }

  // MARK: Elastic, device token rotation

  private func rotation(
    _ attempts: Int, tokens: Int, agents: Int = 1, withToken: Int? = nil, uri: String = "/api/v1/authn"
  )
    -> [Detection]
  {
    let events = (0..<attempts).map { number in
      Self.failure(1, at: number) { event in
        event.userAgent = .string("agent \(number % agents)")
        event.set("debugContext.debugData.requestUri", to: .string(uri))
        if number < withToken ?? attempts {
          event.set("debugContext.debugData.dtHash", to: .string("token \(number % max(1, tokens))"))
        }
      }
    }
    return detections("okta-brute-force-device-token-rotation", events).filter {
      $0.windowStart == Self.time(0)
    }
  }

  @Test func deviceTokenRotationFiresAtItsThresholds() throws {
    let found = try #require(rotation(10, tokens: 7).first)
    #expect(found[column: "Esql.unique_dt_hashes"] == .integer(7))
    #expect(found[column: "Esql.total_attempts"] == .integer(10))
    #expect(found[column: "Esql.dt_per_attempt"] == .double(0.7))
    #expect(found[column: "Esql.dt_coverage"] == .double(1))
    #expect(found.restOfKey.map(\.value) == [.text("user1@example.org")])
    #expect(found.clientIP?.description == "203.0.113.7")
    #expect(found.rule.severity == "low")
    #expect(found.rule.riskScore == 21)
    #expect(found.rule.techniques == ["T1110", "T1110.001"])
    #expect(rotation(10, tokens: 6).isEmpty)
    #expect(rotation(9, tokens: 9).isEmpty)
    #expect(rotation(15, tokens: 7).isEmpty, "less than half a token an attempt")
    #expect(rotation(14, tokens: 7).count == 1)
    #expect(rotation(12, tokens: 1, withToken: 1).count == 1, "one attempt of twelve has a token")
    #expect(rotation(12, tokens: 1, withToken: 2).isEmpty)
    #expect(rotation(11, tokens: 1, withToken: 0).isEmpty)
    #expect(rotation(10, tokens: 1, agents: 5).count == 1)
    #expect(rotation(10, tokens: 1, agents: 4).isEmpty)
    #expect(rotation(10, tokens: 7, uri: "/api/v1/sessions/me").count == 1)
    #expect(rotation(10, tokens: 7, uri: "/api/v1/authn/factors").isEmpty)
    #expect(rotation(10, tokens: 7, uri: "/idp").isEmpty)
  }

  /// Attempts on two users are not added up.
  @Test func deviceTokensAreCountedByUser() {
    let events = (0..<14).map { number in
      Self.failure(number % 2, at: number) { event in
        event.set("debugContext.debugData.dtHash", to: .string("token \(number)"))
      }
    }
    #expect(detections("okta-brute-force-device-token-rotation", events).isEmpty)
  }

  // MARK: Splunk

  private func failing(_ users: Int, at seconds: (Int) -> Int = { $0 }, result: String = "FAILURE")
    -> [Detection]
  {
    detections(
      "okta-multiple-users-failing-from-ip",
      (0..<users).map { user in Self.failure(user, at: seconds(user)) { $0.result = .string(result) } })
  }

  @Test func multipleUsersFailingFiresAtItsThreshold() throws {
    let found = try #require(failing(10).first)
    #expect(found[column: "unique_accounts"] == .integer(10))
    #expect(found[column: "src"] == .text("203.0.113.7"))
    #expect(found[column: "sourcetype"] == .text("OktaIM2:log"))
    #expect(found[column: "_time"] == .time(Self.time(0)))
    #expect(found.rule.riskScore == 54)
    #expect(found.rule.vendorRuleID == "de365ffa-42f5-46b5-b43f-fa72290b8218")
    #expect(failing(9).isEmpty)
    #expect(failing(10, result: "SUCCESS").isEmpty)
    #expect(failing(10, at: { $0 < 5 ? 299 : 300 }).isEmpty, "five in each bucket")
    let lists: [Value] = (0..<10).map { .text(LogText("user\($0)@example.org")) }
    #expect(found[column: "user"] == .list(lists))
  }

  /// Null becomes `unknown`, which is an account and a source like others.
  @Test func nullUsersAndSourcesCountAsUnknown() throws {
    let events = (0..<10).map { user in
      Self.failure(user, at: user) { event in
        event.ip = nil
        if user == 0 { event.user = .null }
      }
    }
    let found = try #require(detections("okta-multiple-users-failing-from-ip", events).first)
    #expect(found[column: "unique_accounts"] == .integer(10))
    #expect(found[column: "src"] == .text("unknown"))
  }

  // MARK: Okta, ThreatInsight

  private func threat(
    _ reason: String, at seconds: Int = 0, _ change: (inout EventBuilder) -> Void = { _ in }
  ) -> EventBuilder {
    var event = EventBuilder(eventType: "security.threat.detected", at: Self.time(seconds))
    event.reason = .string(reason)
    change(&event)
    return event
  }

  @Test func threatInsightPasswordSprayFiresOnItsReason() throws {
    let id = "okta-threatinsight-password-spray"
    let found = try #require(detections(id, [threat("Login Failures, Password Spray")]).first)
    #expect(found[column: "event_count"] == .integer(1))
    #expect(found.rule.techniques == ["T1110.003"])
    #expect(found[column: "reasons"] == .list([.text("Login Failures"), .text("Password Spray")]))
    #expect(detections(id, [threat("Password spray"), threat("Login Failures")]).isEmpty)
    #expect(
      detections(id, [threat("Password Spray") { $0.eventType = "security.threat.configuration.update" }])
        .isEmpty)
    #expect(
      detections(id, [threat("Password Spray"), threat("Password Spray", at: 3600)]).map(\.eventCount) == [2])
    #expect(
      detections(id, [threat("Password Spray"), threat("Password Spray", at: 3601)]).map(\.eventCount) == [
        1, 1,
      ])
    // Without a client address, the actor's address is the key.
    let byActor = threat("Password Spray") { event in
      (event.ip, event.actorType, event.actorID) = (nil, "IP address", "198.51.100.9")
    }
    #expect(detections(id, [byActor]).first?.clientIP?.description == "198.51.100.9")
  }

  // MARK: Panther

  private func locked(
    _ user: JSONTree?, _ message: JSONTree?, at seconds: Int = 0, ip: JSONTree? = "192.0.2.1"
  ) -> EventBuilder {
    var event = EventBuilder(eventType: "user.account.lock", at: Self.time(seconds))
    (event.user, event.ip) = (user, ip)
    event.set("displayMessage", to: message)
    return event
  }

  @Test func userAccountLockedFiresForEachUserAndMessage() throws {
    let id = "okta-user-account-locked"
    let found = try #require(detections(id, [locked("a", "Max sign in attempts exceeded")]).first)
    #expect(found.message == "Okta: [a] [Max sign in attempts exceeded]")
    #expect(found.clientIP == nil)
    #expect(found[column: "client_ips"] == .list([.address(IPAddress(v4: 0xC000_0201))]))
    #expect(
      detections(id, [locked(nil, .null)]).first?.message
        == "Okta: [<id-not-found>] [account has been locked.]")
    var limit = locked("a", "m")
    limit.eventType = "user.account.lock.limit"
    #expect(detections(id, [limit]).count == 1)
    limit.eventType = "user.account.lock.limited"
    #expect(detections(id, [limit]).isEmpty)
    // One user from two addresses is one alert; another user or another message is another.
    #expect(
      detections(id, [locked("a", "m"), locked("a", "m", at: 60, ip: "192.0.2.2")]).map(\.eventCount) == [2])
    #expect(
      detections(id, [locked("a", "m"), locked("b", "m"), locked("a", "n")]).map(\.eventCount) == [1, 1, 1])
    // The period is 60 minutes from its first event, however recent the last one is.
    let times = [0, 1800, 3600, 3601]
    #expect(detections(id, times.map { locked("a", "m", at: $0) }).map(\.eventCount) == [3, 1])
  }
}
