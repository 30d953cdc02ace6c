import Foundation
import SluiceRecords
import Testing

/// The reasons, their page and the schemas.
@Suite struct ReasonTests {
  /// The words of output. A run that ends with `range` has none.
  private static let words = Set(Reason.allCases.map(\.rawValue)).subtracting([Reason.range.rawValue])

  private func read(_ path: String) throws -> String {
    let root = URL(filePath: #filePath).appending(path: "../../..").standardizedFileURL
    return try String(contentsOf: root.appending(path: "Sources/sluice/\(path)"), encoding: .utf8)
  }

  /// The page's parts that begin with a heading of a level, by the heading without its marks.
  private func parts(_ level: String, of text: String) -> [String: String] {
    let parts = "\n\(text)".components(separatedBy: "\n\(level) ").dropFirst()
    return Dictionary(
      uniqueKeysWithValues: parts.map { part in
        let heading = part.prefix { $0 != "\n" }
        return (heading.trimmingCharacters(in: ["`"]), String(part.dropFirst(heading.count)))
      })
  }

  @Test func thePageListsEveryReasonAndNoOther() throws {
    let table = try #require(parts("##", of: try read("sluice.docc/Problems.md"))["All reasons"])
    let rows = table.split(separator: "\n").filter { $0.hasPrefix("| [") }
    let listed = rows.compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) }
    #expect(listed == Self.words.sorted())
    for (word, row) in zip(listed, rows) { #expect(row.hasPrefix("| [`\(word)`](#\(word)) |")) }
  }

  @Test func thePageSaysOfEveryReasonWhatToDo() throws {
    var explained: Set<String> = []
    for section in parts("##", of: try read("sluice.docc/Problems.md")).values {
      for (word, text) in parts("###", of: section) {
        explained.insert(word)
        #expect(text.contains("**What to do:** "), "\(word)")
      }
    }
    #expect(explained == Self.words)
  }

  /// The page's sections divide the reasons as the records of statistics and inspections do.
  @Test(arguments: ["stats", "inspect"]) func theSchemasEnumerateEveryReason(name: String) throws {
    let json = try JSONSerialization.jsonObject(with: Data(try read("Schemas/\(name).json").utf8))
    let schemas = try #require((json as? [String: Any])?["$defs"] as? [String: [String: Any]])
    func reasons(_ schema: String) throws -> Set<String> {
      let properties = try #require(schemas[schema]?["properties"] as? [String: [String: Any]])
      return Set(try #require(properties["reason"]?["enum"] as? [String]))
    }
    let names = try #require(schemas["rejected"]?["propertyNames"] as? [String: Any])
    let rejected = Set(try #require(names["enum"] as? [String]))
    let (problems, shortfalls) = (try reasons("problem"), try reasons("shortfall"))
    let page = parts("##", of: try read("sluice.docc/Problems.md"))
    func explained(_ heading: String) -> Set<String> { Set(parts("###", of: page[heading] ?? "").keys) }
    #expect(rejected == explained("Rejected records"))
    #expect(problems == rejected.union(explained("Problems of files")))
    #expect(shortfalls == explained("Unmet expectations"))
    #expect(problems.union(shortfalls) == Self.words)
  }

  @Test func wordsAreOrderedAndComparedAsText() {
    let words = Reason.allCases.map(\.word)
    #expect(words.sorted().map(\.text) == Reason.allCases.map(\.rawValue).sorted())
    for word in words { #expect(Reason.allCases.filter { word == $0 }.map(\.word) == [word]) }
    #expect(Reason.Word("of-another-version") != .partial)
    #expect("\(Reason.lineLength) \(Reason.lineLength.word)" == "line-length line-length")
  }
}
