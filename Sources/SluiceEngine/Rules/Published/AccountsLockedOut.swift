import SluiceRecords

extension Rule {
  /// Splunk, "Okta Multiple Accounts Locked Out", a511426e-184f-4de6-8711-cfd2af29d1e1, version 3.
  ///
  /// The query itself cuts time into buckets of 5 minutes, so its text alone has the same windows. It counts events, not
  /// users, and fills what is null with `unknown`.
  public static let accountsLockedOut = Rule(
    metadata: .accountsLockedOut,
    filter: [Step("eventType", .isEqual(.eventType, "user.account.lock"))],
    clientIP: .client,
    restOfKey: [
      KeyPart(name: "result", source: .field(.outcomeResult), null: "unknown"),
      KeyPart(name: "command", source: .field(.eventType), null: "unknown"),
      KeyPart(name: "sourcetype", source: .constant("OktaIM2:log"), null: "unknown"),
    ],
    window: .hopping(length: 5 * 60_000, slide: 5 * 60_000),
    windowOfText: .hopping(length: 5 * 60_000, slide: 5 * 60_000),
    innerGroup: nil,
    columns: [
      Column("_time", .windowStart),
      Column("result", .keyPart("result")),
      Column("command", .keyPart("command")),
      Column("sourcetype", .keyPart("sourcetype")),
      Column("src", .clientIPText(null: "unknown")),
      Column("count", .eventCount),
      Column("lastTime", .lastTime),
      Column("firstTime", .firstTime),
      Column("user", .values(.user, null: "unknown")),
      Column("distinct_users", .distinctCount(.user, null: "unknown")),
    ],
    condition: .moreThan(.column("count"), .number(5)),
    message: Template([
      .text("Multiple accounts locked out in Okta from ["), .clientIP(null: "unknown"),
      .text("]. Investigate further to determine if this was authorized."),
    ]))
}
