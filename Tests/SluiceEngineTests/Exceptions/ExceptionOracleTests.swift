@testable import SluiceEngine
import SluiceRecords
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// Exceptions over random corpora, against an oracle that reads the records of a scan without exceptions.
@Suite struct ExceptionOracleTests {
  /// An exception as a rules file spells it, and a naive test of whether a record meets it.
  private struct Case: Sendable {
    var text: String
    var covers: @Sendable (Detection) -> Bool
  }

  /// Returns a list of a record as bytes, because Swift's strings treat as equal what the log tells apart.
  private static func values(_ detection: Detection, _ column: String) -> [[UInt8]] {
    guard case .list(let values)? = detection[column: column] else { return [] }
    return values.map { value in
      switch value {
      case .text(let text): text.bytes
      case .integer(let number): Array("\(number)".utf8)
      default: []
      }
    }
  }

  private static func last(_ detection: Detection) -> String { detection.lastSeen.description }
  private static func first(_ detection: Detection) -> String { detection.firstSeen.description }
  private static func address(_ detection: Detection) -> String? { detection.clientIP?.description }

  /// Exceptions for a rule whose columns hold all users and AS numbers.
  private static let cases: [Case] = [
    Case(text: "ip: 192.0.2.1", covers: { address($0) == "192.0.2.1" }),
    Case(text: "cidr: '2001:db8::/32'", covers: { address($0)?.hasPrefix("2001:db8:") == true }),
    Case(text: "cidr: 192.0.0.0/16", covers: { address($0)?.hasPrefix("192.0.") == true }),
    Case(
      text: "user: 'user*'",
      covers: { record in
        let users = values(record, "Esql.target_users")
        return !users.isEmpty && users.allSatisfy { $0.starts(with: Array("user".utf8)) }
      }),
    Case(
      text: "user: ['*@example.org', '*here']",
      covers: { record in
        let users = values(record, "Esql.target_users")
        return !users.isEmpty
          && users.allSatisfy {
            $0.suffix(12).elementsEqual("@example.org".utf8) || $0.suffix(4).elementsEqual("here".utf8)
          }
      }),
    Case(
      text: "asn: [64500, 64496]",
      covers: { record in
        let numbers = values(record, "Esql.source_asn_values")
        return !numbers.isEmpty
          && numbers.allSatisfy { ["64500", "64496"].map { Array($0.utf8) }.contains($0) }
      }),
    Case(
      text: "from: '2026-01-05T10:00:00.001Z', to: '2026-01-05T10:15:00Z'",
      covers: { first($0) >= "2026-01-05T10:00:00.001Z" && last($0) < "2026-01-05T10:15:00.000Z" }),
    Case(text: "rule: okta-accounts-locked-out", covers: { _ in false }),
  ]

  /// Expiry dates as rules files spell them, and as records spell times.
  private static let expiries = [
    nil, ("2026-01-05", "2026-01-05T00:00:00.000Z"),
    ("'2026-01-05T10:04:59.999Z'", "2026-01-05T10:04:59.999Z"),
    ("'2026-01-05T10:15:00Z'", "2026-01-05T10:15:00.000Z"),
  ]

  @Test func exceptionsCoverWhatTheRecordsSay() throws {
    var (suppressed, shown, expired) = (0, 0, 0)
    for seed: UInt64 in 1...80 {
      var rng = SplitMix64(seed: seed &* 77)
      // Times before the epoch or of other years would also compare correctly as text.
      let lines = RandomCorpus(seed: seed).lines
      let cases = (0..<rng.pick([1, 2, 4])).map { _ -> (Case, expiry: (String, String)?) in
        (rng.pick(Self.cases), rng.pick(Self.expiries))
      }
      let text =
        "exceptions:\n"
        + cases.map {
          "  - {\($0.0.text)\($0.expiry.map { ", expires: \($0.0)" } ?? ""), owner: o, reason: r}\n"
        }.joined()
      let (book, diagnostics) = Rulebook.reading(Array(text.utf8), file: "f.yaml")
      let exceptions = try #require(book, "\(diagnostics)").exceptions
      func scan(_ exceptions: [RuleException], threads: Int) -> ScanResult {
        scanned(lines.joinedLines(), named: "a.json") {
          $0.rules = [.credentialStuffing]
          $0.exceptions = exceptions
          $0.threads = threads
          $0.tuning.rangeBytesTarget = 1 << (8 + threads)
          $0.tuning.shardCount = [1, 8, 64][threads % 3]
        }
      }
      let plain = scan([], threads: 1)
      var hidden = [Int](repeating: 0, count: cases.count)
      var expiries = hidden
      let expected = plain.detections.map { detection -> String? in
        let covering = cases.indices.filter { cases[$0].0.covers(detection) }
        let isLiving = { index in cases[index].expiry.map { Self.last(detection) < $0.1 } ?? true }
        let living = covering.first(where: isLiving)
        if let living { hidden[living] += 1 }
        for index in covering where !isLiving(index) { expiries[index] += 1 }
        return living.map { "exception-\($0 + 1)" }
      }
      for threads in [1, 3] {
        let result = scan(exceptions, threads: threads)
        #expect(result.detections.map(\.suppressed?.exception) == expected, "seed \(seed)\n\(text)")
        // Exceptions lose no detection and change nothing else in a record.
        let stripped = result.detections.map { detection in
          var detection = detection.withoutEvidence
          detection.suppressed = nil
          return detection
        }
        let others = plain.detections.map(\.withoutEvidence)
        #expect(stripped == others)
        #expect(stripped.map(\.ndjson) == others.map(\.ndjson))
        #expect(result.shown.count + hidden.reduce(0, +) == plain.detections.count)
        #expect(result.stats.exceptions.map(\.use.hidden) == hidden, "seed \(seed)")
        #expect(result.stats.exceptions.map(\.use.expired) == expiries, "seed \(seed)")
        #expect(result.stats.suppressed.map(\.count) == [hidden.reduce(0, +)])
        #expect(result.stats.detections.map(\.count) == plain.stats.detections.map(\.count))
      }
      suppressed += hidden.reduce(0, +)
      shown += plain.detections.count - hidden.reduce(0, +)
      expired += expiries.reduce(0, +)
    }
    #expect(suppressed > 20, "\(suppressed), \(shown), \(expired)")
    #expect(shown > 20, "\(suppressed), \(shown), \(expired)")
    #expect(expired > 5, "\(suppressed), \(shown), \(expired)")
  }
}
