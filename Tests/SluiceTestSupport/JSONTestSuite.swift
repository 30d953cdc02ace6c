import Foundation

/// The files of JSONTestSuite (https://github.com/nst/JSONTestSuite), which are not part of the repository.
///
/// The variable `SLUICE_JSON_TEST_SUITE` names their folder. `Scripts/test` sets it if the folder lies next to the
/// package, and `Scripts/check/json-test-suite` always. Without it, ``JSONCase`` is all that parsers are held against.
public enum JSONTestSuite {
  private static let folder = ProcessInfo.processInfo.environment["SLUICE_JSON_TEST_SUITE"]

  /// Whether a folder is named. If it does not exist, the tests fail.
  public static var isGiven: Bool { folder != nil }

  /// Returns the names of the files with this initial: `y` must be accepted, `n` refused, `i` is free.
  public static func names(_ letter: String) -> [String] {
    let names = folder.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0) }
    return (names ?? []).filter { $0.hasPrefix(letter + "_") && $0.hasSuffix(".json") }.sorted()
  }

  public static func bytes(_ name: String) throws -> [UInt8] {
    guard let folder else { throw CocoaError(.fileNoSuchFile) }
    return try Array(Data(contentsOf: URL(fileURLWithPath: folder).appending(path: name)))
  }
}
