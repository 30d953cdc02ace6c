import Foundation
import SluiceRecords
import SluiceReference
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// The project's own JSON cases: the walker, and whole scans of an event with the text as a value.
@Suite struct JSONCaseTests {
  @Test func everyCategoryHasValidAndInvalidTexts() {
    #expect(Set(JSONCase.all.map(\.name)).count == JSONCase.all.count, "a name comes twice")
    for category in JSONCase.Category.allCases {
      let verdicts = JSONCase.all.filter { $0.category == category }.map(\.verdict)
      #expect(verdicts.contains(.valid), "\(category)")
      #expect(verdicts.contains(.invalid), "\(category)")
    }
  }

  @Test(arguments: JSONCase.all) func theWalkerDecidesAsStated(text: JSONCase) {
    // An empty text between brackets is an empty array.
    for line in embedded(text.bytes) where !(text.isBlank && line.contains(UInt8(ascii: "["))) {
      #expect(walks(line) == text.isRead, "\(String(decoding: line.prefix(40), as: UTF8.self))")
    }
    let isObject = text.bytes.first { $0 > 0x20 } == UInt8(ascii: "{")
    #expect(walks(text.bytes) == (text.isRead && isObject), "at the top")
  }

  /// Candidates are always parsed, and with `--strict` every line is.
  @Test(arguments: JSONCase.all.filter { !$0.hasNewline && !$0.hasZero })
  func anEventWithATextIsReadOrNamed(text: JSONCase) {
    let reasons: Set<Reason.Word> = ["json", "utf8", "depth", "trailing"]
    for isStrict in [false, true] {
      let head = #"{"eventType":"\#(isStrict ? "policy.evaluate" : "user.account.lock")","#
      let event =
        Array((head + #""published":"2026-01-05T10:00:00Z","x":"#).utf8) + text.bytes + Array("}".utf8)
      let lines = [shortLine(0), event, shortLine(1)]
      let stats = scanned(lines.joinedLines(), named: "a.json") { $0.isStrict = isStrict }.stats
      let expected = referenceDetections(lines: lines, options: ReferenceOptions())
      #expect(stats.records.count == 3)
      #expect(stats.records.events == (text.isRead ? 3 : 2))
      #expect(stats.records.events == expected.events)
      #expect(stats.isComplete == text.isRead)
      #expect(stats.records.rejectedCount == (text.isRead ? 0 : 1))
      #expect(stats.problems.map(\.offset) == (text.isRead ? [] : [shortLine(0).count + 1]))
      #expect(reasons.isSuperset(of: stats.reasons), "\(stats.reasons)")
    }
  }

  /// Zero bytes are no part of a line: the writer was interrupted there.
  @Test(arguments: JSONCase.all.filter { !$0.hasNewline && $0.hasZero })
  func anEventWithAZeroByteIsNamed(text: JSONCase) {
    for isStrict in [false, true] {
      let event = Array(#"{"eventType":"user.account.lock","x":"#.utf8) + text.bytes + Array("}".utf8)
      let lines = [shortLine(0), event, shortLine(1)]
      let stats = scanned(lines.joinedLines(), named: "a.json") { $0.isStrict = isStrict }.stats
      #expect(!text.isRead)
      #expect(stats.records.events == 2)
      #expect(!stats.isComplete)
      #expect(Set(stats.reasons) == ["cut", "zeros"])
    }
  }

  // MARK: The page

  private static let page: String = {
    let path = URL(fileURLWithPath: #filePath)
      .appending(path: "../../../../Sources/SluiceEngine/SluiceEngine.docc/JSON.md").standardized
    return (try? String(contentsOf: path, encoding: .utf8)) ?? ""
  }()

  /// The rows of the page's tables, as cells.
  private static let rows: [[String]] = page.split(separator: "\n").filter { $0.hasPrefix("| ") }.map { row in
    row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
  }

  private static func counts(_ cases: [JSONCase]) -> [String] {
    let valid = cases.count { $0.verdict == .valid }
    let invalid = cases.count { $0.verdict == .invalid }
    return [valid, invalid, cases.count - valid - invalid].map(String.init)
  }

  @Test(arguments: JSONCase.Category.allCases) func thePageCountsTheCases(category: JSONCase.Category) throws
  {
    let row = try #require(Self.rows.first { $0.first == category.rawValue })
    #expect(Array(row.suffix(3)) == Self.counts(JSONCase.all.filter { $0.category == category }))
  }

  @Test func thePageCountsAllCases() throws {
    let row = try #require(Self.rows.first { $0.first == "all" })
    #expect(Array(row.suffix(3)) == Self.counts(JSONCase.all))
  }

  @Test func thePageStatesEveryOpenDecision() {
    let stated = Self.rows.filter { $0.count == 4 && ["read", "rejected"].contains($0[2]) }.map {
      $0.prefix(3)
    }
    let open = JSONCase.all.filter { $0.verdict == .open(isRead: $0.isRead) }
    let expected = open.map { [$0.name, $0.category.rawValue, $0.isRead ? "read" : "rejected"][...] }
    #expect(Set(stated) == Set(expected))
    #expect(stated.count == expected.count)
  }
}
