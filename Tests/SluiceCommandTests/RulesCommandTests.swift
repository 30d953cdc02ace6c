import Foundation
import SluiceTestSupport
import Testing

/// `sluice rules`, and `sluice scan` with a rules file.
@Suite struct RulesCommandTests {
  private let folder = TemporaryFolder()

  private func write(_ text: String) -> String { folder.write("rules.yaml", Array(text.utf8)) }

  private static let newRule = """
    rules:
      - id: okta-accounts-locked-out
        enabled: false
      - id: any-unlock
        title: Unlocked
        severity: low
        filter: ['not (eventType == "user.account.lock")']
        key: [client_ip]
        window: {length: 1h}
        columns: {n: count()}
        condition: n >= 1

    """

  @Test func theTableListsEveryBuiltInRule() throws {
    let run = try Command("rules")
    #expect(run.status == 0)
    #expect(run.errors.isEmpty)
    #expect(run.lines.count == 9)
    let row = try #require(run.lines.first { $0.hasPrefix("okta-credential-stuffing") })
    for part in [" on ", "Elastic", "medium", "47", "15m every 5m", "max_attempts_per_user <= 2"] {
      #expect(row.contains(part), "\(row)")
    }
    #expect(run.lines.first { $0.hasPrefix("okta-password-spray") }?.contains(" off ") == true)
  }

  @Test func theTableShowsChangedAndNewRulesOfAFile() throws {
    let run = try Command("rules", "--rules", write(Self.newRule))
    #expect(run.status == 0)
    #expect(run.lines.first { $0.hasPrefix("okta-accounts-locked-out") }?.contains(" off ") == true)
    #expect(run.lines.contains { $0.hasPrefix("any-unlock ") && $0.contains(" on ") })
    #expect(run.lines.contains { $0.hasPrefix("any-unlock: ") && $0.contains("slower") })
  }

  @Test func checkNamesEveryError() throws {
    let path = write(
      "rules:\n  - id: okta-credential-stuffing\n    condition: foo > 1\n    risk: 5\n    titel: x\n")
    let run = try Command("rules", "--rules", path, "--check")
    #expect(run.status == 64)
    #expect(run.errors.isEmpty)
    #expect(
      run.lines.map { $0.split(separator: " ")[0] } == ["\(path):3:16:", "\(path):4:11:", "\(path):5:5:"])
    let table = try Command("rules", "--rules", path)
    #expect(table.status == 64)
    #expect(table.output.isEmpty)
    #expect(table.errors == run.text)
    let scan = try Command(
      "scan", folder.write("a.json", firingText), "--rules", path, "--output", folder.path + "/out")
    #expect(scan.status == 64)
    #expect(scan.output.isEmpty)
    #expect(scan.errors == run.text)
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/out"))
  }

  @Test func aNamedRuleIsShownAsAFileThatChecks() throws {
    let run = try Command("rules", "okta-user-account-locked")
    #expect(run.status == 0)
    #expect(
      run.lines.prefix(2) == [
        "# Off. Lines are parsed that hold: user.account.lock, user.account.lock.limit", "rules:",
      ])
    #expect(run.lines.contains { $0.hasPrefix("    key:") })
    #expect(run.lines.contains("    filter:"))
    let check = try Command("rules", "--check", "--rules", write(run.text))
    #expect(check.status == 0)
    #expect(check.lines.count == 1)
    #expect(check.text.hasSuffix(": 1 rule, no errors\n"))
    let changed = try Command("rules", "any-unlock", "--rules", write(Self.newRule))
    #expect(changed.status == 0)
    #expect(changed.lines.contains("    condition: n >= 1"))
    let unknown = try Command("rules", "okta")
    #expect(unknown.status == 64)
    #expect(unknown.output.isEmpty)
    #expect(unknown.errors.contains("there is no rule 'okta'"))
    #expect(
      try Command("rules", "okta-password-spray", "--check", "--rules", write(Self.newRule)).status == 64)
  }

  @Test func rulesGivenTwiceAreRefused() throws {
    let path = write(Self.newRule)
    let archive = folder.write("a.json", firingText)
    for command in [
      ["rules"], ["rules", "--check"], ["scan", archive],
      ["what-if", "okta-accounts-locked-out", "count > 3..5", archive],
    ] {
      let run = try Command(command + ["--rules", path, "--rules", path])
      #expect(run.status == 64, "\(run.errors)")
      #expect(run.output.isEmpty, "\(run.errors)")
      #expect(run.errors.contains("--rules is given 2 times"), "\(run.errors)")
    }
  }

  @Test func checkUsesTheSingularForOneException() throws {
    let exception = "exceptions: [{asn: 1, owner: o, reason: r}]\n"
    let run = try Command("rules", "--check", "--rules", write(exception))
    #expect(run.text.hasSuffix(": 0 rules, 1 exception, no errors\n"))
  }

  @Test func checkOfASoundFileShowsWarningsAndSucceeds() throws {
    let path = write(Self.newRule)
    let run = try Command("rules", "--rules", path, "--check")
    #expect(run.status == 0)
    try #require(run.lines.count == 2)
    #expect(run.lines[0].hasPrefix("\(path):7:13: warning: "))
    #expect(run.lines[1] == "\(path): 2 rules, no errors")
    #expect(try Command("rules", "--check").status == 64)
    let missing = try Command("rules", "--check", "--rules", folder.path + "/none")
    #expect(missing.status == 64)
    #expect(missing.errors.contains("none"))
    #expect(try Command("scan", "--rules", folder.path + "/none", "-").status == 64)
    #expect(try Command("rules", "--check", "--rules", folder.path).status == 64)
  }

  @Test func aScanUsesTheRulesOfAFile() throws {
    let path = folder.write("a.json", firingText)
    let run = try Command("scan", path, "--rules", write(Self.newRule), "--quiet")
    let record = try json(run.output)
    #expect(run.status == 0)
    #expect(run.lines.count == 1)
    #expect(run.errors.isEmpty)
    #expect(record["rule"] as? String == "any-unlock")
    #expect(record["event_count"] as? Int == 1)
    #expect(record["message"] as? String == "Unlocked")
    #expect(record["vendor"] as? String == "local")
  }

  /// `--rule` turns on disabled rules, both built-in ones and those of a file.
  @Test func namingARuleTurnsItOn() throws {
    let path = folder.write("a.json", firingText)
    let locked = try Command("scan", path, "--rule", "okta-user-account-locked")
    #expect(locked.status == 0)
    #expect(locked.lines.count == 6)
    let off = write(Self.newRule)
    #expect(
      try Command("scan", path, "--rules", off, "--rule", "okta-accounts-locked-out", "--quiet").lines.count
        == 1)
    let unknown = try Command("scan", path, "--rule", "okta")
    #expect(unknown.status == 64)
    #expect(unknown.errors.contains("there is no rule 'okta'"))
  }

  /// Content of a rules file reaches the terminal only with visible escapes.
  @Test func controlCharactersInARulesFileAreEscaped() throws {
    let path = write("rules:\n  - \"id\\e[31m\": x\n    \"\\u202e\": y\n")
    let run = try Command("rules", "--rules", path, "--check")
    #expect(run.status == 64)
    #expect(
      run.text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0.value < 0x7F }, "\(run.text)")
  }
}
