/// The metadata of the rule that fired; the same for all detections of one rule.
public struct RuleMetadata: Hashable, Sendable {
  /// This project's identifier of the rule, such as `okta-credential-stuffing`.
  public var id: String
  public var vendor: String
  /// The vendor's own identifier of the published rule.
  public var vendorRuleID: String
  public var title: String
  public var severity: String
  /// The vendor's score from 0 to 100; nil if the vendor publishes none.
  public var riskScore: Int?
  /// ATT&CK tactics and techniques, such as `TA0006` and `T1110.004`.
  public var tactics: [String]
  public var techniques: [String]

  public init(
    id: String, vendor: String, vendorRuleID: String, title: String, severity: String, riskScore: Int?,
    tactics: [String], techniques: [String]
  ) {
    self.id = id
    self.vendor = vendor
    self.vendorRuleID = vendorRuleID
    self.title = title
    self.severity = severity
    self.riskScore = riskScore
    self.tactics = tactics
    self.techniques = techniques
  }

  /// The severity's rank from 1, informational, to 5, critical; 0 for an unusual severity.
  public var severityRank: Int {
    (["informational", "low", "medium", "high", "critical"].firstIndex(of: severity) ?? -1) + 1
  }
}

/// One firing of one rule: the record `sluice.detection/1`.
public struct Detection: Hashable, Sendable {
  public struct Column: Hashable, Sendable {
    public var name: String
    public var value: Value

    public init(_ name: String, _ value: Value) {
      self.name = name
      self.value = value
    }
  }

  /// The exception that covers the detection, which is known and needs no attention.
  public struct Suppression: Hashable, Sendable {
    /// The exception's id, the person or team responsible, and the reason.
    public var exception: String
    public var owner: String
    public var reason: String
    /// The event time from which the exception no longer applies.
    public var expires: EventTime?

    public init(exception: String, owner: String, reason: String, expires: EventTime?) {
      self.exception = exception
      self.owner = owner
      self.reason = reason
      self.expires = expires
    }

    package func write(to json: inout JSONWriter) {
      json.object { json in
        json.member("exception", exception)
        json.member("owner", owner)
        json.member("reason", reason)
        json.member("expires", expires.map { .time($0) } ?? .null)
      }
    }
  }

  public var rule: RuleMetadata
  public var clientIP: IPAddress?
  /// The parts of the key besides the client IP, by name; empty for most rules.
  public var restOfKey: [Column]
  /// The window is half-open. Sessions and whole ranges instead extend from their first to their last event, inclusive.
  public var windowStart: EventTime
  public var windowEnd: EventTime
  public var firstSeen: EventTime
  public var lastSeen: EventTime
  public var eventCount: Int
  /// The id of the first detection in this detection's episode.
  public var episode: String
  /// The id of the first detection in the incident, see ``Incident``.
  public var incident: String
  /// Other rules with a detection in the same incident, sorted by the bytes of their ids.
  public var alsoSeenBy: [String]
  public var columns: [Column]
  public var message: LogText
  /// The triage; nil without a client IP, or if triage was not requested.
  public var triage: Triage?
  /// The evidence; nil if it was not requested or the archive was standard input.
  public var evidence: DetectionEvidence?
  /// The exception that covers the detection; nil if the detection needs attention.
  public var suppressed: Suppression?

  public init(
    rule: RuleMetadata, clientIP: IPAddress?, restOfKey: [Column] = [], windowStart: EventTime,
    windowEnd: EventTime, firstSeen: EventTime, lastSeen: EventTime, eventCount: Int, columns: [Column],
    message: LogText
  ) {
    self.rule = rule
    self.clientIP = clientIP
    self.restOfKey = restOfKey
    self.windowStart = windowStart
    self.windowEnd = windowEnd
    self.firstSeen = firstSeen
    self.lastSeen = lastSeen
    self.eventCount = eventCount
    self.episode = ""
    self.incident = ""
    self.alsoSeenBy = []
    self.columns = columns
    self.message = message
    self.episode = id
    self.incident = episode
  }

  public subscript(column name: String) -> Value? { columns.first { $0.name == name }?.value }
}

extension Detection {
  /// The detection's id: 32 hexadecimal digits of an XXH3 hash (128 bits, unseeded), the same in every run.
  ///
  /// The hash is of the JSON array of rule, client IP, rest of the key and window start.
  public var id: String {
    Self.id(rule: rule.id, clientIP: clientIP, restOfKey: restOfKey, windowStart: windowStart)
  }

  /// Returns the id of a detection with these values.
  public static func id(
    rule: String, clientIP: IPAddress?, restOfKey: [Column], windowStart: EventTime
  ) -> String {
    var json = JSONWriter()
    json.array { json in
      json.write(.text(LogText(rule)))
      json.write(clientIP.map { .address($0) } ?? .null)
      for part in restOfKey {
        json.write(.text(LogText(part.name)))
        json.write(part.value)
      }
      json.write(.integer(Int(windowStart.milliseconds)))
    }
    return stableHash(json.bytes)
  }

  /// Orders detections as every output does: by rule, window start, client IP, rest of the key.
  public static func inOrder(_ a: Detection, _ b: Detection) -> Bool {
    if a.rule.id != b.rule.id { return a.rule.id.utf8.lexicographicallyPrecedes(b.rule.id.utf8) }
    if a.windowStart != b.windowStart { return a.windowStart < b.windowStart }
    if a.clientIP != b.clientIP { return IPAddress.inOrder(a.clientIP, b.clientIP) }
    for (a, b) in zip(a.restOfKey, b.restOfKey) where a.value != b.value {
      return Value.inOrder(a.value, b.value)
    }
    return false
  }

  /// Sets the episode of detections of one key: the id of the first of those whose windows overlap or touch.
  ///
  /// - Parameter detections: detections of one rule and one key, by window start.
  public static func joinEpisodes(_ detections: inout [Detection]) {
    for i in detections.indices.dropFirst()
    where detections[i].windowStart <= detections[i - 1].windowEnd {
      detections[i].episode = detections[i - 1].episode
    }
  }

  /// One line of NDJSON, without the newline.
  public var ndjson: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("schema", "sluice.detection/1")
      json.member("id", id)
      json.member("rule", rule.id)
      json.member("vendor", rule.vendor)
      json.member("vendor_rule_id", rule.vendorRuleID)
      json.member("title", rule.title)
      json.member("severity", rule.severity)
      json.member("risk_score", rule.riskScore)
      json.member("tactics", rule.tactics)
      json.member("techniques", rule.techniques)
      json.member("client_ip", clientIP.map { .address($0) } ?? .null)
      json.member("window_start", .time(windowStart))
      json.member("window_end", .time(windowEnd))
      json.member("first_seen", .time(firstSeen))
      json.member("last_seen", .time(lastSeen))
      json.member("event_count", eventCount)
      json.member("episode", episode)
      json.member("incident", incident)
      json.member("also_seen_by", alsoSeenBy)
      json.key("columns")
      json.write(columns)
      if let triage {
        json.key("triage")
        triage.write(to: &json)
      } else {
        json.member("triage", .null)
      }
      if let evidence {
        json.key("evidence")
        evidence.write(to: &json)
      } else {
        json.member("evidence", .null)
      }
      if let suppressed {
        json.key("suppressed")
        suppressed.write(to: &json)
      }
      json.member("message", .text(message))
    }
    return json.bytes
  }
}

extension JSONWriter {
  /// Writes columns as one object, in their order.
  public mutating func write(_ columns: [Detection.Column]) {
    object { json in for column in columns { json.member(column.name, column.value) } }
  }
}
