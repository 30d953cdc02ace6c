import Foundation
import SluiceTestSupport
import Testing

/// `sluice what-if`, option by option.
@Suite struct WhatIfCommandTests {
  private let folder = TemporaryFolder()

  private func whatIf(_ arguments: String...) throws -> Command { try Command(["what-if"] + arguments) }

  @Test func theTableHasARowForEachThreshold() throws {
    let run = try whatIf("okta-accounts-locked-out", "count > 4..6", folder.write("a.json", firingText))
    #expect(run.status == 0)
    #expect(run.errors.isEmpty)
    #expect(
      run.lines == [
        "count >  DETECTIONS  EPISODES", "      4           1         1",
        "      5           1         1  < the rule's own", "      6           0         0",
      ])
  }

  @Test func jsonHasAnObjectForEachThreshold() throws {
    let path = folder.write("a.json", firingText)
    let run = try whatIf("okta-accounts-locked-out", "count > 5.5..6 step 0.25", path, "--format", "json")
    #expect(
      run.text
        == #"""
        {"schema":"sluice.what-if/1","rule":"okta-accounts-locked-out","column":"count","operator":">",\#
        "own_value":5,"values":[{"value":5.5,"detections":1,"episodes":1},{"value":5.75,"detections":1,\#
        "episodes":1},{"value":6,"detections":0,"episodes":0}],"complete":true}
        """#
        + "\n")
  }

  /// The features shared with `scan`: rules and exceptions of a file, the time range, standard input, duplicates.
  @Test func optionsOfAScanApply() throws {
    let path = folder.write("a.json", firingText + firingText)
    let rules = folder.write(
      "rules.yaml", Array("exceptions:\n  - {ip: 203.0.113.7, owner: o, reason: r}\n".utf8))
    func points(_ arguments: String..., input: [UInt8] = []) throws -> [[Int]] {
      let run = try Command(
        ["what-if", "okta-accounts-locked-out", "count > 5..6", "--format", "json"] + arguments, input: input)
      // The range has no event after the day before.
      #expect(run.status == (arguments.contains("--from") ? 2 : 0))
      let values = try #require(try json(run.output)["values"] as? [[String: Any]])
      return values.map { value in ["detections", "suppressed"].compactMap { value[$0] as? Int } }
    }
    #expect(try points(path) == [[1], [0]])
    #expect(try points(path, "--rules", rules) == [[1, 1], [0, 0]])
    #expect(try points(path, "--keep-duplicates", "--threads", "3") == [[1], [1]])
    #expect(try points(path, "--from", "2026-01-06") == [[0], [0]])
    #expect(try points("-", input: firingText) == [[1], [0]])
  }

  @Test func exitStatusFollowsInputAndOutput() throws {
    let broken = firingText + Array("{\"eventType\":\"user.account.lock\"\n".utf8)
    let path = folder.write("a.json", broken)
    let run = try whatIf("okta-accounts-locked-out", "count > 5..6", path, "--format", "json")
    #expect(run.status == 2)
    #expect(run.errors.contains(path))
    #expect(try json(run.output)["complete"] as? Bool == false)
    let quiet = try whatIf("okta-accounts-locked-out", "count > 5..6", path, "--quiet")
    #expect(quiet.status == 2)
    #expect(quiet.errors.split(separator: "\n").count == 1)
    #expect(try whatIf("okta-accounts-locked-out", "count > 5..6", path, "--max-total", "10").status == 3)
    let closed = try Command(
      script: "\"$0\" what-if okta-accounts-locked-out 'count > 5..6' \"$1\" >&-", [path])
    #expect(closed.status == 3)
  }

  @Test func wrongUsageIsExplained() throws {
    let path = folder.write("a.json", firingText)
    for (rule, term, says) in [
      ("none", "count > 1..2", "there is no rule 'none'"),
      ("okta-accounts-locked-out", "count >= 1..2", "'count > 5'"),
      ("okta-accounts-locked-out", "count > 2..1", "is empty"),
      ("okta-accounts-locked-out", "count > 1", "no range"),
      ("okta-accounts-locked-out", "\u{1B}[31m > 1..2", "\\u{1b}[31m"),
      ("okta-brute-force-device-token-rotation", "total_attempts >= 1..2", "stands 3 times"),
    ] {
      let run = try whatIf(rule, term, path)
      #expect(run.status == 64, "\(term): \(run.errors)")
      #expect(run.output.isEmpty, "\(term): \(run.errors)")
      #expect(run.errors.contains(says), "\(term): \(run.errors)")
    }
    #expect(try whatIf("okta-accounts-locked-out", "count > 1..2").status == 64)
    #expect(try whatIf("okta-accounts-locked-out", "count > 1..2", path, "--threads", "0").status == 64)
    #expect(try whatIf("okta-accounts-locked-out", "count > 1..2", path, "--output", "x").status == 64)
  }

  /// A disabled rule may be tested.
  @Test func aRuleThatIsOffMayBeAskedAbout() throws {
    let run = try whatIf(
      "okta-user-account-locked", "event_count >= 1..2", folder.write("a.json", firingText))
    #expect(run.status == 0)
    #expect(run.lines.dropFirst().map { $0.split(separator: " ")[1] } == ["6", "0"])
  }
}
