import Foundation
import SluiceTestSupport
import Testing

/// File names are bytes: on the command line, in records, and in written results.
@Suite struct PathBytesTests {
  private let folder = TemporaryFolder()

  /// Runs a script in which `$1` is the folder. `$e` and `$f` are Latin-1 names that differ in one byte, which is not
  /// UTF-8.
  private func script(_ text: String) throws -> Command {
    try Command(
      script: "cd \"$1\"; e=$(printf 'caf\\351.json'); f=$(printf 'caf\\350.json'); \(text)", [folder.path])
  }

  @Test func aPathThatIsNotUTF8IsFound() throws {
    folder.write("a.json", firingText)
    let run = try script("mv a.json \"$e\"; \"$0\" scan \"$e\"")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.lines.count == 1, "\(run.errors)")
    let inspected = try script("\"$0\" inspect \"$e\"")
    #expect(inspected.status == 0, "\(inspected.errors)")
  }

  /// A name may contain the characters that stand for bytes; they then mean themselves.
  @Test func aNameOfPrivateCharactersIsFound() throws {
    let run = try Command("scan", folder.write("\u{EFE9}.json", firingText))
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.lines.count == 1, "\(run.errors)")
  }

  @Test func namesThatDifferInAnInvalidByteDifferInEvidence() throws {
    let lines = firingText.split(separator: UInt8(ascii: "\n")).map(Array.init)
    folder.write("in/a", Array(lines[..<3]).joinedLines())
    folder.write("in/b", Array(lines[3...]).joinedLines())
    let run = try script("mv in/a \"in/$e\"; mv in/b \"in/$f\"; \"$0\" scan in --output found")
    #expect(run.status == 0)
    let record = try json(Array(file(folder.path + "/found").dropLast()))
    let evidence = try #require(record["evidence"] as? [String: Any])
    let events = try #require(evidence["events"] as? [[String: Any]])
    #expect(
      Set(events.compactMap { $0["file"] as? String }) == ["in/caf\u{EFE9}.json", "in/caf\u{EFE8}.json"])

    let id = try #require(record["id"] as? String)
    let shown = try script("\"$0\" show \(id) --detections found in")
    #expect(shown.status == 0, "\(shown.errors)")
    #expect(shown.lines.count == 6, "\(shown.errors)")
    // If the folder was renamed, the names below it identify the files.
    let moved = try script("mv in moved; \"$0\" show \(id) --detections found moved")
    #expect(moved.status == 0, "\(moved.errors)")
    #expect(moved.lines.count == 6, "\(moved.errors)")
  }

  @Test func resultsAreWrittenUnderTheNameThatWasGiven() throws {
    folder.write("a.json", firingText)
    let run = try script(
      "\"$0\" scan a.json --output \"$e\" --stats \"$f\" && test -s \"$e\" && test -s \"$f\"")
    #expect(run.status == 0, "\(run.errors)")
  }

  @Test func partialsAndRulesMayHaveNamesThatAreNotUTF8() throws {
    folder.write("a.json", firingText)
    let run = try script(
      """
      "$0" rules okta-credential-stuffing > "$f"
      "$0" partial a.json --output "$e" && "$0" merge "$e" --rules "$f" && "$0" scan a.json --partials "$e-folder"
      test -d "$e-folder" || exit 9
      """)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.lines.count == 2, "\(run.errors)")
  }

  @Test func aMissingPathIsNamedByItsBytes() throws {
    let run = try script("\"$0\" scan \"$e\"")
    #expect(run.status == 2, "\(run.errors)")
    #expect(run.errors.contains(#"caf\u{efe9}.json"#), "\(run.errors)")
  }
}
