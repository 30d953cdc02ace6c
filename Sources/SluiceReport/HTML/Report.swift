import Mustache
import SluiceEngine
import SluiceRecords
import SluiceRules

/// A scan's result as one HTML page for people who did not see the run: results, severity, next steps and reliability.
///
/// The page is one file without scripts and external resources; its policy allows only styles. The same result gives
/// the same bytes, except for the statistics of the run in the last part. Long lists are cut according to ``Limits``,
/// and the page says what it omits. Size and time grow with these limits, not with the number of detections; each
/// detection is visited a few times.
package struct Report {
  /// The maximum numbers of items on the page.
  enum Limits {
    static let cards = 60
    static let worst = 20
    /// The maximum number of incidents without a card.
    static let rows = 1000
    static let problems = 20
    static let exceptions = 200
    static let emptyStretches = 20
  }

  let result: ScanResult
  let guidance: RuleGuidance

  /// - Parameter book: a rulebook that includes the rules of the scan.
  package init(_ result: ScanResult, _ book: Rulebook) {
    self.result = result
    guidance = RuleGuidance(book, rules: result.stats.detections.map(\.rule))
  }

  package var html: [UInt8] {
    guard let page = ReportTemplates.library.render(object, withTemplate: "page") else {
      preconditionFailure("the page's template is missing")
    }
    return Array(page.utf8)
  }

  /// The input of the templates.
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
          ? "\(ReportText.count(rest.count - Limits.rows, "further incident")), none worse, "
            + "\(NumberFormat.form(rest.count - Limits.rows, "is", "are")) left out of this page"
            + "\(Self.compromised(rest.dropFirst(Limits.rows))). "
          : "")
        + "The output of --format ndjson holds all detections with all their columns."
    }
    if let exceptions { object["exceptions"] = exceptions }
    return object
  }

  /// Returns how many of the incidents have compromised users.
  private static func compromised(_ incidents: some Sequence<Incident>) -> String {
    let count = incidents.lazy.filter { $0.compromisedCount ?? 0 > 0 }.count
    return count > 0 ? ", \(ReportText.number(count)) of them with compromised users" : ""
  }

  private var noIncidents: String {
    if result.stats.records.events == 0 { return "No event was read, so that nothing could be found." }
    return result.detections.isEmpty ? "No rule fired." : "All that was found is covered by exceptions."
  }
}
