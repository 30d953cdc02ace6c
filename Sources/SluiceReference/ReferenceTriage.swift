import SluiceRecords

/// Triage of detections by the simplest code that could be right; see TriageAndEvidence.md.
///
/// It does not know files, so `files_read` and `files_skipped` stay 0.
struct ReferenceTriage {
  var options: ReferenceOptions
  /// Distinct events of these types with a usable time, whatever it is, and the IP that counts for each.
  var signIns: [ReferenceObservation]
  var threatInsight: [ReferenceObservation]

  /// - Parameter events: all events of the archive.
  init(_ events: [ReferenceEvent], _ options: ReferenceOptions) {
    self.options = options
    func observations(
      _ isWanted: (ReferenceEvent) -> Bool, _ keyIP: (ReferenceEvent) -> IPAddress?
    ) -> [ReferenceObservation] {
      let all = events.filter(isWanted).compactMap { event in
        event.published.map { ReferenceObservation(event: event, time: $0, keyIP: keyIP(event)) }
      }
      return options.keepDuplicates ? all : withoutDuplicates(all)
    }
    signIns = observations(
      { event in
        event.eventType == "user.session.start"
          || event.eventType?.bytes.starts(with: "user.authentication.".utf8) == true
      }, \.clientIP)
    threatInsight = observations({ $0.eventType == "security.threat.detected" }, \.threatSourceIP)
  }

  /// - Parameter observations: all observations that passed the filter of the detection's rule, without copies.
  func triage(_ detection: Detection, _ observations: [ReferenceObservation]) -> Triage? {
    guard let address = detection.clientIP else { return nil }
    var triage = Triage(from: detection.firstSeen + hours(-1), to: detection.lastSeen + hours(24))
    func isInRange(_ observation: ReferenceObservation) -> Bool {
      observation.keyIP == address && observation.time >= triage.from && observation.time <= triage.to
    }
    let own = observations.filter { $0.keyIP == address && isIn(detection, $0) }
    let signIns = signIns.filter(isInRange)
    let threats = threatInsight.filter(isInRange)

    let successes = signIns.filter { $0.event.result == "SUCCESS" }
    triage.successCount = successes.count
    triage.successUsers = distinct(successes.map(\.event.user))
    triage.firstSuccess = successes.map(\.time).min()

    let namesUsers = detection.rule != .threatInsightUnknownUsers
    let attempts = namesUsers ? own : signIns.filter { $0.event.result == "FAILURE" }
    let targets = distinct(attempts.map(\.event.user))
    triage.validTargets = targets.filter { user in
      attempts.contains { $0.event.user == user && isAccount($0.event.actorID, address) }
    }
    triage.otherTargets = targets.filter { !triage.validTargets.contains($0) }
    triage.compromisedUsers = targets.filter { user in
      let first = attempts.filter { $0.event.user == user }.map(\.time).min()!  // Each has attempts.
      return successes.contains { $0.event.user == user && $0.time > first }
    }

    triage.threatInsightResults = distinct(threats.map(\.event.result))
    if threats.contains(where: { $0.event.result == "DENY" || $0.event.result == "RATE_LIMIT" }) {
      triage.enforcement = .enforced
    } else if !threats.isEmpty, threats.allSatisfy({ $0.event.result == "ALLOW" }) {
      triage.enforcement = .logged
    }

    let byMinute = Dictionary(grouping: own) { floor($0.time, toMultipleOf: minutes(1)) }
    triage.minutes = byMinute.sorted { $0.key < $1.key }.map {
      Triage.Minute(start: $0.key, eventCount: $0.value.count)
    }

    let all = (own + signIns + threats).map(\.event)
    func values(_ value: (ReferenceEvent) -> Value?) -> [Value] {
      Set(all.compactMap(value)).sorted(by: Value.inOrder)
    }
    func texts(_ value: (ReferenceEvent) -> LogText?) -> [Value] { values { value($0).map { .text($0) } } }
    triage.networks.asNumbers = values { $0.asNumber.map { .integer($0) } }
    triage.networks.asOrgs = texts(\.asOrg)
    triage.networks.isps = texts(\.isp)
    triage.networks.domains = texts(\.domain)
    triage.networks.isProxy = values { $0.isProxy.map { .bool($0) } }
    triage.networks.countries = texts(\.country)
    triage.networks.cities = texts(\.city)
    return triage
  }

  /// Returns whether an event with the detection's rule and IP belongs to the detection.
  private func isIn(_ detection: Detection, _ observation: ReferenceObservation) -> Bool {
    for part in detection.restOfKey {
      let value: LogText
      switch part.name {
      case "result": value = observation.event.result ?? "unknown"
      case "command": value = observation.event.eventType ?? "unknown"
      default: continue  // The source type is the same for all.
      }
      if part.value != .text(value) { return false }
    }
    if let from = options.from, observation.time < from { return false }
    if let to = options.to, observation.time >= to { return false }
    // Sessions, and whole ranges that end with an event, include their end.
    let isWhole = detection.rule == .credentialStuffing && options.windowAll
    let includesEnd =
      detection.rule == .threatInsightUnknownUsers || isWhole && (options.from == nil || options.to == nil)
    return observation.time >= detection.windowStart
      && (observation.time < detection.windowEnd || includesEnd && observation.time == detection.windowEnd)
  }

  private func isAccount(_ id: LogText?, _ address: IPAddress) -> Bool {
    guard let id, id != "unknown" else { return false }
    return referenceAddress(id) != address
  }

  private func distinct(_ texts: [LogText?]) -> [LogText] { Set(texts.compactMap { $0 }).sorted() }
}
