import SluiceEngine
@testable import SluiceRules

/// The published rules by name.
extension Rule {
  static let accountsLockedOut = named("okta-accounts-locked-out")
  static let credentialStuffing = named("okta-credential-stuffing")
  static let threatInsightUnknownUsers = named("okta-threatinsight-unknown-users")

  static func named(_ id: String) -> Rule {
    guard let rule = Rulebook.builtIn.activeRules([id]).first else { fatalError("there is no rule \(id)") }
    return rule
  }
}
