/// The answers from the log to an analyst's questions about a detection: the member `triage` of its record.
///
/// It covers events of the detection's client IP from `from` to `to`, both included. Lists are sorted and never null:
/// texts by bytes, numbers ascending, false before true.
public struct Triage: Hashable, Sendable {
  /// ThreatInsight's action.
  public enum Enforcement: String, Sendable {
    /// It denied or limited something.
    case enforced
    /// It let everything pass: log mode, or an exempt zone.
    case logged
  }

  /// The network data logged with the events in the range.
  public struct Networks: Hashable, Sendable {
    public var asNumbers: [Value] = []
    public var asOrgs: [Value] = []
    public var isps: [Value] = []
    public var domains: [Value] = []
    public var isProxy: [Value] = []
    public var countries: [Value] = []
    public var cities: [Value] = []

    public init() {}
  }

  /// The number of the detection's own events in one minute.
  public struct Minute: Hashable, Sendable {
    public var start: EventTime
    public var eventCount: Int

    public init(start: EventTime, eventCount: Int) {
      self.start = start
      self.eventCount = eventCount
    }
  }

  public var from: EventTime
  public var to: EventTime
  public var successCount = 0
  public var successUsers: [LogText] = []
  public var firstSuccess: EventTime?
  /// Attempted users whose account id is in the log.
  public var validTargets: [LogText] = []
  /// All other attempted users.
  public var otherTargets: [LogText] = []
  /// Users that were attempted and then signed in.
  public var compromisedUsers: [LogText] = []
  public var threatInsightResults: [LogText] = []
  /// ThreatInsight's action; nil if it logged nothing, or neither of the two.
  public var enforcement: Enforcement?
  /// The minutes, ascending; minutes without an event are omitted.
  public var minutes: [Minute] = []
  public var networks = Networks()
  /// The number of files that may contain events of the range, and in `filesSkipped` the number of all others.
  public var filesRead = 0
  public var filesSkipped = 0

  public init(from: EventTime, to: EventTime) {
    self.from = from
    self.to = to
  }

  func write(to json: inout JSONWriter) {
    func texts(_ list: [LogText]) -> Value { .list(list.map { .text($0) }) }
    json.object { json in
      json.member("from", .time(from))
      json.member("to", .time(to))
      json.member("success_count", successCount)
      json.member("success_users", texts(successUsers))
      json.member("first_success", firstSuccess.map { .time($0) } ?? .null)
      json.member("valid_targets", texts(validTargets))
      json.member("other_targets", texts(otherTargets))
      json.member("compromised_users", texts(compromisedUsers))
      json.member("threat_insight_results", texts(threatInsightResults))
      json.member("enforcement", enforcement?.rawValue)
      json.member(
        "minutes", .list(minutes.map { .list([.time($0.start), .integer($0.eventCount)]) }))
      json.key("networks")
      json.object { json in
        json.member("as_numbers", .list(networks.asNumbers))
        json.member("as_orgs", .list(networks.asOrgs))
        json.member("isps", .list(networks.isps))
        json.member("domains", .list(networks.domains))
        json.member("is_proxy", .list(networks.isProxy))
        json.member("countries", .list(networks.countries))
        json.member("cities", .list(networks.cities))
      }
      json.member("files_read", filesRead)
      json.member("files_skipped", filesSkipped)
    }
  }
}
