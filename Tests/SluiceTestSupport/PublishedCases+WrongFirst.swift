import SluiceRecords

/// The cases that implementations get wrong first, in the order of the published table.
let gottenWrongFirst: [PublishedCase] = stuffingRows + addressRows + lockRows + textRows

private let tenTwiceFiveOnce = users(15) + users(10)

private let stuffingRows: [PublishedCase] = [
  PublishedCase(
    "15 users, 10 of them twice, 5 once, in 15 min", .credentialStuffing, gives: 1,
    failures(tenTwiceFiveOnce),
    check: columns(
      column("Esql.unique_users", is: .integer(15)), column("Esql.total_attempts", is: .integer(25)),
      column("Esql.max_attempts_per_user", is: .integer(2)),
      column("Esql.min_attempts_per_user", is: .integer(1)),
      column("Esql.avg_attempts_per_user", is: .double(25.0 / 15.0)),
      column("Esql.users_with_single_attempt", is: .integer(5)),
      column("Esql.users_with_few_attempts", is: .integer(15)),
      column("Esql.pct_users_few_attempts", is: .double(100)),
      column("Esql.first_seen", is: .time(clock(10))), column("Esql.last_seen", is: .time(clock(10, 12))))),
  PublishedCase(
    "the same, and one more attempt by one who had two", .credentialStuffing, gives: 0,
    failures(tenTwiceFiveOnce + users(1))),
  PublishedCase("25 users once; 24 users once — 25", .credentialStuffing, gives: 1, failures(users(25))),
  PublishedCase("25 users once; 24 users once — 24", .credentialStuffing, gives: 0, failures(users(24))),
  PublishedCase(
    "25 users once, no IP in any", .credentialStuffing, gives: 1, failures(users(25)).changed { $0.ip = nil },
    check: columns(
      column("okta.client.ip", is: .null),
      holds("client_ip is null") { $0.allSatisfy { $0.clientIP == nil } },
      holds("the mapping says unknown") {
        guard case .list(let mappings) = $0.first?[column: "Esql.user_source_mapping"] else { return false }
        return mappings.allSatisfy {
          if case .text(let text) = $0 { text.description.contains(#""ip":"unknown""#) } else { false }
        }
      })),
  PublishedCase(
    "a duplicated line among the 25 + a user with two", .credentialStuffing, gives: 1,
    failures(tenTwiceFiveOnce).changing(0) { $0.uuid = "u-0" }
      + [failures(users(1))[0]].changed { $0.uuid = "u-0" },
    check: columns(
      column("Esql.total_attempts", is: .integer(25)), column("Esql.max_attempts_per_user", is: .integer(2)))),
]

private let addressRows: [PublishedCase] = [
  PublishedCase(
    "2001:db8::1 and 2001:0db8:0:0::1; ::ffff:192.0.2.1 and 192.0.2.1 — IPv6", .credentialStuffing, gives: 1,
    failures(users(25)).enumerated().map { index, event in
      var event = event
      event.ip = index % 2 == 0 ? "2001:db8::1" : "2001:0db8:0:0::1"
      return event
    }, check: holds("the key is 2001:db8::1") { $0.first?.clientIP?.description == "2001:db8::1" }),
  PublishedCase(
    "2001:db8::1 and 2001:0db8:0:0::1; ::ffff:192.0.2.1 and 192.0.2.1 — IPv4", .credentialStuffing, gives: 1,
    failures(users(25)).enumerated().map { index, event in
      var event = event
      event.ip = index % 2 == 0 ? "::ffff:192.0.2.1" : "192.0.2.1"
      return event
    }, check: holds("the key is 192.0.2.1") { $0.first?.clientIP?.description == "192.0.2.1" }),
]

private let lockRows: [PublishedCase] = [
  PublishedCase(
    "six locks in one bucket; five; three at 04:59.999 and three at 05:00.000 — six", .accountsLockedOut,
    gives: 1,
    locks(6),
    check: columns(
      column("_time", is: .time(clock(10))), column("count", is: .integer(6)),
      column("distinct_users", is: .integer(6)),
      column("result", is: .text("FAILURE")), column("command", is: .text("user.account.lock")),
      column("sourcetype", is: .text("OktaIM2:log")), column("src", is: .text("203.0.113.7")),
      column("firstTime", is: .time(clock(10))), column("lastTime", is: .time(clock(10, 0, 5))),
      holds("the message names the address") {
        $0.first?.message.description == "Multiple accounts locked out in Okta from [203.0.113.7]. "
          + "Investigate further to determine if this was authorized."
      })),
  PublishedCase(
    "six locks in one bucket; five; three at 04:59.999 and three at 05:00.000 — six of one account",
    .accountsLockedOut, gives: 1, locks(6).changed { $0.user = "one@example.org" },
    check: column("user", is: texts("one@example.org"))),
  PublishedCase(
    "six locks in one bucket; five; three at 04:59.999 and three at 05:00.000 — five", .accountsLockedOut,
    gives: 0,
    locks(5)),
  PublishedCase(
    "six locks in one bucket; five; three at 04:59.999 and three at 05:00.000 — three and three",
    .accountsLockedOut, gives: 0,
    (0..<6).map { lock($0, at: $0 < 3 ? clock(10, 4, 59, milliseconds: 999) : clock(10, 5)) }),
  PublishedCase(
    "six locks without IP", .accountsLockedOut, gives: 1, locks(6).changed { $0.ip = .null },
    check: columns(
      column("src", is: .text("unknown")), holds("client_ip is null") { $0.allSatisfy { $0.clientIP == nil } }
    )),
]

private let textRows: [PublishedCase] = [
  PublishedCase(
    "reason list with the phrase inside", .threatInsightUnknownUsers, gives: 1, [threat(at: clock(10))],
    check: columns(
      column("event_count", is: .integer(1)), column("exact_reason_events", is: .integer(0)),
      column("reasons", is: texts("Login Failures", unknownUsersPhrase, "Password Spray")))),
  PublishedCase(
    #""alternateId":"john.doe@example.org\\""#, .credentialStuffing, gives: 1,
    failures(users(23) + [#"john.doe@example.org\"#, "john.doe@example.org"]),
    check: holds("both users are there") {
      guard case .list(let users) = $0.first?[column: "Esql.target_users"] else { return false }
      return users.contains(.text(#"john.doe@example.org\"#)) && users.contains(.text("john.doe@example.org"))
    }),
  PublishedCase(
    #""alternateId" inside target[] or debugData.originalPrincipal — no actor's"#, .credentialStuffing,
    gives: 0,
    failures(users(25)).changed { event in
      event.target = .array([.members(["id": "00u9", "type": "User", "alternateId": event.user])])
      event.set("debugContext.debugData.originalPrincipal", to: .members(["alternateId": event.user]))
      event.user = nil
    }),
  PublishedCase(
    #""alternateId" inside target[] or debugData.originalPrincipal — beside the actor's"#,
    .credentialStuffing,
    gives: 1,
    failures(users(25)).changed { event in
      event.target = .array([.members(["alternateId": "other@example.org"])])
      event.set(
        "debugContext.debugData.originalPrincipal", to: .members(["alternateId": "other@example.org"]))
    }, check: column("Esql.unique_users", is: .integer(25))),
  PublishedCase(
    "user agent with a quote in it", .credentialStuffing, gives: 1,
    failures(users(25)).changed { $0.userAgent = #"curl "8""# },
    check: holds("the mapping holds the quotes bare") {
      guard case .list(let mappings) = $0.first?[column: "Esql.user_source_mapping"] else { return false }
      return mappings.first
        == .text(#"{"user":"user0@example.org","ip":"203.0.113.7","user_agent":"curl "8""}"#)
    }),
  PublishedCase(
    "user.account.lock with reason LOCKED_OUT", .accountsLockedOut, gives: 5,
    (0..<25).map { lock($0, at: clock(10, 0, $0)) }
      + (1..<5).flatMap { bucket in (0..<6).map { lock($0, at: clock(10, bucket * 5, $0)) } },
    check: holds("no other rule fires") { $0.allSatisfy { $0.rule.id == "okta-accounts-locked-out" } }),
]
