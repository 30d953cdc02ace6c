/// Metadata of the three rules as their vendors publish it.
extension RuleMetadata {
  /// Datadog, default rule def-000-laz.
  public static let threatInsightUnknownUsers = RuleMetadata(
    id: "okta-threatinsight-unknown-users", vendor: "Datadog", vendorRuleID: "def-000-laz",
    title: "Okta ThreatInsight login failure spikes with unknown users", severity: "medium", riskScore: nil,
    tactics: ["TA0001"], techniques: ["T1078"])

  /// Elastic, detection-rules, ES|QL.
  public static let credentialStuffing = RuleMetadata(
    id: "okta-credential-stuffing", vendor: "Elastic", vendorRuleID: "94e734c0-2cda-11ef-84e1-f661ea17fbce",
    title: "Potential Okta Credential Stuffing (Single Source)", severity: "medium", riskScore: 47,
    tactics: ["TA0006"], techniques: ["T1110", "T1110.004"])

  /// Splunk, security_content, version 3.
  public static let accountsLockedOut = RuleMetadata(
    id: "okta-accounts-locked-out", vendor: "Splunk", vendorRuleID: "a511426e-184f-4de6-8711-cfd2af29d1e1",
    title: "Okta Multiple Accounts Locked Out", severity: "medium", riskScore: 49,
    tactics: ["TA0006"], techniques: ["T1110"])
}
