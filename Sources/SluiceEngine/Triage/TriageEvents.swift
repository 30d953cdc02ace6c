import SluiceRecords
import SluiceRules

/// The events that triage examines besides those of the rules that fired.
///
/// Each kind of event is a rule that never fires, so these events are sharded, merged and deduplicated like all others.
enum TriageEvents {
  enum Kind: CaseIterable {
    /// Events of the types `user.session.start` and `user.authentication.*`.
    case signIn
    /// Events of ThreatInsight. The client's address may be in another field.
    case threatInsight
  }

  /// Fields kept with each event besides those that rules show.
  static let fields: [Field] = [.actorID, .isp, .domain]

  static let success = Array("SUCCESS".utf8)
  static let failure = Array("FAILURE".utf8)

  static func rule(_ kind: Kind) -> Rule {
    switch kind {
    case .signIn:
      rule(
        "sign-in",
        .any([
          .isEqual(.eventType, "user.session.start"), .hasPrefix(.eventType, "user.authentication."),
        ]), .client)
    case .threatInsight:
      rule("threat-insight", .isEqual(.eventType, "security.threat.detected"), .clientOrActor)
    }
  }

  private static func rule(_ id: String, _ filter: Predicate, _ clientIP: Rule.ClientIPSource) -> Rule {
    Rule(
      metadata: RuleMetadata(
        id: id, vendor: "", vendorRuleID: "", title: "", severity: "", riskScore: nil, tactics: [],
        techniques: []),
      filter: [Rule.Step(name: id, predicate: filter)], clientIP: clientIP, restOfKey: [], window: .whole,
      windowOfText: .whole, groups: nil, columns: [], condition: .number(0), message: Message(parts: []))
  }
}
