import SluiceRecords
import Testing

/// The detections that form one incident or one episode.
@Suite struct IncidentTests {
  private static let hour: Int64 = 3_600_000

  /// Returns a detection.
  ///
  /// - Parameter seen: The first and last time, in milliseconds after 10:00; the window is the same.
  private func detection(
    _ rule: RuleMetadata, _ seen: ClosedRange<Int64>, address: UInt32? = 1, events: Int = 1,
    columns: [Detection.Column] = []
  ) -> Detection {
    let base: Int64 = 1_767_607_200_000
    let first = EventTime(milliseconds: base + seen.lowerBound)
    let last = EventTime(milliseconds: base + seen.upperBound)
    return Detection(
      rule: rule, clientIP: address.map { IPAddress(v4: $0) }, windowStart: first, windowEnd: last,
      firstSeen: first, lastSeen: last, eventCount: events, columns: columns, message: "")
  }

  /// Returns the indices of the detections of each incident, which must not depend on the order of the input.
  private func incidents(_ detections: [Detection]) -> [[Int]] {
    var results: Set<[[Int]]> = []
    for rotation in detections.indices {
      var joined = Array(detections[rotation...] + detections[..<rotation])
      Detection.joinIncidents(&joined)
      let numbers = Dictionary(uniqueKeysWithValues: detections.enumerated().map { ($1.id, $0) })
      results.insert(
        Dictionary(grouping: joined, by: \.incident).values
          .map { $0.compactMap { numbers[$0.id] }.sorted() }.sorted { $0[0] < $1[0] })
    }
    #expect(results.count == 1, "the order matters: \(results)")
    return results.first ?? []
  }

  @Test func spansWithinAnHourAreOne() {
    let hour = Self.hour
    #expect(
      incidents([
        detection(.credentialStuffing, 0...5), detection(.accountsLockedOut, (5 + hour)...(6 + hour)),
      ])
        == [[0, 1]])
    #expect(
      incidents([
        detection(.credentialStuffing, 0...5), detection(.accountsLockedOut, (6 + hour)...(7 + hour)),
      ])
        == [[0], [1]])
  }

  @Test func nearDetectionsChainIntoOneIncident() {
    let hour = Self.hour
    let chain = (0..<5).map { detection(.accountsLockedOut, ($0 * hour)...($0 * hour)) }
    #expect(incidents(chain) == [[0, 1, 2, 3, 4]])
    // A long detection reaches one that begins long after a later detection's end.
    #expect(
      incidents([
        detection(.threatInsightUnknownUsers, 0...(10 * hour)), detection(.accountsLockedOut, 1...2),
        detection(.credentialStuffing, (11 * hour)...(11 * hour)),
      ]) == [[0, 1, 2]])
  }

  @Test func otherAddressesAreOtherIncidents() {
    #expect(
      incidents([detection(.accountsLockedOut, 0...5), detection(.accountsLockedOut, 0...5, address: 2)]) == [
        [0], [1],
      ])
  }

  /// Without an address, only detections of one episode belong together.
  @Test func theNullKeyJoinsNothing() {
    var detections = [
      detection(.accountsLockedOut, 0...5, address: nil), detection(.credentialStuffing, 0...5, address: nil),
      detection(.credentialStuffing, 5...6, address: nil),
    ]
    detections[2].episode = detections[1].id
    #expect(incidents(detections) == [[0], [1, 2]])
    Detection.joinIncidents(&detections)
    #expect(detections.allSatisfy { $0.alsoSeenBy.isEmpty })
  }

  /// Windows may be long. An episode is one incident, however long its windows have no event.
  @Test func anEpisodeIsNeverCut() {
    let hour = Self.hour
    var detections = [
      detection(.accountsLockedOut, 0...0), detection(.accountsLockedOut, (5 * hour)...(5 * hour)),
    ]
    #expect(incidents(detections) == [[0], [1]])
    detections[1].episode = detections[0].id
    #expect(incidents(detections) == [[0, 1]])
  }

  @Test func theFirstInTimeGivesTheName() {
    let threat = detection(.threatInsightUnknownUsers, 3...9)
    let stuffing = detection(.credentialStuffing, 2...4)
    let lock = detection(.accountsLockedOut, 2...8)
    var detections = [threat, stuffing, lock]
    Detection.joinIncidents(&detections)
    // If two begin together, the first one in the order of the output counts, which is by rule.
    #expect(detections.allSatisfy { $0.incident == lock.id })
    #expect(
      detections.map(\.alsoSeenBy) == [
        ["okta-accounts-locked-out", "okta-credential-stuffing"],
        ["okta-accounts-locked-out", "okta-threatinsight-unknown-users"],
        ["okta-credential-stuffing", "okta-threatinsight-unknown-users"],
      ])
  }

  @Test func suppressedDetectionsJoinIncidents() {
    var detections = [detection(.credentialStuffing, 0...5), detection(.accountsLockedOut, 1...2)]
    var plain = detections
    Detection.joinIncidents(&plain)
    detections[0].suppressed = .init(exception: "e", owner: "o", reason: "r", expires: nil)
    Detection.joinIncidents(&detections)
    #expect(detections.map(\.incident) == plain.map(\.incident))
    #expect(detections.map(\.alsoSeenBy) == [["okta-accounts-locked-out"], ["okta-credential-stuffing"]])
  }

  @Test func noDetectionsMakeNoIncidents() {
    var none: [Detection] = []
    Detection.joinIncidents(&none)
    #expect(none.isEmpty)
    #expect(Episode.grouped(none).isEmpty)
    #expect(Incident.grouped([]).isEmpty)
  }

  // MARK: Episodes

  private func stuffing(_ seen: ClosedRange<Int64>, events: Int, users: Int, attempts: Int) -> Detection {
    detection(
      .credentialStuffing, seen, events: events,
      columns: [
        .init("Esql.unique_users", .integer(users)), .init("Esql.total_attempts", .integer(attempts)),
      ])
  }

  @Test func anEpisodeHasThePeaksOfItsWindows() throws {
    var windows = [
      stuffing(0...10, events: 31, users: 20, attempts: 31),
      stuffing(5...25, events: 40, users: 19, attempts: 39),
      stuffing(20...30, events: 26, users: 26, attempts: 26),
    ]
    Detection.joinEpisodes(&windows)
    windows.append(
      detection(.accountsLockedOut, 1...2, events: 6, columns: [.init("distinct_users", .integer(4))]))
    Detection.joinIncidents(&windows)
    for detections in [windows, windows.reversed()] {
      let episodes = Episode.grouped(detections)
      try #require(episodes.count == 2)
      let (first, second) = (episodes[0], episodes[1])
      #expect(first.id == windows[0].id)
      #expect(first.detections == Array(windows[..<3]))
      #expect(first.windowCount == 3)
      #expect(first.firstSeen == windows[0].firstSeen)
      #expect(first.lastSeen == windows[2].lastSeen)
      #expect((first.peakEventCount, first.peakUserCount, first.peakAttemptCount) == (40, 26, 39))
      #expect((second.peakEventCount, second.peakUserCount, second.peakAttemptCount) == (6, 4, nil))
      #expect(first.alsoSeenBy == ["okta-accounts-locked-out"])
      #expect(second.incident == windows[0].id)
      let incidents = Incident.grouped(episodes.reversed())
      try #require(incidents.count == 1)
      #expect(incidents[0].id == windows[0].id)
      #expect(incidents[0].episodes.map(\.id) == [first.id, second.id])
      #expect(incidents[0].firstSeen == first.firstSeen)
      #expect(incidents[0].lastSeen == first.lastSeen)
    }
  }

  /// Each window names the users that its own events attempted. A user is compromised if any window says so.
  @Test func aUserCompromisedInAnyWindowIsCompromised() throws {
    func window(_ seen: ClosedRange<Int64>, _ compromised: [LogText]?) -> Detection {
      var window = stuffing(seen, events: 30, users: 30, attempts: 30)
      window.triage = compromised.map { users in
        var triage = Triage(from: window.firstSeen, to: window.lastSeen)
        triage.compromisedUsers = users
        return triage
      }
      return window
    }
    var windows = [
      window(0...10, ["b", "a"]), window(5...20, []), window(15...30, nil), window(25...40, ["c", "a"]),
    ]
    Detection.joinEpisodes(&windows)
    var lock = detection(.accountsLockedOut, 1...2)
    lock.triage = Triage(from: lock.firstSeen, to: lock.lastSeen)
    lock.triage?.compromisedUsers = ["d"]
    windows.append(lock)
    Detection.joinIncidents(&windows)
    let episodes = Episode.grouped(windows)
    #expect(episodes.map(\.compromisedUsers) == [["a", "b", "c"], ["d"]])
    #expect(episodes.map(\.compromisedCount) == [3, 1])
    let incidents = Incident.grouped(episodes)
    #expect(incidents.map(\.compromisedUsers) == [["a", "b", "c", "d"]])
    #expect(incidents.map(\.compromisedCount) == [4])
    var unknown = [window(0...10, nil)]
    Detection.joinIncidents(&unknown)
    #expect(Episode.grouped(unknown)[0].compromisedCount == nil)
  }

  /// The values of a named column are users, whatever the rule; placeholders for a missing user are not.
  @Test func usersAreTheValuesOfUserColumns() {
    func users(_ column: String, _ value: Value) -> [LogText]? {
      detection(.accountsLockedOut, 0...1, columns: [.init(column, value)]).users
    }
    #expect(users("user", .list([.text("a"), .text("unknown")])) == ["a"])
    #expect(users("Esql.target_users", .list([.text("a"), .text("b")])) == ["a", "b"])
    #expect(users("okta.actor.alternate_id", .text("a")) == ["a"])
    #expect(users("user", .null) == nil)
    #expect(users("reasons", .list([.text("a")])) == nil)
  }
}
