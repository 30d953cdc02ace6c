/// Names of MITRE ATT&CK (enterprise) that other formats need besides the ids in rules.
enum ATTACK {
  static let tacticNames = [
    "TA0001": "Initial Access", "TA0002": "Execution", "TA0003": "Persistence",
    "TA0004": "Privilege Escalation",
    "TA0005": "Defense Evasion", "TA0006": "Credential Access", "TA0007": "Discovery",
    "TA0008": "Lateral Movement",
    "TA0009": "Collection", "TA0010": "Exfiltration", "TA0011": "Command and Control", "TA0040": "Impact",
    "TA0042": "Resource Development", "TA0043": "Reconnaissance",
  ]

  /// Names of the techniques in the published rules.
  static let techniqueNames = [
    "T1078": "Valid Accounts", "T1110": "Brute Force", "T1110.001": "Password Guessing",
    "T1110.003": "Password Spraying", "T1110.004": "Credential Stuffing",
  ]

  /// Returns a tactic's name as layers write it, such as `credential-access`; nil if the tactic is unknown.
  static func shortName(ofTactic id: String) -> String? {
    tacticNames[id].map { String($0.lowercased().map { $0 == " " ? "-" : $0 }) }
  }

  static func isSubtechnique(_ id: String) -> Bool { id.contains(".") }

  /// Returns `T1110` for `T1110.004` and for `T1110`.
  static func parent(of id: String) -> String { String(id.prefix { $0 != "." }) }

  /// Returns each parent once, in order of first occurrence.
  static func parents(of ids: [String]) -> [String] {
    ids.map(parent).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
