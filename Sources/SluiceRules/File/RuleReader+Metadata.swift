import SluiceRecords

/// Reading of the metadata, which detections of the rule repeat.
extension RuleReader {
  mutating func metadata() -> RuleMetadata {
    let id = entry["id"].flatMap { text($0) } ?? missing("id") ?? ""
    if let node = entry["id"], !Self.isID(id) {
      report(node.location, "an id is made of at most 100 letters, digits, '-', '_' and '.'")
    }
    let severity = entry["severity"].flatMap { text($0) } ?? missing("severity") ?? ""
    if let node = entry["severity"], !severity.isEmpty, !Self.severities.contains(severity) {
      warn(
        node, "'\(severity)' is no usual severity; these are \(Self.severities.joined(separator: ", "))")
    }
    return RuleMetadata(
      id: id, vendor: entry["vendor"].flatMap { text($0) } ?? "local",
      vendorRuleID: entry["vendor_rule_id"].flatMap { text($0) } ?? id,
      title: entry["title"].flatMap { text($0) } ?? missing("title") ?? "", severity: severity,
      riskScore: riskScore(),
      tactics: texts("tactics") {
        $0.wholeMatch(of: #/TA[0-9]{4}/#) == nil ? "'\($0)' is no ATT&CK tactic, such as TA0006" : nil
      },
      techniques: texts("techniques") {
        $0.wholeMatch(of: #/T[0-9]{4}(\.[0-9]{3})?/#) == nil
          ? "'\($0)' is no ATT&CK technique, such as T1110 or T1110.003" : nil
      })
  }

  /// Returns whether a text is allowed as the id of a rule or of an exception.
  static func isID(_ text: String) -> Bool {
    func isLetterOrDigit(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 }
    return text.utf8.allSatisfy { isLetterOrDigit($0) || "-._".utf8.contains($0) } && text.utf8.count <= 100
  }

  /// Returns the given risk score, or impact times confidence / 100; each number is at most 100.
  mutating func riskScore() -> Int? {
    let score = entry["risk_score"].flatMap { $0.isNull ? nil : integer($0, 0...100) }
    guard let node = entry["risk"] else { return score }
    if let own = entry["risk_score"], !own.isNull {
      report(own.location, "risk_score follows from 'risk' already; give one of them")
    }
    guard let pairs = node.mapping else {
      report(node.location, "{impact: …, confidence: …} should be here")
      return nil
    }
    demandKnownKeys(pairs, Self.riskKeys)
    let levels = Self.riskKeys.compactMap { name -> Int? in
      guard let level = pairs.first(where: { $0.key.name == name })?.value else {
        report(node.location, "'risk' has no '\(name)'")
        return nil
      }
      return integer(level, 0...100)
    }
    return levels.count == 2 ? levels[0] * levels[1] / 100 : nil
  }
}
