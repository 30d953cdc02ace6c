import SluiceRecords

/// An event that passed the filter of one rule, with the time and the IP that the rule uses.
struct ReferenceObservation {
  var event: ReferenceEvent
  var time: EventTime
  var keyIP: IPAddress?
}

/// Drops all but one of a rule's observations with the same `uuid`, IP and time.
///
/// This is done before grouping, so that copies count once even if they differ in the rule's key. The choice does not
/// depend on input order: the observation whose fields, as texts, come first is kept.
func withoutDuplicates(_ observations: [ReferenceObservation]) -> [ReferenceObservation] {
  struct Identity: Hashable {
    var uuid: LogText
    var keyIP: IPAddress?
    var time: EventTime
  }
  var kept = observations.filter { $0.event.uuid == nil }
  var first: [Identity: ReferenceObservation] = [:]
  for observation in observations {
    guard let uuid = observation.event.uuid else { continue }
    let identity = Identity(uuid: uuid, keyIP: observation.keyIP, time: observation.time)
    if let other = first[identity], !precedes(observation.event, other.event) { continue }
    first[identity] = observation
  }
  kept += first.values
  return kept
}

private func precedes(_ a: ReferenceEvent, _ b: ReferenceEvent) -> Bool {
  for (a, b) in zip(fields(a), fields(b)) where a != b {
    guard let a else { return true }
    guard let b else { return false }
    return a < b
  }
  return false
}

/// Returns all fields of an event that any detection shows.
private func fields(_ event: ReferenceEvent) -> [LogText?] {
  [
    event.eventType, event.user, event.userAgent, event.device, event.isProxy.map { LogText("\($0)") },
    event.country, event.city, event.asNumber.map { LogText("\($0)") }, event.asOrg, event.result,
    event.reason, event.threatSuspected, event.threatDetections, event.risk.level,
    LogText(event.risk.reasons.map(\.bytes).joined(separator: ",".utf8)), event.actorID, event.isp,
    event.domain,
  ]
}

/// Returns the values of a list column: distinct and sorted; null if there are none.
func list(_ values: [Value?]) -> Value {
  let distinct = Set(values.compactMap { $0 })
  return distinct.isEmpty ? .null : .list(distinct.sorted(by: Value.inOrder))
}

func list(_ texts: [LogText?]) -> Value { list(texts.map { $0.map { Value.text($0) } }) }

/// Returns the text of an IP in messages and keys: canonical, or `unknown`.
func shown(_ address: IPAddress?) -> String { address.map { "\($0)" } ?? "unknown" }

/// Returns the start of the interval, counted from the epoch, that contains a time.
func floor(_ time: EventTime, toMultipleOf length: Int64) -> EventTime {
  let remainder = time.milliseconds % length
  return EventTime(milliseconds: time.milliseconds - (remainder < 0 ? remainder + length : remainder))
}

func + (time: EventTime, milliseconds: Int64) -> EventTime {
  EventTime(milliseconds: time.milliseconds + milliseconds)
}

func minutes(_ count: Int64) -> Int64 { count * 60_000 }
func hours(_ count: Int64) -> Int64 { count * 3_600_000 }
