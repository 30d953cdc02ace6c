import SluiceRecords

/// Rule `okta-credential-stuffing`, after Elastic's ES|QL query; see DetectionSemantics.md.
enum CredentialStuffing {
  static func matches(_ event: ReferenceEvent) -> Bool {
    guard let type = event.eventType, event.user != nil else { return false }
    guard type.bytes.starts(with: "user.authentication.".utf8) || type == "user.session.start" else {
      return false
    }
    return event.reason == "INVALID_CREDENTIALS" || event.reason == "LOCKED_OUT"
  }

  static func detections(_ observations: [ReferenceObservation], _ options: ReferenceOptions) -> [Detection] {
    Dictionary(grouping: observations, by: \.keyIP).flatMap { address, group in
      options.windowAll ? whole(address, group, options) : hopping(address, group)
    }
  }

  /// Returns the detections of windows of 15 min that start at a multiple of 5 min and contain an event.
  private static func hopping(_ address: IPAddress?, _ group: [ReferenceObservation]) -> [Detection] {
    var windows: [EventTime: [ReferenceObservation]] = [:]
    for observation in group {
      let latest = floor(observation.time, toMultipleOf: minutes(5))
      for start in [latest, latest + minutes(-5), latest + minutes(-10)] {
        windows[start, default: []].append(observation)
      }
    }
    var detections = windows.compactMap { start, events in
      detection(address, events, start: start, end: start + minutes(15))
    }
    detections.sort(by: Detection.inOrder)
    Detection.joinEpisodes(&detections)
    return detections
  }

  private static func whole(
    _ address: IPAddress?, _ group: [ReferenceObservation], _ options: ReferenceOptions
  ) -> [Detection] {
    var start = group.map(\.time).min()!
    var end = group.map(\.time).max()!
    if let from = options.from, let to = options.to { (start, end) = (from, to) }
    return detection(address, group, start: start, end: end).map { [$0] } ?? []
  }

  private static func detection(
    _ address: IPAddress?, _ observations: [ReferenceObservation], start: EventTime, end: EventTime
  ) -> Detection? {
    let events = observations.map(\.event)
    let attempts = Dictionary(grouping: events, by: \.user!).values.map(\.count)
    let few = attempts.count { $0 <= 2 }
    let percentFew = Double(few) * 100.0 / Double(attempts.count)
    guard events.count >= 25, attempts.count >= 15, attempts.max()! <= 2, percentFew >= 80.0 else {
      return nil
    }

    let first = observations.map(\.time).min()!
    let last = observations.map(\.time).max()!
    return Detection(
      rule: .credentialStuffing, clientIP: address, windowStart: start, windowEnd: end, firstSeen: first,
      lastSeen: last, eventCount: events.count,
      columns: [
        .init("Esql.unique_users", .integer(attempts.count)),
        .init("Esql.total_attempts", .integer(events.count)),
        .init("Esql.max_attempts_per_user", .integer(attempts.max()!)),
        .init("Esql.min_attempts_per_user", .integer(attempts.min()!)),
        .init("Esql.avg_attempts_per_user", .double(Double(events.count) / Double(attempts.count))),
        .init("Esql.users_with_single_attempt", .integer(attempts.count { $0 == 1 })),
        .init("Esql.users_with_few_attempts", .integer(few)),
        .init("Esql.first_seen", .time(first)),
        .init("Esql.last_seen", .time(last)),
        .init("Esql.target_users", list(events.map(\.user))),
        .init("Esql.user_source_mapping", list(events.map { mapping($0, address) })),
        .init("Esql.event_action_values", list(events.map(\.eventType))),
        .init("Esql.user_agent_values", list(events.map(\.userAgent))),
        .init("Esql.device_values", list(events.map(\.device))),
        .init("Esql.is_proxy_values", list(events.map { $0.isProxy.map { .bool($0) } })),
        .init("Esql.geo_country_values", list(events.map(\.country))),
        .init("Esql.geo_city_values", list(events.map(\.city))),
        .init("Esql.source_asn_values", list(events.map { $0.asNumber.map { .integer($0) } })),
        .init("Esql.source_asn_org_values", list(events.map(\.asOrg))),
        .init("Esql.threat_suspected_values", list(events.map(\.threatSuspected))),
        .init("Esql.risk_level_values", list(events.map(\.risk.level))),
        .init("Esql.risk_reasons_values", list(events.flatMap(\.risk.reasons))),
        .init("Esql.pct_users_few_attempts", .double(percentFew)),
        .init("okta.client.ip", address.map { .address($0) } ?? .null),
      ],
      message: LogText(
        "Potential credential stuffing from \(shown(address)): \(events.count) failed sign-ins of "
          + "\(attempts.count) users."))
  }

  /// Returns text that looks like JSON but is concatenated without escaping, as in the query.
  private static func mapping(_ event: ReferenceEvent, _ address: IPAddress?) -> LogText {
    let agent = event.userAgent ?? "unknown"
    return LogText(
      Array("{\"user\":\"".utf8) + event.user!.bytes + Array("\",\"ip\":\"\(shown(address))\"".utf8)
        + Array(",\"user_agent\":\"".utf8) + agent.bytes + Array("\"}".utf8))
  }
}
