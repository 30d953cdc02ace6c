import Foundation
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// The reading of JSONTestSuite that DetectionSemantics.md states; each file goes through a whole scan as a line.
@Suite(.enabled(if: JSONTestSuite.isGiven, "SLUICE_JSON_TEST_SUITE names no folder"))
struct JSONTestSuiteScanTests {
  /// Scans a file's text as the value of a member that no rule uses, in one line.
  private func stats(_ name: String, isCandidate: Bool, isStrict: Bool) throws -> RunStats {
    let type = isCandidate ? "user.account.lock" : "policy.evaluate"
    let head = #"{"eventType":"\#(type)","published":"2026-01-05T10:00:00Z","x":"#
    let line = Array(head.utf8) + (try JSONTestSuite.bytes(name)) + Array("}\n".utf8)
    return scanned(line, named: "a.json") { $0.isStrict = isStrict }.stats
  }

  /// Returns the suite's files without a newline. A newline would end the line, so that the text would not be parsed
  /// whole.
  private func ofOneLine(_ letter: String) throws -> [String] {
    try JSONTestSuite.names(letter).filter {
      try !JSONTestSuite.bytes($0).contains(UInt8(ascii: "\n"))
    }
  }

  /// Candidates are always parsed, and with `--strict` every line is.
  @Test(arguments: [(isCandidate: true, isStrict: false), (isCandidate: false, isStrict: true)])
  func validLinesAreTakenAndNoOthers(line: (isCandidate: Bool, isStrict: Bool)) throws {
    for name in try ofOneLine("y") {
      let stats = try stats(name, isCandidate: line.isCandidate, isStrict: line.isStrict)
      #expect(stats.records.events == 1, "\(name)")
      #expect(stats.isComplete, "\(name)")
    }
    for name in JSONTestSuite.names("n") {
      let stats = try stats(name, isCandidate: line.isCandidate, isStrict: line.isStrict)
      #expect(stats.records.rejectedCount >= 1, "\(name)")
      #expect(!stats.isComplete, "\(name)")
    }
  }

  /// The page names the refused `i_` files; all others are accepted.
  @Test func thePageListsTheRefusedTexts() throws {
    let page = URL(fileURLWithPath: #filePath)
      .appending(path: "../../../../Sources/sluice/sluice.docc/DetectionSemantics.md").standardized
    let text = try String(contentsOf: page, encoding: .utf8)
    let stated = Set(text.matches(of: /`(i_[^`]*)`/).map { "\($0.1).json" })
    let refused = try JSONTestSuite.names("i").filter {
      try stats($0, isCandidate: true, isStrict: false).records.rejectedCount > 0
    }
    #expect(stated == Set(refused))
    for name in refused {
      #expect(try stats(name, isCandidate: false, isStrict: true).records.rejectedCount > 0)
    }
  }
}
