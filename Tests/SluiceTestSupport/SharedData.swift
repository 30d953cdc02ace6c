import Foundation
import SluiceRecords

/// Public samples of events, from the folder `shared` next to the package or in it. They are not part of the repository.
///
/// Where the folder is absent, events of the project's own stand in: as many, in the same shapes.
public enum SharedData {
  private static let folder: URL? = {
    let root = URL(fileURLWithPath: #filePath).appending(path: "../../..").standardizedFileURL
    let folders = [root.appending(path: "../shared/data"), root.appending(path: "shared/data")]
    return folders.map(\.standardizedFileURL).first { FileManager.default.fileExists(atPath: $0.path) }
  }()

  public static func bytes(_ name: String) throws -> [UInt8] {
    guard let folder else { return standIns(for: name).joinedLines() }
    return try Array(Data(contentsOf: folder.appending(path: name)))
  }

  /// Returns the lines of a sample without their newlines; the file ends with a newline.
  public static func lines(_ name: String) throws -> [[UInt8]] {
    try bytes(name).split(separator: UInt8(ascii: "\n")).map(Array.init)
  }

  /// Samples whose events are the top-level objects of their lines, as Okta writes them.
  public static let rawSamples = [
    "criblpacks__cribl-okta-rest__I4942I.json.ndjson",
    "observIQ__bindplane-otel-collector__oktaResponseBasic.json.ndjson",
    "grafana__okta-logs-collector__response.json.ndjson", "airbnb__streamalert__okta_new_login.json.ndjson",
    "panther-labs__panther-analysis__okta_tests_plain.ndjson",
  ]

  /// Every sample, with its number of lines according to the README next to it.
  public static let samples: [(name: String, lines: Int)] = [
    ("criblpacks__cribl-okta-rest__I4942I.json.ndjson", 100),
    ("criblpacks__cribl-okta-rest__I4942I.wrapper.json.ndjson", 100),
    ("observIQ__bindplane-otel-collector__oktaResponseBasic.json.ndjson", 2),
    ("grafana__okta-logs-collector__response.json.ndjson", 1),
    ("airbnb__streamalert__okta_new_login.json.ndjson", 1),
    ("panther-labs__panther-analysis__okta_tests_plain.ndjson", 30),
    ("panther-labs__panther-analysis__okta_tests_p_fields.ndjson", 34),
    ("panther-labs__panther-analysis__okta_tests_lowercase.ndjson", 40),
  ]

  // MARK: Stand-ins

  private static func standIns(for name: String) -> [[UInt8]] {
    guard let count = samples.first(where: { $0.name == name })?.lines else {
      preconditionFailure("\(name) is no sample")
    }
    let events = (0..<count).map(event)
    let format: ShipperFormat? =
      name.contains(".wrapper.")
      ? .cribl : name.contains("p_fields") ? .panther : name.contains("lowercase") ? .pantherLowercase : nil
    var rng = SplitMix64(seed: 1)
    return format?.lines(events.map(\.tree), using: &rng) ?? events.map(\.line)
  }

  private static func event(_ number: Int) -> EventBuilder {
    let types = [
      "user.session.start", "policy.evaluate_sign_on", "user.mfa.factor.update", "app.generic.unauth",
    ]
    var event = EventBuilder(
      eventType: .string(types[number % types.count]),
      at: EventTime(milliseconds: 1_767_607_200_000 + Int64(number) * 61_000))
    let user = JSONTree.string("user\(number % 17)@example.org")
    let ip = JSONTree.string("203.0.113.\(number)")
    event.uuid = .string("sample-\(number)")
    event.user = user
    event.ip = number % 5 == 0 ? .null : ip
    event.ipChain = .array([.members(["ip": ip, "version": "V4", "source": .null])])
    event.result = number % 3 == 0 ? "SUCCESS" : "FAILURE"
    event.reason = number % 3 == 0 ? .null : "INVALID_CREDENTIALS"
    event.isProxy = number % 7 == 0 ? true : number % 7 == 1 ? .null : false
    event.logOnlySecurityData = number % 6 == 0 ? #"{"risk":{"level":"LOW"}}"# : nil
    event.target =
      number % 4 == 0
      ? .null
      : .array([.members(["id": "00u1", "type": "User", "alternateId": user, "displayName": "Jane"])])
    return event
  }
}
