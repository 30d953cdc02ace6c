import Foundation
@testable import SluiceEngine
import SluiceRecords
@testable import SluiceRules
import Testing

/// A partial that an early build of format version 2 wrote, and its source files.
@Suite struct GoldenPartialTests {
  private static let folder = URL(fileURLWithPath: #filePath).appending(path: "../../../Golden/partial-2")
    .standardizedFileURL.path

  private func options() throws -> ScanOptions {
    let text = try contents(of: Self.folder + "/rules.yaml")
    let (book, diagnostics) = Rulebook.reading(text, file: "rules.yaml")
    var options = ScanOptions(paths: [])
    options.rules = try #require(book, "\(diagnostics)").activeRules()
    options.triages = false
    return options
  }

  @Test func theGoldenPartialReadsAsThePageSays() throws {
    let file = try contents(of: Self.folder + "/one.partial")
    #expect(file.count < 20_000)
    let partials = try PartialOracle.all(file)
    #expect(partials.count == 1)
    let partial = try #require(partials.first)
    #expect(partial.sources.map { String(decoding: $0.path, as: UTF8.self) } == ["a.json", "b.json.gz"])
    #expect(partial.contract.shardCount == 4)
    #expect(partial.contract.filters.count == 4)
    // 13 locks, each for two rules; 25 sign-ins; a threat.
    #expect(partial.rows.count == 52)
    #expect(partial.rows.count { $0.groupKind == 2 } == 13)
    #expect(partial.rows.count { $0.groupKind == 0 } == 7)
    #expect(partial.rows.count { $0.uuid == .none } == 12)
    #expect(partial.totals.counts["records"] == 42)
    #expect(partial.totals.counts["events"] == 40)
    #expect(partial.totals.counts["blank_lines"] == 1)
    #expect(partial.totals.rejected == ["json": 1, "time": 1])
    #expect(Set(partial.totals.problems.map(\.reason)) == ["content-checksum", "json", "time"])
    #expect(partial.totals.problems.allSatisfy { $0.source == 1 && $0.count == 1 })
  }

  @Test func theGoldenPartialMergesIntoKnownDetections() throws {
    let result = try Scan(try options()).merging([Self.folder + "/one.partial"], expected: 2)
    let found = result.detections.map {
      "\($0.rule.id) \($0.clientIP?.description ?? "null") \($0.windowStart) \($0.eventCount)"
    }
    #expect(
      found == [
        "locks-by-user null 2026-01-05T10:00:00.000Z 6",
        "okta-accounts-locked-out null 2026-01-05T10:00:00.000Z 6",
        "okta-accounts-locked-out 192.0.2.1 2026-01-05T10:30:00.000Z 6",
        "okta-credential-stuffing 2001:db8::7 2026-01-05T10:50:00.000Z 25",
        "okta-credential-stuffing 2001:db8::7 2026-01-05T10:55:00.000Z 25",
        "okta-credential-stuffing 2001:db8::7 2026-01-05T11:00:00.000Z 25",
        "okta-threatinsight-unknown-users 192.0.2.9 2026-01-05T12:00:00.000Z 1",
      ])
    // The repeated lock counts for two rules.
    #expect(result.stats.duplicates == 2)
    #expect(result.stats.records.rejected == ["json": 1, "time": 1])
    #expect(result.stats.problems.map(\.reason) == ["content-checksum", "json", "time"])
  }

  /// The result equals a scan of the source files, which are in another folder now.
  @Test func theGoldenPartialHoldsWhatAScanFinds() throws {
    var options = try options()
    let merged = try Scan(options).merging([Self.folder + "/one.partial"])
    options.paths = ["a.json", "b.json.gz"].map { "\(Self.folder)/\($0)" }
    #expect(merged.detections.map(\.withoutFiles) == scanned(options).detections.map(\.withoutFiles))
  }
}
