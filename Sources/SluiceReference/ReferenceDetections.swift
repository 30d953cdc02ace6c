import SluiceRecords

/// The three detections by the plainest code that could be right, as the oracle of the tests.
///
/// Given the lines of an archive that holds Okta events, in any of the shapes of INPUTS.md, all in memory; one thread, no prefilter, no
/// sharding. Wants memory for every matching event and time for a full parse of every line.
///
///     let result = referenceDetections(lines: lines, options: ReferenceOptions())
///
/// It shares the output records with the engine and nothing else. Unlike the engine it parses every line, so it
/// also rejects lines that no rule would have looked at.
public func referenceDetections(lines: [[UInt8]], options: ReferenceOptions) -> ReferenceResult {
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

  // No event passes two filters: each asks for other event types.
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

public struct ReferenceOptions: Sendable {
  /// One group an IP over everything, for the credential stuffing rule only.
  public var windowAll = false
  /// Half-open, on event time: which observations take part in windows.
  public var from: EventTime?
  public var to: EventTime?
  public var keepDuplicates = false
  /// Whether detections are triaged, but for the numbers of files.
  public var triages = true
  /// Ids of the rules in force; nil for all three.
  public var rules: Set<String>?

  public init() {}
}

public struct ReferenceResult: Sendable {
  /// Sorted by `Detection.inOrder`, episodes and incidents joined.
  public var detections: [Detection] = []
  /// Lines that are not blank, or what several events on one line are; always `events` and all of `rejected`.
  public var records = 0
  public var events = 0
  public var blankLines = 0
  /// By reason: `json` (no valid JSON object), `time` (matched a rule, but has no usable time), `shape` (of no known
  /// shape, but holds what a rule looks for), `unrecognised` (of no known shape, and holds nothing of that).
  public var rejected: [String: Int] = [:]
  /// Of the events, those that no rule looks at and that have no time. A scan that samples one does not recognise it.
  public var eventsWithoutTime = 0
  /// By rule id: events that passed the filter, before duplicates are dropped and regardless of `from` and `to`.
  public var observations: [String: Int] = [:]
  /// Observations within `from` and `to` that were dropped.
  public var duplicates = 0
}
