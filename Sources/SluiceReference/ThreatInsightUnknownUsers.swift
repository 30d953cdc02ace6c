import SluiceRecords

/// Rule `okta-threatinsight-unknown-users`, after Datadog's def-000-laz; see DetectionSemantics.md.
enum ThreatInsightUnknownUsers {
  static let phrase = LogText("Login failures with high unknown users count")

  static func matches(_ event: ReferenceEvent) -> Bool {
    guard event.eventType == "security.threat.detected" else { return false }
    guard event.threatSuspected?.description.lowercased() == "true" else { return false }
    return event.reason.map(commaList)?.contains(phrase) ?? false
  }

  static func detections(_ observations: [ReferenceObservation]) -> [Detection] {
    Dictionary(grouping: observations, by: \.keyIP).flatMap { address, group in
      sessions(group.sorted { $0.time < $1.time }).map { detection(address, $0) }
    }
  }

  /// Returns sessions: each match comes within 1 h of the previous one and within 24 h of the first.
  private static func sessions(_ observations: [ReferenceObservation]) -> [[ReferenceObservation]] {
    var sessions: [[ReferenceObservation]] = []
    for observation in observations {
      if let session = sessions.last, observation.time <= session.last!.time + hours(1),
        observation.time <= session.first!.time + hours(24)
      {
        sessions[sessions.count - 1].append(observation)
      } else {
        sessions.append([observation])
      }
    }
    return sessions
  }

  private static func detection(_ address: IPAddress?, _ session: [ReferenceObservation]) -> Detection {
    let events = session.map(\.event)
    let first = session.first!.time
    let last = session.last!.time
    return Detection(
      rule: .threatInsightUnknownUsers, clientIP: address, windowStart: first, windowEnd: last,
      firstSeen: first, lastSeen: last, eventCount: events.count,
      columns: [
        .init("event_count", .integer(events.count)),
        .init("exact_reason_events", .integer(events.count { $0.reason == phrase })),
        .init("reasons", list(events.flatMap { $0.reason.map(commaList) ?? [] })),
        .init("outcome_results", list(events.map(\.result))),
        .init("threat_detections", list(events.map(\.threatDetections))),
        .init("user_agents", list(events.map(\.userAgent))),
        .init("countries", list(events.map(\.country))),
        .init("cities", list(events.map(\.city))),
        .init("as_numbers", list(events.map { $0.asNumber.map { .integer($0) } })),
        .init("as_orgs", list(events.map(\.asOrg))),
        .init("is_proxy", list(events.map { $0.isProxy.map { .bool($0) } })),
      ],
      message: LogText(
        "Okta ThreatInsight reported login failures with many unknown users from \(shown(address))."))
  }
}
