import SluiceRecords

/// What triage looks at beside the events of the rules that fired.
///
/// Kinds of these events are rules that never fire, so that their events are sharded, merged and freed of copies as all others are.
enum TriageEvents {
  enum Kind: CaseIterable {
    /// `user.session.start` and `user.authentication.*`.
    case signIn
    /// What ThreatInsight saw; the client's address may stand elsewhere.
    case threatInsight
  }

  /// Kept with each event beside what rules show of it.
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
