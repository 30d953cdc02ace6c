import Foundation
@testable import SluiceEngine
@testable import SluiceRules
import Testing

/// The users' reference of the rule language. It names every feature, and its example is valid.
@Suite struct RuleReferenceTests {
  private let page: String

  init() throws {
    let root = URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL
    page = try String(
      contentsOf: root.appending(path: "Sources/sluice/sluice.docc/Rules.md"), encoding: .utf8)
  }

  /// Returns the text of a heading's section, up to the next heading.
  private func section(_ heading: String) throws -> Substring {
    let start = try #require(page.range(of: "\n## \(heading)\n"), "\(heading)")
    let rest = page[start.upperBound...]
    return rest[..<(rest.range(of: "\n## ")?.lowerBound ?? rest.endIndex)]
  }

  /// Returns the names that a section does not contain as inline code by themselves.
  private func unnamed(_ names: [String], in heading: String) throws -> [String] {
    let section = try section(heading)
    return names.filter { !section.contains("`\($0)`") }
  }

  @Test func thePageNamesEveryKey() throws {
    #expect(try unnamed(RuleReader.keys + RuleReader.riskKeys, in: "Keys of a rule") == [])
    #expect(try unnamed(RuleReader.severities, in: "Keys of a rule") == [])
    #expect(try unnamed(ReasonMatch.allCases.map(\.rawValue), in: "Keys of a rule") == [])
    #expect(try unnamed(ExceptionReader.keys, in: "Exceptions") == [])
    for (keys, heading) in [(RuleReader.keyPartKeys, "Key"), (RuleReader.windowKeys, "Windows")] {
      let section = try section(heading)
      for key in keys { #expect(section.contains("\(key): "), "\(key)") }
    }
    let columns = try section("Columns")
    for key in RuleReader.groupsKeys { #expect(columns.contains("\(key): "), "\(key)") }
  }

  @Test func thePageNamesEveryFieldAndNoOther() throws {
    #expect(try unnamed(Field.allCases.map(\.name), in: "Fields") == [])
    // The page names no other fields: all other inline code is a value, or the end of a path that is explained.
    let named = try section("Fields").split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    let explained: Set = ["true", "false", "debugContext.debugData", "logOnlySecurityData", "risk"]
    #expect(named.filter { Field(name: $0) == nil && !explained.contains($0) } == [])
  }

  @Test func thePageNamesEveryFunction() throws {
    let text = try section("Columns") + section("Conditions and arithmetic")
    for name in ColumnChecker.functions { #expect(text.contains("`\(name)("), "\(name)") }
    for function in AggregateFunction.allCases where function.argumentCounts.contains(0) {
      #expect(text.contains("`\(function.rawValue)()`"), "\(function)")
    }
    let filters = try section("Filters")
    for name in PredicateChecker.functions { #expect(filters.contains("`\(name)("), "\(name)") }
  }

  /// The last cell of the table says which functions inner groups may have.
  @Test func thePageMarksInnerFunctions() throws {
    let rows = try section("Columns").split(separator: "\n")
    for function in AggregateFunction.allCases {
      let row = try #require(rows.first { $0.hasPrefix("|") && $0.contains("`\(function.rawValue)(") })
      #expect(row.hasSuffix("| yes |") == !function.isOuterOnly, "\(function)")
    }
  }

  @Test func thePageNamesEveryOperator() throws {
    let filters = try section("Filters")
    for word in ExpressionParser.words {
      #expect(filters.contains(" \(word) ") || filters.contains("`\(word) "), "\(word)")
    }
    let operators =
      Expression.Comparison.allCases.map(\.rawValue) + Expression.Operation.allCases.map(\.rawValue)
    #expect(try unnamed(operators, in: "Conditions and arithmetic") == [])
  }

  @Test func thePageStatesTheRealLimits() throws {
    let limits = try section("Limits").replacing("\n", with: " ")
    #expect(limits.contains("At most \(Rulebook.ruleCountMax) rules"))
    #expect(Rulebook.fileBytesMax == 1 << 20)
    #expect(limits.contains("1 MiB"))
    #expect(ExpressionParser.scalarCountMax == 20_000)
    #expect(limits.contains("20,000 characters"))
    #expect(limits.contains("\(ExpressionParser.depthMax) levels"))
    #expect(try section("Windows").contains("`\(DurationText.text(DurationText.millisecondsMax))`"))
    #expect(try section("Filters").contains("more than \(LiteralSet.countMax) of them"))
  }

  @Test func theExampleOfThePageIsSound() throws {
    let parts = page.components(separatedBy: "```")
    try #require(parts.count == 3)
    let example = try #require(parts[1].hasPrefix("yaml\n") ? parts[1].dropFirst(5) : nil)
    let (book, diagnostics) = Rulebook.reading(Array(example.utf8), file: "f.yaml")
    #expect(diagnostics.isEmpty, "\(diagnostics)")
    #expect(book?.exceptions.count == 1, "\(diagnostics)")
    #expect(book?.entries.contains { $0.file == "f.yaml" && $0.isEnabled } == true)
  }
}
