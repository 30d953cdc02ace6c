import Foundation
import SluiceEngine
@testable import SluiceReport
import SluiceTestSupport
import Testing

/// The options `--format`, `--csv-raw`, `--limit` and `--risk` of `scan`.
@Suite struct FormatCommandTests {
  private let folder = TemporaryFolder()

  private func scan(_ format: OutputFormat, _ arguments: String...) throws -> Command {
    try Command(["scan", folder.write("in/a.json", firingText), "--format", format.rawValue] + arguments)
  }

  private func exception() -> String {
    folder.write(
      "rules.yaml", Array("exceptions: [{id: known, ip: 203.0.113.7, owner: o, reason: r}]\n".utf8))
  }

  /// Covers all formats but the table and the HTML page, which say how long the run took.
  @Test(arguments: OutputFormat.allCases.filter { $0 != .table && $0 != .html })
  func aFileHoldsWhatStandardOutputWouldShow(format: OutputFormat) throws {
    let shown = try scan(format)
    let path = folder.path + "/out"
    let written = try scan(format, "--output", path)
    #expect(shown.status == 0)
    #expect(written.status == 0)
    #expect(written.output.isEmpty)
    #expect(try file(path) == shown.output)
    #expect(!shown.output.isEmpty)
    #expect(shown.errors.isEmpty)
  }

  @Test func aTableInAFileIsPlain() throws {
    let path = folder.path + "/out"
    _ = try scan(.table, "--output", path)
    let text = String(decoding: try file(path), as: UTF8.self)
    #expect(text.contains("203.0.113.7"))
    #expect(!text.contains("\u{1B}"))
    #expect(!text.contains("…"))
  }

  @Test func everyFormatHasOneRecordForADetection() throws {
    #expect(try scan(.csv).text.split(separator: "\r\n").count == 2)
    for format in [OutputFormat.ocsf, .ecs] { #expect(try scan(format).lines.count == 1) }
    #expect(try json(try scan(.ocsf).output)["class_uid"] as? Int == 2004)
    #expect((try json(try scan(.ecs).output)["event"] as? [String: Any])?["kind"] as? String == "alert")
    #expect((try json(try scan(.navigator).output)["techniques"] as? [Any])?.count == 1)
  }

  @Test func suppressedDetectionsAreWrittenAndMarked() throws {
    let rules = exception()
    #expect(try scan(.csv, "--rules", rules).lines.last?.contains(",known,o,r,") == true)
    #expect(try json(try scan(.ocsf, "--rules", rules).output)["status"] as? String == "Suppressed")
    #expect(try json(try scan(.ecs, "--rules", rules).output)["tags"] as? [String] == ["suppressed"])
    #expect((try json(try scan(.navigator, "--rules", rules).output)["techniques"] as? [Any])?.count == 0)
  }

  @Test func optionsOfOneFormatAreRefusedByOthers() throws {
    #expect(try scan(.csv, "--csv-raw").status == 0)
    #expect(try scan(.table, "--limit", "0").text.contains("and 1 more episode"))
    for (format, arguments) in [
      (OutputFormat.ndjson, ["--csv-raw"]), (.csv, ["--limit", "1"]), (.table, ["--limit", "-1"]),
      (.table, ["--csv-raw"]),
    ] {
      let run = try Command(["scan", folder.path, "--format", format.rawValue] + arguments)
      #expect(run.status == 64)
      #expect(run.output.isEmpty)
      #expect(run.errors.contains("--"))
    }
    #expect(try Command("scan", folder.path, "--format", "xml").errors.contains("navigator"))
  }

  // MARK: --risk

  @Test func theRiskFileSumsScoresByUserAndAddress() throws {
    let path = folder.path + "/risk"
    let run = try scan(.ndjson, "--risk", path)
    #expect(run.status == 0)
    #expect(run.lines.count == 1)
    let record = try json(try file(path))
    #expect(record["schema"] as? String == "sluice.risk/1")
    #expect(
      (record["users"] as? [[String: Any]])?.map { $0["total"] as? Int } == Array(repeating: 49, count: 6))
    #expect((record["ips"] as? [[String: Any]])?.map { $0["ip"] as? String } == ["203.0.113.7"])
    #expect(try file(path).last == UInt8(ascii: "\n"))
    #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
    _ = try scan(.ndjson, "--risk", path, "--rules", exception())
    #expect(try json(try file(path))["users"] as? [String] == [])
  }

  /// The risk file behaves like `--stats`: nothing is written unless all results are.
  @Test func theRiskFileIsWrittenOnlyIfEveryResultIs() throws {
    let old = Array("old\n".utf8)
    let risk = folder.write("risk", old)
    #expect(try scan(.ndjson, "--risk", risk, "--output", "/dev/full").status == 3)
    #expect(try file(risk) == old)
    #expect(try scan(.ndjson, "--risk", folder.path + "/none/risk", "--output", risk).status == 3)
    #expect(try file(risk) == old)
    for other in [["--stats", risk], ["--output", risk]] {
      let run = try Command(["scan", folder.path + "/in", "--risk", risk] + other)
      #expect(run.status == 64)
      #expect(run.errors.contains("same file"))
    }
    #expect(try scan(.ndjson, "--risk", folder.path + "/in/a.json").status == 64)
    #expect(try file(risk) == old)
  }
}
