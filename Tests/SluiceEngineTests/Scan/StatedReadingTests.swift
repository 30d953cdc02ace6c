import Foundation
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// DetectionSemantics.md states a reading of JSONTestSuite; each file goes through a whole scan as a line.
@Suite(.enabled(if: SharedData.isPresent)) struct StatedReadingTests {
  /// A file's text as the value of a member that no rule asks for, as one line where it is one.
  private func figures(_ name: String, isCandidate: Bool, isStrict: Bool) throws -> RunStats {
    let type = isCandidate ? "user.account.lock" : "policy.evaluate"
    let head = #"{"eventType":"\#(type)","published":"2026-01-05T10:00:00Z","x":"#
    let line = Array(head.utf8) + (try SharedData.bytes("json-test-suite/" + name)) + Array("}\n".utf8)
    return scanned(line, named: "a.json") { $0.isStrict = isStrict }.figures
  }

  /// Of the suite's files, in which a newline ends the line as everywhere, so that it is not looked at as a whole.
  private func ofOneLine(_ letter: String) throws -> [String] {
    try SharedData.jsonTestSuite(letter).filter {
      try !SharedData.bytes("json-test-suite/" + $0).contains(UInt8(ascii: "\n"))
    }
  }

  /// Candidates are looked at always, and with `--strict` every line.
  @Test(arguments: [(isCandidate: true, isStrict: false), (isCandidate: false, isStrict: true)])
  func validLinesAreTakenAndNoOthers(line: (isCandidate: Bool, isStrict: Bool)) throws {
    for name in try ofOneLine("y") {
      let figures = try figures(name, isCandidate: line.isCandidate, isStrict: line.isStrict)
      #expect(figures.events == 1 && figures.isComplete, "\(name)")
    }
    for name in SharedData.jsonTestSuite("n") {
      let figures = try figures(name, isCandidate: line.isCandidate, isStrict: line.isStrict)
      #expect(figures.rejectedCount >= 1 && !figures.isComplete, "\(name)")
    }
  }

  /// The page names the `i_` files that are refused; all others are taken.
  @Test func thePageListsTheRefusedTexts() throws {
    let page = URL(fileURLWithPath: #filePath)
      .appending(path: "../../../../Sources/sluice/sluice.docc/DetectionSemantics.md").standardized
    let text = try String(contentsOf: page, encoding: .utf8)
    let stated = Set(text.matches(of: /`(i_[^`]*)`/).map { "\($0.1).json" })
    let refused = try SharedData.jsonTestSuite("i").filter {
      try figures($0, isCandidate: true, isStrict: false).rejectedCount > 0
    }
    #expect(stated == Set(refused))
    for name in refused { #expect(try figures(name, isCandidate: false, isStrict: true).rejectedCount > 0) }
  }
}
