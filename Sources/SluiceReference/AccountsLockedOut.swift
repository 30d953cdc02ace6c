import SluiceRecords

/// Rule `okta-accounts-locked-out`, after Splunk's search, version 3; see DetectionSemantics.md.
enum AccountsLockedOut {
  private struct Key: Hashable {
    var result: LogText
    var command: LogText
    var address: IPAddress?
  }

  static func matches(_ event: ReferenceEvent) -> Bool { event.eventType == "user.account.lock" }

  static func detections(_ observations: [ReferenceObservation]) -> [Detection] {
    let groups = Dictionary(grouping: observations) { observation in
      Key(
        result: observation.event.result ?? "unknown", command: observation.event.eventType ?? "unknown",
        address: observation.keyIP)
    }
    return groups.flatMap { key, group in
      let buckets = Dictionary(grouping: group) { floor($0.time, toMultipleOf: minutes(5)) }
      var detections = buckets.filter { $0.value.count > 5 }.map { detection(key, bucket: $0.key, $0.value) }
      detections.sort(by: Detection.inOrder)
      Detection.joinEpisodes(&detections)
      return detections
    }
  }

  private static func detection(
    _ key: Key, bucket: EventTime, _ observations: [ReferenceObservation]
  ) -> Detection {
    let sourcetype = LogText("OktaIM2:log")
    let users = Set(observations.map { $0.event.user ?? "unknown" })
    // There are more than five observations, so none of these is nil.
    let first = observations.map(\.time).min()!
    let last = observations.map(\.time).max()!
    let source = shown(key.address)
    return Detection(
      rule: .accountsLockedOut, clientIP: key.address,
      restOfKey: [
        .init("result", .text(key.result)), .init("command", .text(key.command)),
        .init("sourcetype", .text(sourcetype)),
      ],
      windowStart: bucket, windowEnd: bucket + minutes(5), firstSeen: first, lastSeen: last,
      eventCount: observations.count,
      columns: [
        .init("_time", .time(bucket)),
        .init("result", .text(key.result)),
        .init("command", .text(key.command)),
        .init("sourcetype", .text(sourcetype)),
        .init("src", .text(LogText(source))),
        .init("count", .integer(observations.count)),
        .init("lastTime", .time(last)),
        .init("firstTime", .time(first)),
        .init("user", list(Array(users))),
        .init("distinct_users", .integer(users.count)),
      ],
      message: LogText(
        "Multiple accounts locked out in Okta from [\(source)]. Investigate further to determine if this was "
          + "authorized."))
  }
}
