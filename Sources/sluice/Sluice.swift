import ArgumentParser

@main
struct Sluice: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sluice",
    abstract: "Finds in archived Okta System Logs what three published detections would have found.",
    discussion: """
      Reads NDJSON, plain or LZ4-compressed, and reports exactly the firings of Datadog's "Okta ThreatInsight login \
      failure spikes with unknown users", Elastic's "Potential Okta Credential Stuffing (Single Source)" and Splunk's \
      "Okta Multiple Accounts Locked Out".
      """,
    version: "0.1.0",
    subcommands: [ScanCommand.self, GenerateCommand.self, DecodeCommand.self])
}
