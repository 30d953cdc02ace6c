import Mustache
import SluiceEngine
import SluiceRecords

/// A scan's result as one page of HTML, for people who were not there: what was found, how bad it is, what to do, and how far
/// the result can be trusted.
///
/// The page is one file that loads nothing, runs nothing and needs nothing; its policy allows styles alone. The same result
/// gives the same bytes, but for the run's own figures, which are its last part. Long lists are cut where ``Limits`` say, and
/// the page says what it leaves out. Size and time grow with those limits, not with the detections, of which each is
/// looked at a few times.
public struct Report {
  /// What is shown at most.
  enum Limits {
    static let cards = 60
    static let worst = 20
    /// Of incidents without a card.
    static let rows = 1000
    static let problems = 20
    static let exceptions = 200
    static let emptyStretches = 20
  }

  let result: ScanResult
  let guidance: RuleGuidance

  /// - Parameter book: the rules that were scanned for, among others.
  public init(_ result: ScanResult, _ book: Rulebook) {
    self.result = result
    guidance = RuleGuidance(book, rules: result.figures.detections.map(\.rule))
  }

  public var html: [UInt8] {
    guard let page = ReportTemplates.library.render(object, withTemplate: "page") else {
      preconditionFailure("the page's template is missing")
    }
    return Array(page.utf8)
  }

  /// What the templates are given.
  var object: ReportObject {
    let episodes = Episode.grouped(result.shown)
    let incidents = IncidentCard.sorted(Incident.grouped(episodes))
    let cards = incidents.prefix(Limits.cards).enumerated().map { IncidentCard($1, number: $0 + 1) }
    let rest = incidents.dropFirst(Limits.cards)
    let rows = rest.prefix(Limits.rows).enumerated().map {
      IncidentCard($1, number: Limits.cards + $0 + 1).row
    }
    var object: ReportObject = [
      "version": Product.version,
      "summary": summary(incidents, episodes),
      "cards": cards.map { $0.object(guidance) },
      "worst": [
        "label": "The worst incidents", "isLinked": true, "rows": cards.prefix(Limits.worst).map(\.row),
      ]
        as ReportObject,
      "rules": rules(episodes), "run": run,
    ]
    if incidents.isEmpty { object["noIncidents"] = noIncidents }
    if let timeline = Timeline(result, shown: episodes).object { object["timeline"] = timeline }
    if !rest.isEmpty {
      object["rest"] = ["label": "Further incidents, without a card", "rows": rows] as ReportObject
      object["restText"] =
        "Only the worst \(ReportText.number(Limits.cards)) incidents have a card. "
        + (rest.count > Limits.rows
          ? "\(ReportText.count(rest.count - Limits.rows, "further incident")), none worse, \(NumberFormat.form(rest.count - Limits.rows, "is", "are")) left out of this page\(Self.compromised(rest.dropFirst(Limits.rows))). "
          : "")
        + "The output of --format ndjson holds all detections with all their columns."
    }
    if let exceptions { object["exceptions"] = exceptions }
    return object
  }

  /// How many of some incidents have compromised users.
  private static func compromised(_ incidents: some Sequence<Incident>) -> String {
    let count = incidents.lazy.filter { $0.compromisedCount ?? 0 > 0 }.count
    return count > 0 ? ", \(ReportText.number(count)) of them with compromised users" : ""
  }

  private var noIncidents: String {
    if result.figures.events == 0 { return "No event was read, so that nothing could be found." }
    return result.detections.isEmpty ? "No rule fired." : "All that was found is covered by exceptions."
  }
}
