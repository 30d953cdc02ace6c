import SluiceRecords

/// Returns the detections of the three published rules by the simplest code that could be right, as the tests' oracle.
///
/// It takes the lines of an archive of Okta events, in any of the shapes of Input.md, all in memory. It uses one
/// thread, no prefilter and no shards. It needs memory for every matching event and time to parse every line.
///
///     let result = referenceDetections(lines: lines, options: ReferenceOptions())
///
/// It shares only the output records with the engine. Unlike the engine it parses every line, so it also rejects lines
/// that no rule selects.
package func referenceDetections(lines: [[UInt8]], options: ReferenceOptions) -> ReferenceResult {
  var result = ReferenceResult()
  var threats: [ReferenceObservation] = []
  var failures: [ReferenceObservation] = []
  var locks: [ReferenceObservation] = []
  var events: [ReferenceEvent] = []

  func selected(_ rule: RuleMetadata) -> Bool { options.rules?.contains(rule.id) ?? true }
  func observe(
    _ event: ReferenceEvent, keyIP: IPAddress?, _ rule: RuleMetadata, in rows: inout [ReferenceObservation]
  ) {
    guard let time = event.published else { return result.rejected["time", default: 0] += 1 }
    result.events += 1
    result.observations[rule.id, default: 0] += 1
    if let from = options.from, time < from { return }
    if let to = options.to, time >= to { return }
    rows.append(ReferenceObservation(event: event, time: time, keyIP: keyIP))
  }

  // No event passes two filters, because each requires other event types.
  func look(_ event: ReferenceEvent) {
    if selected(.threatInsightUnknownUsers), ThreatInsightUnknownUsers.matches(event) {
      observe(event, keyIP: event.threatSourceIP, .threatInsightUnknownUsers, in: &threats)
    } else if selected(.credentialStuffing), CredentialStuffing.matches(event) {
      observe(event, keyIP: event.clientIP, .credentialStuffing, in: &failures)
    } else if selected(.accountsLockedOut), AccountsLockedOut.matches(event) {
      observe(event, keyIP: event.clientIP, .accountsLockedOut, in: &locks)
    } else {
      result.events += 1
      if event.published == nil { result.eventsWithoutTime += 1 }
    }
  }

  let literals = [
    (RuleMetadata.threatInsightUnknownUsers, ["security.threat.detected"]),
    (.credentialStuffing, ["INVALID_CREDENTIALS", "LOCKED_OUT"]), (.accountsLockedOut, ["user.account.lock"]),
  ]
  let shapes = ReferenceShapes(literals: literals.filter { selected($0.0) }.flatMap(\.1))
  for (index, line) in lines.enumerated() {
    let text = index == 0 && line.starts(with: byteOrderMark) ? Array(line.dropFirst(3)) : line
    if text.allSatisfy({ " \t\r\n".utf8.contains($0) }) {
      result.blankLines += 1
      continue
    }
    let records = shapes.records(of: text)
    result.records += records.count
    for record in records {
      switch record {
      case .rejected(let reason): result.rejected[reason, default: 0] += 1
      case .unknown: result.rejected["unrecognised", default: 0] += 1
      case .event(let event):
        events.append(event)
        look(event)
      }
    }
  }

  if !options.keepDuplicates {
    let countBefore = threats.count + failures.count + locks.count
    threats = withoutDuplicates(threats)
    failures = withoutDuplicates(failures)
    locks = withoutDuplicates(locks)
    result.duplicates = countBefore - threats.count - failures.count - locks.count
  }
  result.detections = ThreatInsightUnknownUsers.detections(threats)
  result.detections += CredentialStuffing.detections(failures, options)
  result.detections += AccountsLockedOut.detections(locks)
  result.detections.sort(by: Detection.inOrder)
  if options.triages {
    let triage = ReferenceTriage(events, options)
    let observations: [RuleMetadata: [ReferenceObservation]] = [
      .threatInsightUnknownUsers: threats, .credentialStuffing: failures, .accountsLockedOut: locks,
    ]
    for i in result.detections.indices {
      let detection = result.detections[i]
      result.detections[i].triage = triage.triage(detection, observations[detection.rule] ?? [])
    }
  }
  joinIncidents(&result.detections)
  return result
}

private let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

package struct ReferenceOptions: Sendable {
  /// Whether the credential stuffing rule uses one window over the whole range; other rules ignore this.
  package var windowAll = false
  /// The half-open range of event time from which observations enter windows.
  package var from: EventTime?
  package var to: EventTime?
  package var keepDuplicates = false
  /// Whether detections are triaged; file counts are left out.
  package var triages = true
  /// The ids of the active rules; nil for all three.
  package var rules: Set<String>?

  package init() {}
}

package struct ReferenceResult: Sendable {
  /// The detections in the order of `Detection.inOrder`, with episodes and incidents set.
  package var detections: [Detection] = []
  /// The number of non-blank lines, or of events if one line has several; always `events` plus all of `rejected`.
  package var records = 0
  package var events = 0
  package var blankLines = 0
  /// The number of rejected records by reason.
  ///
  /// The reasons are `json` (no valid JSON object), `time` (a rule matched, but there is no usable time), `shape`
  /// (unknown shape with a rule's literal) and `unrecognised` (unknown shape without one).
  package var rejected: [String: Int] = [:]
  /// Events without a time that no rule selects. A scan that samples one does not recognise it.
  package var eventsWithoutTime = 0
  /// The events that passed each rule's filter, by rule id, before duplicates are dropped and regardless of `from` and
  /// `to`.
  package var observations: [String: Int] = [:]
  /// Observations within `from` and `to` that were dropped as duplicates.
  package var duplicates = 0
}
