import SluiceRecords
import SluiceReference
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Scans one file of the given bytes on one thread.
func scanned(
  _ bytes: [UInt8], named name: String = "a.json.lz4", _ change: (inout ScanOptions) -> Void = { _ in }
) -> ScanResult {
  let folder = TemporaryFolder()
  var options = ScanOptions(paths: [folder.write(name, bytes)])
  options.threads = 1
  change(&options)
  return scanned(options)
}

/// Scans with options that stay within all limits.
func scanned(_ options: ScanOptions) -> ScanResult {
  do {
    return try Scan(options).run()
  } catch {
    fatalError("\(error)")
  }
}

/// Returns a short event that the rule of locked accounts matches, or that no rule matches.
func shortLine(_ number: Int, isLock: Bool = true) -> [UInt8] {
  let type = isLock ? "user.account.lock" : "policy.evaluate"
  return Array(
    #"{"eventType":"\#(type)","published":"2026-01-05T10:00:00Z","uuid":"\#(number)","client":{"ipAddress":"192.0.2.1"}}"#
      .utf8)
}

/// Returns lines of both kinds in turn, each with its newline.
func shortText(_ numbers: Range<Int>) -> [UInt8] {
  numbers.flatMap { shortLine($0, isLock: $0 % 2 == 0) + [UInt8(ascii: "\n")] }
}

extension Detection {
  /// The detection without triage's numbers and evidence, which depend on how an archive is cut into files.
  var withoutFiles: Detection {
    var detection = self
    detection.triage?.filesRead = 0
    detection.triage?.filesSkipped = 0
    return detection.withoutEvidence
  }

  /// The detection without file names, which differ for each scan that writes its own files.
  var withoutEvidence: Detection {
    var detection = self
    detection.evidence = nil
    return detection
  }
}

/// Expects the reference implementation's records of a scan without `--strict`. There, unrecognised records count as
/// events unless they are sampled.
func expectSameRecords(
  events: Int, rejected: [String: Int], _ expected: ReferenceResult, _ comment: Comment
) {
  let reason = Reason.unrecognised.rawValue
  let (sampled, all) = (rejected[reason, default: 0], expected.rejected[reason, default: 0])
  #expect(sampled <= all + expected.eventsWithoutTime, comment)
  #expect(events + sampled == expected.events + all, comment)
  #expect(rejected.filter { $0.key != reason } == expected.rejected.filter { $0.key != reason }, comment)
}

extension RunStats {
  var reasons: [Reason.Word] { problems.map(\.reason) }
}
