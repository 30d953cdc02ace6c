import SluiceRecords

extension Rule {
  /// Datadog, "Okta ThreatInsight login failure spikes with unknown users", def-000-laz.
  ///
  /// Datadog publishes no threshold, window or grouping: one event fires, by client IP, and signals stay open like its
  /// engine keeps them. Those sessions are how signals are kept, not a schedule, so the text alone has them too.
  public static let threatInsightUnknownUsers = Rule(
    metadata: .threatInsightUnknownUsers,
    filter: [
      Step("eventType", .isEqual(.eventType, "security.threat.detected")),
      Step("debugContext.debugData.threatSuspected", .isTrue(.threatSuspected)),
      Step("outcome.reason", .lists(.outcomeReason, unknownUsers)),
    ],
    clientIP: .clientOrActor,
    restOfKey: [],
    window: .session(keepAlive: 60 * 60_000, maximum: 24 * 60 * 60_000),
    windowOfText: .session(keepAlive: 60 * 60_000, maximum: 24 * 60 * 60_000),
    innerGroup: nil,
    columns: [
      Column("event_count", .eventCount),
      Column("exact_reason_events", .eventCountWhere(.isEqual(.outcomeReason, unknownUsers))),
      Column("reasons", .elements(.outcomeReason)),
      Column("outcome_results", .values(.outcomeResult)),
      Column("threat_detections", .values(.threatDetections)),
      Column("user_agents", .values(.userAgent)),
      Column("countries", .values(.country)),
      Column("cities", .values(.city)),
      Column("as_numbers", .values(.asNumber)),
      Column("as_orgs", .values(.asOrg)),
      Column("is_proxy", .values(.isProxy)),
    ],
    condition: .atLeast(.column("event_count"), .number(1)),
    message: Template([
      .text("Okta ThreatInsight reported login failures with many unknown users from "),
      .clientIP(null: "unknown"),
      .text("."),
    ]))

  private static let unknownUsers: LogText = "Login failures with high unknown users count"
}
