import SluiceEngine
import SluiceRecords

/// One incident as the page shows it.
struct IncidentCard {
  let incident: Incident
  /// The rank from 1, the worst first.
  let number: Int
  private let detections: [Detection]
  private let triages: [Triage]

  init(_ incident: Incident, number: Int) {
    self.incident = incident
    self.number = number
    detections = incident.episodes.flatMap(\.detections)
    triages = detections.compactMap(\.triage)
  }

  // MARK: Order

  /// Sorts incidents, the worst first: by compromised users, then by severity, then by events.
  static func sorted(_ incidents: [Incident]) -> [Incident] {
    // Equally bad incidents keep the order in which they were first seen.
    incidents.enumerated().map { (rank: rank($1) + [-$0], incident: $1) }
      .sorted { $1.rank.lexicographicallyPrecedes($0.rank) }.map(\.incident)
  }

  private static func rank(_ incident: Incident) -> [Int] {
    [
      incident.compromisedCount ?? 0, incident.episodes.lazy.map(\.rule.severityRank).max() ?? 0,
      incident.episodes.lazy.map(\.peakEventCount).max() ?? 0,
    ]
  }

  // MARK: Rows

  /// The incident's row in a table. Its cost does not grow with a detection's lists, except for compromised users.
  var row: ReportObject {
    let severest = incident.episodes.map(\.rule).max { $0.severityRank < $1.severityRank }
    var rules: [String] = []
    for episode in incident.episodes where !rules.contains(episode.rule.id) { rules.append(episode.rule.id) }
    let users = incident.episodes.compactMap(\.peakUserCount).max()
    let compromised = incident.compromisedCount
    var row: ReportObject = [
      "number": number, "ip": incident.clientIP?.description ?? "no client IP",
      "severity": severest?.severity ?? "", "rank": severest?.severityRank ?? 0,
      "rules": rules.joined(separator: ", "),
      "events": ReportText.number(incident.episodes.map(\.peakEventCount).max() ?? 0),
      "users": users.map(ReportText.number) ?? "–",
      "compromised": compromised.map(ReportText.number) ?? "not known",
      "first": ReportText.minute(incident.firstSeen), "last": ReportText.minute(incident.lastSeen),
    ]
    if compromised ?? 0 > 0 { row["isCompromised"] = true }
    return row
  }

  // MARK: Cards

  func object(_ guidance: RuleGuidance) -> ReportObject {
    let rules = Set(incident.episodes.map(\.rule.id)).sorted()
    var card = row
    card["id"] = incident.id
    card["verdict"] = verdict
    card["charts"] = rules.compactMap(chart)
    if triages.isEmpty {
      card["noChart"] = "Events by minute are not known, as this incident was not triaged."
    }
    card["lists"] = lists
    card["threatInsight"] = threatInsight
    card["successes"] = triages.map(\.successCount).max().map(ReportText.number) ?? "not known"
    card["firstSuccess"] = triages.compactMap(\.firstSuccess).min().map(ReportText.second)
    card["windows"] = ReportText.number(detections.count)
    card["episodes"] = incident.episodes.prefix(Self.episodesShownMax).map { row(of: $0, guidance) }
    let more = incident.episodes.count - Self.episodesShownMax
    if more > 0 { card["moreEpisodes"] = ReportText.count(more, "more episode") }
    card["falsePositives"] = Self.distinct(rules.flatMap(guidance.falsePositives))
    card["nextSteps"] = Self.distinct(ownSteps + rules.flatMap(guidance.nextSteps))
    return card
  }

  private static let episodesShownMax = 12

  /// Returns each text once, in order of first occurrence.
  private static func distinct(_ texts: [String]) -> [String] {
    var seen: Set<String> = []
    return texts.filter { seen.insert($0).inserted }
  }

  private var compromised: [LogText] { incident.compromisedUsers ?? [] }

  private func union(_ list: (Triage) -> [LogText]) -> [LogText] {
    var all: Set<LogText> = []
    for triage in triages { all.formUnion(list(triage)) }
    return all.sorted()
  }

  private var verdict: String {
    let users = compromised
    if !users.isEmpty {
      return
        """
        \(ReportText.count(users.count, "attempted user")) then signed in from this address: take the \
        \(NumberFormat.form(users.count, "account")) for compromised.
        """
    }
    guard let successes = triages.map(\.successCount).max() else {
      return incident.clientIP == nil
        ? "Whether anyone signed in is not known: the events name no client IP."
        : "Whether anyone signed in is not known: this incident was not triaged."
    }
    return successes == 0
      ? "No sign-in from this address succeeded."
      : "\(ReportText.count(successes, "sign-in")) from this address succeeded, none by a user after an attempt on that user."
  }

  private var threatInsight: String {
    if triages.contains(where: { $0.enforcement == .enforced }) {
      return "enforced: it denied or limited requests"
    }
    if triages.contains(where: { $0.enforcement == .logged }) {
      return "logged only: it let all requests pass"
    }
    return triages.isEmpty ? "not known" : "no verdict in the log"
  }

  private var ownSteps: [String] {
    var steps: [String] = []
    if !compromised.isEmpty {
      let since = triages.compactMap(\.firstSuccess).min().map { " since \(ReportText.second($0))" } ?? ""
      steps.append(
        "Reset the passwords and factors of the compromised users, end their sessions, and look at what they did\(since)"
      )
    }
    if !triages.contains(where: { $0.enforcement == .enforced }),
      triages.contains(where: { $0.enforcement == .logged })
    {
      steps.append("Set ThreatInsight to log and enforce: for this address it only logged")
    }
    return steps
  }

  private func row(of episode: Episode, _ guidance: RuleGuidance) -> ReportObject {
    [
      "rule": episode.rule.id, "vendor": episode.rule.vendor, "anchor": guidance.anchor(episode.rule.id),
      "windows": ReportText.number(episode.windowCount), "events": ReportText.number(episode.peakEventCount),
      "users": episode.peakUserCount.map(ReportText.number) ?? "–",
      "first": ReportText.second(episode.firstSeen), "last": ReportText.second(episode.lastSeen),
    ]
  }

  // MARK: Lists

  private var lists: [ReportObject] {
    let networks = triages.map(\.networks)
    let valid = union(\.validTargets)
    let others = union(\.otherTargets)
    let attempted = triages.isEmpty ? Set(detections.flatMap { $0.users ?? [] }).sorted() : []
    func values(_ columns: [String], _ logged: KeyPath<Triage.Networks, [Value]>? = nil) -> [String] {
      var all = Set(
        detections.flatMap { detection in columns.flatMap { Self.elements(detection[column: $0]) } })
      if let logged { for network in networks { all.formUnion(network[keyPath: logged]) } }
      return all.sorted(by: Value.inOrder).map(ReportText.value)
    }
    var lists = [
      ReportText.list("Compromised users", compromised.map(\.description)),
      ReportText.list("Attempted, with an account", valid.map(\.description)),
      ReportText.list("Attempted, without an account", others.map(\.description)),
      ReportText.list("Attempted users", attempted.map(\.description)),
      ReportText.list("User agents", values(["Esql.user_agent_values", "user_agents", "user_agent"])),
      ReportText.list("Devices", values(["Esql.device_values"])),
      ReportText.list("Countries", values(["Esql.geo_country_values", "countries"], \.countries)),
      ReportText.list("Cities", values(["Esql.geo_city_values", "cities"], \.cities)),
      ReportText.list("AS organisations", values(["Esql.source_asn_org_values", "as_orgs"], \.asOrgs)),
      ReportText.list("AS numbers", values(["Esql.source_asn_values", "as_numbers"], \.asNumbers)),
      ReportText.list("Providers", values([], \.isps)),
      ReportText.list("Domains", values([], \.domains)),
      ReportText.list("Proxy", values(["Esql.is_proxy_values", "is_proxy"], \.isProxy)),
      ReportText.list("ThreatInsight results", union(\.threatInsightResults).map(\.description)),
    ]
    if !compromised.isEmpty { lists[0]?["isBad"] = true }
    return lists.compactMap { $0 }
  }

  private static func elements(_ value: Value?) -> [Value] {
    switch value {
    case nil, .null: []
    case .list(let values): values
    case .some(let value): [value]
    }
  }

  // MARK: Charts

  private static let chartMinutesMin: Int64 = 30

  /// Returns a chart of one rule's events by minute. A minute in two overlapping windows has the same events in both.
  private func chart(_ rule: String) -> ReportObject? {
    var minutes: [EventTime: Int] = [:]
    for detection in detections where detection.rule.id == rule {
      for minute in detection.triage?.minutes ?? [] {
        minutes[minute.start] = max(minutes[minute.start] ?? 0, minute.eventCount)
      }
    }
    guard let first = minutes.keys.min(), let last = minutes.keys.max() else { return nil }
    let minute: Int64 = 60_000
    // Show at least half an hour, so that a short attack looks short.
    let to = EventTime(
      milliseconds: max(last.milliseconds + minute, first.milliseconds + Self.chartMinutesMin * minute))
    var bars = Bars(from: first, to: to, unit: minute)
    for (start, count) in minutes { bars.add(count, at: start) }
    let per = ReportText.count(Int(bars.binLength / minute), "minute")
    return [
      "chart": "\(number)-\(rule)", "rule": rule, "width": bars.counts.count, "height": Bars.height,
      "bars": bars.path(highest: bars.highest), "from": ReportText.minute(first),
      "to": ReportText.minute(to),
      "per": per,
      "text": """
      \(ReportText.count(minutes.values.reduce(0, +), "event")) in \
      \(per == "1 minute" ? "minutes" : "steps of \(per)"), at most \(ReportText.number(bars.highest)), \
      from \(ReportText.minute(bars.peak)).
      """,
    ]
  }
}
