import SluiceRecords

extension Rule {
  /// Elastic, "Potential Okta Credential Stuffing (Single Source)", rule 94e734c0-2cda-11ef-84e1-f661ea17fbce.
  ///
  /// Deployed every 5 minutes over the last 15; the query's text alone has no window. Its condition can turn false with
  /// one more event: a third attempt by one user silences the window.
  public static let credentialStuffing = Rule(
    metadata: .credentialStuffing,
    filter: [
      Step("outcome.reason", .isOne(.outcomeReason, of: ["INVALID_CREDENTIALS", "LOCKED_OUT"])),
      Step(
        "eventType",
        .any([.hasPrefix(.eventType, "user.authentication."), .isEqual(.eventType, "user.session.start")])),
      Step("actor.alternateId", .exists(.user)),
    ],
    clientIP: .client,
    restOfKey: [],
    window: .hopping(length: 15 * 60_000, slide: 5 * 60_000),
    windowOfText: .whole,
    innerGroup: .user,
    columns: [
      Column("Esql.unique_users", .groups(.count)),
      Column("Esql.total_attempts", .groups(.sum)),
      Column("Esql.max_attempts_per_user", .groups(.maximum)),
      Column("Esql.min_attempts_per_user", .groups(.minimum)),
      Column("Esql.avg_attempts_per_user", .groups(.average)),
      Column("Esql.users_with_single_attempt", .groups(.countWithAtMost(1))),
      Column("Esql.users_with_few_attempts", .groups(.countWithAtMost(2))),
      Column("Esql.first_seen", .firstTime),
      Column("Esql.last_seen", .lastTime),
      Column("Esql.target_users", .values(.user)),
      Column("Esql.user_source_mapping", .texts(userSourceMapping)),
      Column("Esql.event_action_values", .values(.eventType)),
      Column("Esql.user_agent_values", .values(.userAgent)),
      Column("Esql.device_values", .values(.device)),
      Column("Esql.is_proxy_values", .values(.isProxy)),
      Column("Esql.geo_country_values", .values(.country)),
      Column("Esql.geo_city_values", .values(.city)),
      Column("Esql.source_asn_values", .values(.asNumber)),
      Column("Esql.source_asn_org_values", .values(.asOrg)),
      Column("Esql.threat_suspected_values", .values(.threatSuspected)),
      Column("Esql.risk_level_values", .values(.riskLevel)),
      Column("Esql.risk_reasons_values", .elements(.riskReasons)),
      Column(
        "Esql.pct_users_few_attempts",
        .expression(
          .divide(
            .multiply(.column("Esql.users_with_few_attempts"), .number(100)), .column("Esql.unique_users")))),
      Column("okta.client.ip", .clientIP),
    ],
    condition: .all([
      .atLeast(.column("Esql.total_attempts"), .number(25)),
      .atLeast(.column("Esql.unique_users"), .number(15)),
      .atMost(.column("Esql.max_attempts_per_user"), .number(2)),
      .atLeast(.column("Esql.pct_users_few_attempts"), .number(80)),
    ]),
    message: Template([
      .text("Potential credential stuffing from "), .clientIP(null: "unknown"), .text(": "),
      .column("Esql.total_attempts"), .text(" failed sign-ins of "), .column("Esql.unique_users"),
      .text(" users."),
    ]))

  /// As the query concatenates it: what looks like JSON is not escaped.
  private static let userSourceMapping = Template([
    .text("{\"user\":\""), .field(.user, null: "unknown"), .text("\",\"ip\":\""), .clientIP(null: "unknown"),
    .text("\",\"user_agent\":\""), .field(.userAgent, null: "unknown"), .text("\"}"),
  ])
}
