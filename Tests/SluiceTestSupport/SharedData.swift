import Foundation

/// The folder `shared` of public samples, next to the package or in it, but not part of it.
public enum SharedData {
  public static let folder: URL? = {
    let root = URL(fileURLWithPath: #filePath).appending(path: "../../..").standardizedFileURL
    let places = [root.appending(path: "../shared/data"), root.appending(path: "shared/data")]
    return places.map(\.standardizedFileURL).first { FileManager.default.fileExists(atPath: $0.path) }
  }()

  /// Whether there are samples to test with; a checkout alone has none.
  public static var isPresent: Bool { folder != nil }

  public static func bytes(_ name: String) throws -> [UInt8] {
    guard let folder else { throw CocoaError(.fileNoSuchFile) }
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
}
