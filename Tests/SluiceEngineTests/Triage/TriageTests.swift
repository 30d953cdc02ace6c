import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Triage, question by question.
@Suite struct TriageTests {
  private typealias Fixture = TriageFixture
  private static let user3: LogText = "user3@example.org"

  /// The time of `user3`'s attempt.
  private static let attempt = Fixture.time(seconds: 90)

  private func triage(_ change: (inout TriageFixture) -> Void) throws -> Triage {
    var scene = Fixture()
    change(&scene)
    return try #require(scene.triage())
  }

  @Test func anAttackAloneHasTargetsAndNoSuccess() throws {
    let triage = try triage { _ in }
    #expect(triage.from == Fixture.time(hours: -1))
    #expect(triage.to == Fixture.time(hours: 24, minutes: 12))
    #expect(triage.successCount == 0)
    #expect(triage.successUsers.isEmpty)
    #expect(triage.firstSuccess == nil)
    #expect(triage.validTargets == (0..<25).map { LogText("user\($0)@example.org") }.sorted())
    #expect(triage.otherTargets.isEmpty)
    #expect(triage.compromisedUsers.isEmpty)
    #expect(triage.threatInsightResults.isEmpty)
    #expect(triage.enforcement == nil)
    // Two events a minute, and the last one alone.
    #expect(triage.minutes.map(\.eventCount) == Array(repeating: 2, count: 12) + [1])
    #expect(triage.minutes.map(\.start) == (0...12).map { Fixture.time(minutes: $0) })
    var networks = Triage.Networks()
    networks.asNumbers = [.integer(64500)]
    networks.asOrgs = [.text("example transit")]
    networks.isps = [.text("example isp")]
    networks.domains = [.text("example.net")]
    networks.isProxy = [.bool(false)]
    networks.countries = [.text("Germany")]
    networks.cities = [.text("Jena")]
    #expect(triage.networks == networks)
    #expect(triage.filesRead == 1)
    #expect(triage.filesSkipped == 0)
  }

  @Test(arguments: [
    (Fixture.time(hours: -1, milliseconds: -1), false, false), (Fixture.time(hours: -1), true, false),
    (attempt, true, false), (Fixture.time(seconds: 90, milliseconds: 1), true, true),
    (Fixture.time(hours: 24, minutes: 12), true, true),
    (Fixture.time(hours: 24, minutes: 12, milliseconds: 1), false, false),
  ])
  func aSuccessAfterTheAttemptCompromisesTheUser(time: EventTime, isInRange: Bool, isCompromise: Bool) throws
  {
    let triage = try triage { $0.add(Fixture.success("user3@example.org", at: time)) }
    #expect(triage.successCount == (isInRange ? 1 : 0))
    #expect(triage.successUsers == (isInRange ? [Self.user3] : []))
    #expect(triage.firstSuccess == (isInRange ? time : nil))
    #expect(triage.compromisedUsers == (isCompromise ? [Self.user3] : []))
  }

  @Test func otherEventsAreNoSuccesses() throws {
    let later = Fixture.time(hours: 2)
    let success = Fixture.success("user3@example.org", at: later)
    let triage = try triage { scene in
      scene.add(success) { $0.ip = "203.0.113.8" }
      scene.add(success) { $0.ip = .null }
      scene.add(success) { $0.ip = "203.0.113.7 " }
      scene.add(success) { $0.eventType = "user.session.end" }
      scene.add(success) { $0.eventType = "user.authentication" }
      scene.add(success) { $0.result = "success" }
      scene.add(success) { $0.result = .null }
      scene.add(success) { $0.published = "2026-01-05" }
    }
    #expect(triage.successCount == 0)
    #expect(triage.compromisedUsers.isEmpty)
  }

  /// Other fields may contain the address although the event has another client IP.
  @Test func theAddressElsewhereInAnEventDoesNotCount() throws {
    let triage = try triage { scene in
      scene.add(Fixture.success("user3@example.org", at: Fixture.time(hours: 2))) {
        $0.ip = "203.0.113.8"
        $0.ipChain = .array([.members(["ip": "203.0.113.7"])])
        $0.userAgent = "203.0.113.7"
      }
    }
    #expect(triage.successCount == 0)
  }

  @Test func successesOfOtherUsersCompromiseNobody() throws {
    let triage = try triage { scene in
      scene.add(Fixture.success("other@example.org", at: Fixture.time(hours: 3)))
      scene.add(Fixture.success(.null, at: Fixture.time(hours: 2))) { $0.ip = "::ffff:203.0.113.7" }
      scene.add(Fixture.success("other@example.org", at: Fixture.time(hours: 4))) {
        $0.ip = "::FFFF:cb00:7107"
      }
    }
    #expect(triage.successCount == 3)
    #expect(triage.successUsers == ["other@example.org"])
    #expect(triage.firstSuccess == Fixture.time(hours: 2))
    #expect(triage.compromisedUsers.isEmpty)
  }

  @Test func copiesCountOnce() throws {
    let success = Fixture.success("user3@example.org", at: Fixture.time(hours: 2))
    var scene = Fixture()
    for _ in 0..<3 { scene.add(success) { $0.uuid = "one" } }
    #expect(scene.triage()?.successCount == 1)
    #expect(scene.triage { $0.keepsDuplicates = true }?.successCount == 3)
  }

  @Test(arguments: [
    (JSONTree?.some("00u1"), true), (.null, false), (nil, false), ("", false), ("unknown", false),
    ("203.0.113.7", false), ("::ffff:203.0.113.7", false), ("203.0.113.8", true), ("Unknown", true),
  ]) func onlyUsersWithAnAccountIDAreValidTargets(id: JSONTree?, isAccount: Bool) throws {
    let triage = try triage { $0.events[3].actorID = id }
    #expect(triage.validTargets.contains(Self.user3) == isAccount)
    #expect(triage.otherTargets == (isAccount ? [] : [Self.user3]))
  }

  @Test(
    arguments: [
      (["DENY"], .enforced), (["ALLOW", "RATE_LIMIT"], .enforced), (["ALLOW", "ALLOW"], .logged),
      (["ALLOW", .null], nil), ([.null], nil), (["ALLOW", "CHALLENGE"], nil), ([], nil),
    ] as [([JSONTree], Triage.Enforcement?)]) func threatResultsDecideTheEnforcement(
      results: [JSONTree], expected: Triage.Enforcement?
    )
    throws
  {
    let triage = try triage { scene in
      for (number, result) in results.enumerated() {
        // Only the actor may have the address.
        scene.add(Fixture.threat(result, at: Fixture.time(hours: 1 + number))) {
          $0.ip = number == 0 ? .null : $0.ip
        }
      }
      scene.add(Fixture.threat("DENY", at: Fixture.time(hours: -1, milliseconds: -1)))
      scene.add(Fixture.threat("DENY", at: Fixture.time(hours: 2))) { $0.ip = "203.0.113.8" }
    }
    #expect(triage.enforcement == expected)
    let texts = results.compactMap { if case .string(let text) = $0 { LogText(text) } else { nil } }
    #expect(triage.threatInsightResults == Set(texts).sorted())
  }

  @Test func networksComeFromAllEventsThatCount() throws {
    let triage = try triage { scene in
      scene.add(Fixture.success("a", at: Fixture.time(hours: 2))) { ($0.isp, $0.asNumber) = ("b isp", 7) }
      scene.add(Fixture.threat("DENY", at: Fixture.time(hours: 2))) {
        ($0.domain, $0.isProxy) = ("a.org", true)
      }
      scene.add(EventBuilder(eventType: "user.mfa.attempt", at: Fixture.time(hours: 2))) {
        $0.city = "Nowhere"
      }
    }
    #expect(triage.networks.isps == [.text("b isp"), .text("example isp")])
    #expect(triage.networks.asNumbers == [.integer(7), .integer(64500)])
    #expect(triage.networks.domains == [.text("a.org"), .text("example.net")])
    #expect(triage.networks.isProxy == [.bool(false), .bool(true)])
    #expect(triage.networks.cities == [.text("Jena")])
  }

  /// The rule's events name no user. Users count as attempted if their sign-ins failed, for whatever reason.
  @Test func failedSignInsNameTheTargetsOfARuleWithoutUsers() throws {
    var scene = Fixture()
    scene.events = []
    scene.add(Fixture.threat("ALLOW", at: Fixture.base)) {
      $0.reason = "Login failures with high unknown users count"
      $0.threatSuspected = "true"
    }
    func failure(_ user: JSONTree, _ time: EventTime, _ id: JSONTree) {
      scene.add(EventBuilder(eventType: "user.authentication.sso", at: time)) {
        ($0.user, $0.actorID, $0.reason) = (user, id, "VERIFICATION_ERROR")
      }
    }
    failure("early", Fixture.time(hours: -1), "00u1")
    failure("tooEarly", Fixture.time(hours: -1, milliseconds: -1), "00u1")
    failure("late", Fixture.time(hours: 24), "unknown")
    failure("late", Fixture.time(hours: 23), "unknown")
    for user in ["early", "late", "tooEarly", "other"] {
      scene.add(Fixture.success(.string(user), at: Fixture.time(hours: 23, minutes: 30)))
    }
    let detections = scene.scan().detections
    let triage = try #require(detections.count == 1 ? detections[0].triage : nil)
    #expect(triage.validTargets == ["early"])
    #expect(triage.otherTargets == ["late"])
    #expect(triage.compromisedUsers == ["early", "late"])
    #expect(triage.enforcement == .logged)
    #expect(triage.minutes == [.init(start: Fixture.base, eventCount: 1)])
  }

  /// Users and minutes belong to the detection itself, even if its key is more than the address.
  @Test func onlyTheDetectionsOwnEventsCount() throws {
    var scene = Fixture()
    scene.events = []
    for (result, count): (String, Int) in [("FAILURE", 6), ("OTHER", 7)] {
      for number in 0..<count {
        scene.add(EventBuilder(eventType: "user.account.lock", at: Fixture.time(seconds: 45 * number))) {
          ($0.result, $0.user) = (.string(result), .string("\(result)\(number)" as String))
        }
      }
    }
    scene.add(EventBuilder(eventType: "user.account.lock", at: Fixture.time(minutes: 5))) { $0.user = "next" }
    let detections = scene.scan().detections
    #expect(detections.count == 2)
    for detection in detections {
      let triage = try #require(detection.triage)
      #expect(detection[column: "user"] == .list(triage.validTargets.map { .text($0) }))
      #expect(triage.minutes.map(\.eventCount).reduce(0, +) == detection.eventCount)
    }
  }

  @Test func noTriageWithoutAnAddressOrIfNotWanted() throws {
    var scene = Fixture()
    #expect(scene.triage { $0.triages = false } == nil)
    scene.events = scene.events.map {
      var event = $0
      event.ip = .null
      return event
    }
    let result = scene.scan()
    try #require(result.detections.count == 1)
    #expect(result.detections[0].triage == nil)
    #expect(result.stats.triage?.input.files == 0)
    #expect(result.stats.triage?.filesSkipped == 1)
  }

  /// `--from` and `--to` restrict detections; other activity of the client may lie outside them.
  @Test func triageLooksBeyondTheTimeAskedFor() {
    var scene = Fixture()
    scene.add(Fixture.success("user3@example.org", at: Fixture.time(hours: 20)))
    let triage = scene.triage {
      $0.from = Fixture.base
      $0.to = Fixture.time(hours: 1)
    }
    #expect(triage?.compromisedUsers == [Self.user3])
  }

  // MARK: Files

  @Test func filesBeyondTheSlackAreSkipped() throws {
    var scene = Fixture()
    // From 09:00 on, less an hour of slack: the file of 07:00 ends before that, and the one of 08:00 does not. To
    // 10:12 of the next day: the file of 11:00 begins within an hour of it, and the one of 12:00 does not.
    for hours in [-4, -3, -2, -1, 24, 25, 26, 27] {
      scene.add(EventBuilder(eventType: "user.session.end", at: Fixture.time(hours: hours, minutes: 30)))
    }
    scene.add(EventBuilder(eventType: "user.session.end", at: Fixture.base)) { $0.published = .null }
    let result = scene.scan()
    // The file of an event without a time cannot be excluded.
    let near = 1 + [-2, -1, 24, 25].count + 1
    let triage = try #require(result.detections.first?.triage)
    #expect(triage.filesRead == near)
    #expect(triage.filesSkipped == 10 - near)
    let stats = try #require(result.stats.triage)
    #expect(stats.input.files == near)
    #expect(stats.filesSkipped == 10 - near)
    #expect(stats.records.lines == 25 + near - 1)
  }

  @Test(arguments: [1, 3, 64]) func triageDoesNotDependOnThreadsOrSizes(threads: Int) {
    var scene = Fixture()
    for hours in 0..<30 {
      scene.add(Fixture.success(.string("user\(hours)"), at: Fixture.time(hours: hours, minutes: 40)))
    }
    scene.add(Fixture.threat("DENY", at: Fixture.time(hours: 3)))
    let expected = scene.scan().detections.map(\.withoutEvidence)
    for (rangeBytesTarget, shardCount) in [(1, 1), (3000, 8), (1 << 20, 64)] {
      let result = scene.scan {
        $0.threads = threads
        $0.tuning.rangeBytesTarget = rangeBytesTarget
        $0.tuning.shardCount = shardCount
      }
      #expect(result.detections.map(\.withoutEvidence) == expected)
    }
  }
}
